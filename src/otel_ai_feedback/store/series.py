"""Every series that is watched: in which order, in which words, and which way is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Good = Literal["high", "low", "neither"]


@dataclass(frozen=True)
class Series:
    """One series of ``signal_rates``.

    Attributes:
        name: Its name in the store.
        meaning: What counts, of which outputs.
        good: Which way is good for the user, if either.
        days: Days from one point to the next.
    """

    name: str
    meaning: str
    good: Good
    days: int = 1

    @property
    def label(self) -> str:
        """Its name as people read it."""
        return self.name.replace("_", " ")


SERIES: Final = (
    Series("copied", "At least half of the text was copied.", "high"),
    Series("accepted", "The application's accept control was used.", "high"),
    Series("reasked", "The same was asked again in other words within 5 minutes.", "low"),
    Series("regenerated", "The same prompt was sent again within 30 minutes.", "low"),
    Series("closed_fast", "The page was closed within 5 seconds, mostly unread.", "low"),
    Series("edited_heavily", "More than a third was changed before use.", "low"),
    Series("rejected", "The output was rejected, or its use undone.", "low"),
    Series("failed", "Error or empty answer.", "low"),
    Series("rated", "Somebody voted, whichever way: how few do.", "neither"),
    Series("returned_7d", "People of last week who came back this week.", "high", days=7),
)
BY_NAME: Final = {series.name: series for series in SERIES}
NAMES: Final = tuple(BY_NAME)
