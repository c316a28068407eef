"""A sitting of at most an hour: how many outputs are read in it, and what they are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from otel_ai_feedback.intervals.wilson import Z_95
from otel_ai_feedback.review.times import aware
from otel_ai_feedback.store.ask import Row

# No one reads well for longer at a time, however much is planned for the week.
_MOST_MINUTES: Final = 60
# Until a person's pace has been measured.
_SECONDS_AN_ITEM: Final = 30.0
_ENOUGH_ITEMS: Final = 20
# No one reads faster than that; who does, tries the keys.
_LEAST_SECONDS: Final = 5.0
_PAUSE: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class Session:
    """Where someone is in their sitting.

    Attributes:
        minutes: How long it is.
        items: How many outputs they read in that time.
        read: How many they have read.
        minutes_left: How much of it is left; 0 when it is over.
        points: Half the width of the 95 % interval after it, in percentage points, of each group.
        groups: Of how many groups.
    """

    minutes: int
    items: int
    read: int
    minutes_left: int
    points: float
    groups: int


def session(pace: Row, precision: Sequence[Row], now: datetime) -> Session:
    """Work out where someone is.

    Args:
        pace: The row of ``pace``.
        precision: The rows of ``precision``.
        now: The time, aware.
    """
    seconds = _SECONDS_AN_ITEM
    if pace["own_items"] >= _ENOUGH_ITEMS and pace["own_seconds"]:
        seconds = pace["own_seconds"]
    elif pace["all_items"] >= _ENOUGH_ITEMS and pace["all_seconds"]:
        seconds = pace["all_seconds"]
    # Where nothing is planned.
    minutes = min(_MOST_MINUTES, round(pace["minutes_per_week"]) or _MOST_MINUTES)
    items = max(1, round(minutes * 60 / max(seconds, _LEAST_SECONDS)))
    began, read = now, 0
    last = now
    for at, took in reversed(pace["recent"]):
        if last - aware(at) > _PAUSE:
            break
        last, read = aware(at), read + 1
        began = last - timedelta(seconds=took)
    left = minutes - (now - began).total_seconds() / 60
    groups = max(1, len(precision))
    # The groups share the hour.
    widths = [_half_width(row, items / groups) for row in precision] or [_half(items, 0.5)]
    return Session(
        minutes=minutes,
        items=items,
        read=read,
        minutes_left=max(0, math.ceil(left)),
        points=100 * max(widths),
        groups=groups,
    )


def _half_width(row: Row, more: float) -> float:
    labels, effective = row["labels"], row["effective_labels"]
    # How much a label is worth of one of a simple sample.
    worth = effective / labels if effective and labels else 1.0
    good = row["smoothed_quality"] if row["smoothed_quality"] is not None else 0.5
    return _half((labels + more) * worth, good)


def _half(labels: float, good: float) -> float:
    """Half the Wilson interval's width."""
    return (
        Z_95
        * math.sqrt(good * (1 - good) / labels + Z_95 * Z_95 / (4 * labels * labels))
        / (1 + Z_95 * Z_95 / labels)
    )
