"""What the names of other tools' results mean: who says so, which way is good, from which score on.

A result that says by whom it is (an annotator's kind, an end user) is taken at its word. For all
others the name decides, written with ``_`` and in lower case; a name that is not listed is a
judge's, higher scores are better, and .5 is good enough. ``migrate`` writes the list to the
store's table ``evaluator_list``. A team says what its own names mean in ``evaluators.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

Kind = Literal["user", "reviewer", "judge", "behavior"]
Good = Literal["high", "low"]


@dataclass(frozen=True)
class Evaluator:
    """What results of one name mean.

    Attributes:
        name: In lower case, with ``_`` for spaces and hyphens.
        kind: Who says so: users of the answer, reviewers in another tool, a judge (a model or
            code), or what users did.
        good: Whether a high score is good, or a low one.
        threshold: From this score on a result is high.
    """

    name: str
    kind: Kind
    good: Good = "high"
    threshold: float = 0.5


_OF_USERS: Final = (
    "user_feedback",
    "user_rating",
    "user_score",
    "end_user_feedback",
    "feedback",
    "thumbs",
    "thumbs_up",
    "thumb",
    "like",
    "vote",
    "rating",
    "csat",
)
_BAD_WHEN_HIGH: Final = (
    "hallucination",
    "toxicity",
    "bias",
    "harmfulness",
    "hate_unfairness",
    "violence",
    "sexual",
    "self_harm",
    "prompt_injection",
    "jailbreak",
    "pii",
    "refusal",
)
BUILT_IN: Final = (
    *(Evaluator(name, "user") for name in _OF_USERS),
    *(Evaluator(name, "judge", "low") for name in _BAD_WHEN_HIGH),
)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.:/]{0,63}")
_FIELDS: Final = ("kind", "good", "threshold")


def listed(own: Iterable[Evaluator]) -> tuple[Evaluator, ...]:
    """Every name with a meaning: those of the package, and the team's own in their place.

    Args:
        own: From the settings.
    """
    return tuple({each.name: each for each in (*BUILT_IN, *own)}.values())


def parse(document: Mapping[str, Any]) -> tuple[Evaluator, ...]:
    """The names of a team's own, from its ``evaluators.toml``: a table a name.

    Args:
        document: The file, parsed.

    Raises:
        ValueError: Something in it is wrong; each line of the message says what, and the remedy.
    """
    mistakes = [mistake for name, given in document.items() for mistake in _mistakes(name, given)]
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return tuple(
        Evaluator(
            name=name,
            kind=given.get("kind", "judge"),
            good=given.get("good", "high"),
            threshold=float(given.get("threshold", 0.5)),
        )
        for name, given in document.items()
    )


def _mistakes(name: str, given: Any) -> Iterable[str]:
    if not _NAME.fullmatch(name):
        yield (
            f"[{name}] is not a name of a result: write it in lower case, with _ for spaces and "
            "hyphens, up to 64 characters"
        )
    if not isinstance(given, Mapping):
        yield f"{name} = {given!r} must be a table: [{name}], with kind, good and threshold"
        return
    for field in given.keys() - set(_FIELDS):
        yield f"[{name}] {field} is unknown: known are {', '.join(_FIELDS)}"
    for field, allowed in {"kind": get_args(Kind), "good": get_args(Good)}.items():
        if field in given and given[field] not in allowed:
            yield f"[{name}] {field} = {given[field]!r} must be one of {', '.join(allowed)}"
    threshold = given.get("threshold", 0.5)
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)):
        yield f"[{name}] threshold = {threshold!r} must be a number"
    elif not abs(threshold) <= 1e6:
        yield f"[{name}] threshold = {threshold!r} must lie between -1e6 and 1e6"
