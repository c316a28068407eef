"""The newest hour of a feature beside what is usual for it: a break is seen the same hour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from otel_ai_feedback.signals import BY_NAME, Signal
from otel_ai_feedback.store.ask import Row

_UNUSUAL: Final = 3.0
"""Standard errors from which an hour is unusual; two of them in a row are an outage."""


@dataclass(frozen=True)
class SignalHour:
    """A signal in that hour.

    Attributes:
        signal: Which.
        rate: Its rate.
        expected: What is usual, where that is known.
        answers: How many answers could have shown it.
        direction: ``fell`` or ``rose`` in an outage, else empty.
        tone: ``worse``, ``better`` or ``same``.
        judgement: How it compares, in words.
    """

    signal: Signal
    rate: float
    expected: float | None
    answers: float
    direction: str
    tone: str
    judgement: str


@dataclass(frozen=True)
class NewestHour:
    """The newest hour whose answers have been counted.

    Attributes:
        start: When it began.
        signals: Its signals, outages first.
        compared_with: What is usual: ``this hour of the week`` or ``the 7 days before``.
        missing: What is missing before any signal can be judged, or empty.
    """

    start: datetime
    signals: Sequence[SignalHour]
    compared_with: str
    missing: str

    @property
    def outages(self) -> Sequence[SignalHour]:
        """The signals that have been unusual for two hours."""
        return [hour for hour in self.signals if hour.direction]


def newest_hour(rows: Iterable[Row]) -> NewestHour | None:
    """The newest hour of one feature.

    Args:
        rows: Its rows of ``pages/overview_hours``.
    """
    known = [row for row in rows if row["series"] in BY_NAME]
    if not known:
        return None
    start = max(row["hour"] for row in known)
    here = [row for row in known if row["hour"] == start]
    signals = sorted(map(_signal_hour, here), key=lambda hour: (not hour.direction, hour.tone))
    judged = [row for row in here if row["compared_with"]]
    return NewestHour(
        start=start,
        signals=signals,
        compared_with=judged[0]["compared_with"] if judged else "",
        missing="" if judged else here[0]["why_not_judged"],
    )


def _signal_hour(row: Row) -> SignalHour:
    signal, direction = BY_NAME[row["series"]], row["direction"]
    if direction:
        judgement = f"unusual for two hours: {direction}"
    elif row["z"] is None:
        judgement = row["why_not_judged"]
    elif abs(row["z"]) >= _UNUSUAL:
        judgement = "unusual for this hour alone"
    else:
        judgement = "as usual"
    return SignalHour(
        signal=signal,
        rate=row["rate"],
        expected=row["expected"] if row["compared_with"] else None,
        answers=row["n"],
        direction=direction,
        tone=signal.tone(direction) if direction else "same",
        judgement=judgement,
    )
