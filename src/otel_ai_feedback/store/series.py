"""Every signal that is watched: its order, its words, and which direction is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Good = Literal["high", "low", "neither"]


@dataclass(frozen=True)
class Series:
    """One signal: a series of the view ``signal_rates``.

    Attributes:
        name: Its name in the store.
        meaning: One sentence that defines it.
        good: Which direction is good for the user, if either.
        days: Days from one point to the next.
    """

    name: str
    meaning: str
    good: Good
    days: int = 1

    @property
    def label(self) -> str:
        """Its name as people read it."""
        return _LABELS.get(self.name, self.name.replace("_", " "))


_LABELS: Final = {
    "reasked": "asked again",
    "rated": "voted",
    "returned_7d": "weekly retention",
}


SERIES: Final = (
    Series("copied", "At least half of the text was copied.", "high"),
    Series("accepted", "The application's accept control was used.", "high"),
    Series("reasked", "The user rephrased the question within 5 minutes.", "low"),
    Series("regenerated", "The same prompt was sent again within 30 minutes.", "low"),
    Series("closed_fast", "The page was closed within 5 seconds, less than half read.", "low"),
    Series("edited_heavily", "More than a third was changed before use.", "low"),
    Series("rejected", "The answer was rejected, or its use undone.", "low"),
    Series("failed", "Error or empty answer.", "low"),
    Series("rated", "Share of answers with a thumbs up or down.", "neither"),
    Series("returned_7d", "Users of last week who came back this week.", "high", days=7),
)
BY_NAME: Final = {series.name: series for series in SERIES}
NAMES: Final = tuple(BY_NAME)
