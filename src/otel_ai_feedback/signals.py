"""The one list of signals: what each is, which outputs could have shown it, and in which words.

``migrate`` writes it to the store's table ``signal_list``, which statements read; pages and docs
read it here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Good = Literal["high", "low", "neither"]
Exposure = Literal["page", "control", "turns", "answers", "outputs", "people"]


@dataclass(frozen=True)
class Signal:
    """One signal of ``signal_rates``.

    Attributes:
        name: Its name in the store.
        meaning: What counts, of which outputs.
        good: Which way is good for the user, if either.
        exposure: Which outputs could have shown it. ``page``: those that the script saw where there
            is a script, else all answers in a week in which it was reported. ``control``: the same,
            but only in a week in which it was reported. ``turns``: answers in a conversation whose
            question was hashed, else all in a conversation in a week in which it was reported.
            ``answers``: all with text. ``outputs``: all. ``people``: who was there the week before.
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


SIGNALS: Final = (
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
        "returned_7d",
        "Users of last week who came back this week.",
        "high",
        "people",
        days=7,
        words="weekly retention",
    ),
)
BY_NAME: Final = {signal.name: signal for signal in SIGNALS}
NAMES: Final = tuple(BY_NAME)
