"""Fix check: the rate of the success metric before a fix against the rate after it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.formats import count, percent, points
from otel_ai_feedback.intervals import wilson
from otel_ai_feedback.signals import BY_NAME, NAMES
from otel_ai_feedback.store.ask import ask
from otel_ai_feedback.triage.queries import day_of
from otel_ai_feedback.triage.rows import Incident

ENOUGH_LABELS: Final = 50
"""With this many reviews after the fix, it is checked before the chosen day."""

_DAYS_BEFORE: Final = 7
_GOOD: Final = {"high": "up", "low": "down"}


@dataclass(frozen=True)
class SuccessMetric:
    """What a fix must change, and in which direction.

    Attributes:
        kind: ``series``, ``mode`` or ``quality``.
        name: Of the series or mode.
        direction: ``up`` or ``down``.
    """

    kind: str
    name: str
    direction: str

    def __str__(self) -> str:
        name = {"series": self.name, "quality": "quality"}.get(self.kind, f"mode:{self.name}")
        return f"{name}:{self.direction}"

    @property
    def by_labels(self) -> bool:
        """Whether it takes reviews to measure."""
        return self.kind != "series"


@dataclass(frozen=True)
class Share:
    """A rate on so many outputs or labels, with its 95 % Wilson interval."""

    rate: float
    n: float

    @property
    def interval(self) -> tuple[float, float]:
        """Its ends."""
        return wilson(self.rate, self.n)


def parse(given: str) -> SuccessMetric:
    """Parse ``copied``, ``rated:up``, ``quality`` or ``mode:hallucination``.

    Raises:
        ValueError: It is none of these; the message says what to give.
    """
    name, _, direction = given.strip().rpartition(":")
    if direction not in ("up", "down"):
        name, direction = given.strip(), ""
    if name.startswith("mode:") and name != "mode:":
        return SuccessMetric("mode", name.removeprefix("mode:"), direction or "down")
    if name == "quality":
        return SuccessMetric("quality", "", direction or "up")
    if name not in BY_NAME:
        raise ValueError(f"must be quality, mode:NAME, or a signal ({', '.join(NAMES)})")
    direction = direction or _GOOD.get(BY_NAME[name].good, "")
    if not direction:
        raise ValueError(f"add the direction: {name}:up or {name}:down")
    return SuccessMetric("series", name, direction)


def difference(before: Share, after: Share) -> tuple[float, float]:
    """The 95 % interval of ``after.rate - before.rate``.

    From the Wilson intervals of both: Newcombe 1998, Stat Med 17, 873-890, method 10.
    """
    change = after.rate - before.rate
    (before_low, before_high), (after_low, after_high) = before.interval, after.interval
    return (
        change - math.hypot(after.rate - after_low, before_high - before.rate),
        change + math.hypot(after_high - after.rate, before.rate - before_low),
    )


def compare(client: Client, incident: Incident, at: datetime) -> dict[str, Any] | None:
    """Whether a resolved incident's fix worked, once it is time to check.

    The time is the chosen day; for reviews also 50 of them after the fix. "Before" runs from the
    day on which the incident opened to the day of the fix: the days that raised the alert were
    chosen because they are low, and whatever follows them is higher. Reviews are too few for
    that, and count from a week before the fix if that is earlier. The fix worked when the
    interval of the difference lies wholly on the right side of 0.

    Args:
        client: From ``store.connect``.
        incident: A resolved incident.
        at: The time of the check; aware.

    Returns:
        ``confirmed``, ``said`` in words, and the numbers; ``None`` while it is too early.
    """
    if incident.resolved_at is None or not incident.moves:
        return None
    must = parse(incident.moves)
    day, today = day_of(client, incident.resolved_at), day_of(client, at)
    due = incident.check_day is not None and today >= incident.check_day
    if not due and not must.by_labels:
        return None
    since = day_of(client, incident.round_at)
    if must.by_labels:
        since = min(since, day - timedelta(days=_DAYS_BEFORE))
    shares, labels = _shares(client, incident, must, since, day, today, at)
    if not due and labels < ENOUGH_LABELS:
        return None
    return _judged(must, shares.get(False), shares.get(True))


def _shares(
    client: Client,
    incident: Incident,
    must: SuccessMetric,
    since: date,
    day: date,
    today: date,
    at: datetime,
) -> tuple[dict[bool, Share], int]:
    """The share before and after a day, and how many labels there are after it."""
    found = ask(
        client,
        f"triage/{'label' if must.by_labels else 'series'}_windows",
        as_of=at,
        since=since,
        day=day,
        until=today,
        kind=must.kind,
        name=must.name,
        service=incident.service,
        environment=incident.environment,
        feature=incident.feature,
        segment_kind=incident.segment_kind,
        segment=incident.segment,
    )
    rows = [tuple(row.values()) for row in found]
    labels = sum(int(row[3]) for row in rows if row[0]) if must.by_labels else 0
    return {bool(row[0]): Share(float(row[1]), float(row[2])) for row in rows}, labels


def _judged(must: SuccessMetric, before: Share | None, after: Share | None) -> dict[str, Any]:
    what = str(must).rpartition(":")[0].replace("_", " ")
    numbers: dict[str, Any] = {"moves": str(must)}
    for name, share in (("before", before), ("after", after)):
        numbers[name] = share and {"rate": share.rate, "n": share.n, "interval": share.interval}
    if before is None or after is None:
        missing = "before" if before is None else "after"
        said = f"not confirmed: no data for {what} {missing} the fix"
        return {**numbers, "confirmed": False, "said": said}
    low, high = difference(before, after)
    confirmed = low > 0 if must.direction == "up" else high < 0
    verdict = "confirmed" if confirmed else f"not confirmed (expected {must.direction})"
    said = (
        f"{what} went from {percent(before.rate)} (n = {count(before.n)}) to "
        f"{percent(after.rate)} (n = {count(after.n)}), a change of "
        f"{points(after.rate - before.rate)} points (95% interval {points(low)} to "
        f"{points(high)}): {verdict}"
    )
    return {**numbers, "difference": [low, high], "confirmed": confirmed, "said": said}
