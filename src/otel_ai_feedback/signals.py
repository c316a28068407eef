"""The one list of signals: what each is, which outputs could have shown it, and in which words.

``migrate`` writes it to the store's table ``signal_list``, which statements read; pages and docs
read it here. A team adds its own in ``signals.toml`` (:func:`parse`), which are user actions of
that name; :func:`add` puts them into the list of this process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, KeysView, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from otel_ai_feedback.attributes import ACTION_NAMES

Good = Literal["high", "low", "neither"]
Tone = Literal["better", "worse", "same"]
Exposure = Literal["page", "control", "turns", "answers", "outputs", "people"]


@dataclass(frozen=True)
class Signal:
    """One signal of ``signal_rates``.

    Attributes:
        name: Its name in the store.
        meaning: What counts, of which outputs.
        good: Which way is good for the user, if either.
        exposure: Which outputs could have shown it, see :data:`EXPOSURES`.
        evidence: Name of the user action that shows it; empty where it is not an action.
        offered: Name of the user action that shows that it was possible; ``evidence`` mostly.
        days: Days from one point to the next.
        own: Whether it is one that a team has added.
        words: How people call it, where that is not its name.
    """

    name: str
    meaning: str
    good: Good
    exposure: Exposure
    evidence: str = ""
    offered: str = ""
    days: int = 1
    own: bool = False
    words: str = ""

    @property
    def label(self) -> str:
        """Its name as people read it."""
        return self.words or self.name.replace("_", " ")

    def tone(self, direction: str) -> Tone:
        """What it means for the user that it ``fell`` or ``rose``."""
        if self.good == "neither":
            return "same"
        return "better" if (direction == "rose") == (self.good == "high") else "worse"


BUILT_IN: Final = (
    Signal("copied", "At least half of the text was copied.", "high", "page", evidence="copied"),
    Signal(
        "accepted",
        "The application's accept control was used.",
        "high",
        "control",
        evidence="accepted",
    ),
    Signal(
        "reasked",
        "The user rephrased the question within 5 minutes.",
        "low",
        "turns",
        evidence="reasked",
        words="asked again",
    ),
    Signal(
        "regenerated",
        "The same prompt was sent again within 30 minutes.",
        "low",
        "turns",
        evidence="regenerated",
    ),
    Signal(
        "closed_fast",
        "The page was closed within 5 seconds, less than half read.",
        "low",
        "page",
        evidence="closed_fast",
    ),
    Signal(
        "edited_heavily",
        "More than a third was changed before use.",
        "low",
        "control",
        evidence="edited_heavily",
        offered="edited",
    ),
    Signal(
        "rejected",
        "The answer was rejected, or its use undone.",
        "low",
        "control",
        evidence="rejected",
    ),
    Signal("failed", "Error or empty answer.", "low", "outputs"),
    Signal(
        "rated",
        "Share of answers with a thumbs up or down.",
        "neither",
        "control",
        evidence="rated",
        words="voted",
    ),
    Signal(
        "followed",
        "A link in the answer was opened.",
        "neither",
        "control",
        evidence="followed",
        words="link followed",
    ),
    Signal(
        "interrupted",
        "The user spoke, or stopped the answer, while it was being spoken.",
        "low",
        "control",
        evidence="interrupted",
    ),
    Signal(
        "returned_7d",
        "Users of last week who came back this week.",
        "high",
        "people",
        days=7,
        words="weekly retention",
    ),
)


@dataclass(frozen=True)
class Outcome:
    """The result of an answer, in one word: the class of an output.

    Attributes:
        name: Its name in the store.
        shown_by: The user action that shows it, or ``failed``, ``closed_fast`` or ``used``, which
            follow from several; empty for the outcome of an answer that shows nothing.
        used: Whether the answer must have been used besides, or must not; ``None`` if either.
        is_use: Whether an answer with this outcome was of use.
        words: How people call it, where that is not its name.
    """

    name: str
    shown_by: str
    used: bool | None = None
    is_use: bool = False
    words: str = ""

    @property
    def label(self) -> str:
        """Its name as people read it."""
        return self.words or self.name.replace("_", " ")


OUTCOMES: Final = (
    Outcome("failed", "failed"),
    Outcome("rejected", "rejected"),
    Outcome("regenerated", "regenerated"),
    Outcome("reask", "reasked", used=False, words="asked again"),
    Outcome("used_reask", "reasked", is_use=True, words="used, then asked again"),
    Outcome("closed_fast", "closed_fast"),
    Outcome("used_edited", "edited_heavily", is_use=True, words="used after editing"),
    Outcome("used", "used", is_use=True),
    Outcome("used_part", "copied_part", is_use=True, words="partly used"),
    Outcome("none", "", words="no action"),
)
"""The outcomes by precedence: an answer has the first that it shows."""

BY_NAME: Final[dict[str, Signal]] = {}
"""Every signal of this process, in order."""
NAMES: Final[KeysView[str]] = BY_NAME.keys()
_OUTCOMES: Final = {outcome.name: outcome for outcome in OUTCOMES}


def label(name: str) -> str:
    """A signal or outcome as people read it; any other name, such as a model's, as it is.

    Args:
        name: Any value that a page shows.
    """
    known = BY_NAME.get(name) or _OUTCOMES.get(name)
    return known.label if known else name


def names() -> tuple[str, ...]:
    """Names of every signal of this process."""
    return tuple(BY_NAME)


def names_of_answers() -> tuple[str, ...]:
    """Names of the signals that an answer shows or not, so that these answers can be listed."""
    return tuple(signal.name for signal in BY_NAME.values() if signal.exposure != "people")


EXPOSURES: Final[Mapping[str, str]] = {
    "page": "answers that the script saw; without a script all, if the signal was reported that "
    "week",
    "control": "the same, but only in a week in which the signal was reported",
    "turns": "answers in a conversation whose question was hashed; where none is, all in a "
    "conversation, if the signal was reported that week",
    "answers": "all answers with text",
    "outputs": "all answers, failed ones included",
    "people": "users of the week before",
}
"""Over which answers a rate is, by exposure."""
OWN_EXPOSURES: Final = ("page", "control", "turns", "answers")
"""Exposures that a signal of a team's own may have."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
# What an action is noted down as, where that is not its own name.
_TAKEN: Final = frozenset(
    {"copied_part", "edited", "inserted", "shared", "escalated", "closed", "used", *ACTION_NAMES}
)
_FIELDS: Final = ("direction", "exposure", "meaning", "words")


def add(own: Iterable[Signal]) -> None:
    """Make signals of the team's own part of this process's list, in the place of earlier ones.

    Args:
        own: From the settings.
    """
    listed = {signal.name: signal for signal in (*BUILT_IN, *own)}
    BY_NAME.clear()
    BY_NAME.update(listed)


def parse(document: Mapping[str, Any]) -> tuple[Signal, ...]:
    """The signals of a team's own, from its ``signals.toml``: a table a signal.

    Args:
        document: The file, parsed.

    Raises:
        ValueError: Something in it is wrong; each line of the message says what, and the remedy.
    """
    mistakes = [mistake for name, given in document.items() for mistake in _mistakes(name, given)]
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return tuple(
        Signal(
            name=name,
            meaning=given.get("meaning", f"The application reported {name.replace('_', ' ')}."),
            good=given["direction"],
            exposure=given["exposure"],
            evidence=name,
            own=True,
            words=given.get("words", ""),
        )
        for name, given in document.items()
    )


def _mistakes(name: str, given: Any) -> Iterable[str]:
    if not _NAME.fullmatch(name):
        yield (
            f"[{name}] is not a signal name: use up to 32 lower-case letters, digits and _, "
            "a letter first"
        )
    if name in _TAKEN or any(name == signal.name for signal in BUILT_IN):
        yield f"[{name}] is taken: choose another name"
    if not isinstance(given, Mapping):
        yield f"{name} = {given!r} must be a table: [{name}], with direction and exposure"
        return
    for field in given.keys() - set(_FIELDS):
        yield f"[{name}] {field} is unknown: known are {', '.join(_FIELDS)}"
    choices = {"direction": get_args(Good), "exposure": OWN_EXPOSURES}
    for field, allowed in choices.items():
        if field not in given:
            yield f"[{name}] has no {field}: add one of {', '.join(allowed)}"
        elif given[field] not in allowed:
            yield f"[{name}] {field} = {given[field]!r} must be one of {', '.join(allowed)}"
    for field in ("meaning", "words"):
        if field in given and not (isinstance(given[field], str) and given[field].strip()):
            yield f"[{name}] {field} = {given[field]!r} must be text that is not empty"


add(())
