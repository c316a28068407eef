"""Everything that is said of two arms, from the counts of the store."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.compare import sanity, verdict
from otel_ai_feedback.compare.always_valid import always_valid, always_valid_p
from otel_ai_feedback.compare.arms import Arms, window
from otel_ai_feedback.compare.detectable import answers_needed, smallest_detectable
from otel_ai_feedback.compare.difference import Difference, Interval, adjusted, difference
from otel_ai_feedback.compare.false_discovery import q_values
from otel_ai_feedback.compare.verdict import Judged
from otel_ai_feedback.intervals.clustered import BUCKETS, BucketCounts, Proportion
from otel_ai_feedback.signals import SIGNALS
from otel_ai_feedback.store.statements import statement

PLANNED_DAYS: Final = 28
_FEATURE: Final = "feature "
_LEAST_ANSWERS: Final = 30
_FIRST_DAYS: Final = 7

Counted = Mapping[tuple[str, str, str], BucketCounts]
"""Counts by arm, part of the time and signal."""


@dataclass(frozen=True)
class Compared:
    """One signal in both arms.

    Attributes:
        signal: Its name.
        a: Rate of arm A.
        b: Rate of arm B.
        difference: B minus A.
        interval: 95 % interval of it: the one that the verdict is about.
        fixed: 95 % interval that holds at one look.
        daily: 95 % interval that holds at every look, if one looks each day.
        q_value: Of the difference, among all signals.
        smallest: Smallest difference that is found by the end of the plan.
        days_left: Days until a difference that matters shows, at this traffic.
        judged: The verdict.
        sentence: The verdict in words.
    """

    signal: str
    a: Proportion
    b: Proportion
    difference: Difference
    interval: Interval
    fixed: Interval
    daily: Interval
    q_value: float
    smallest: float
    days_left: float
    judged: Judged
    sentence: str


@dataclass(frozen=True)
class Comparison:
    """All of it.

    Attributes:
        arms: What was compared.
        since: First day.
        until: Last day.
        planned_days: How long the comparison was to take.
        looked_daily: Whether the verdict is by the interval for daily looks.
        signals: What each signal says.
        findings: What to know before the verdict is believed.
        seconds: Seconds of answering for each answer that was used, in A and in B.
        judged: The verdict over all signals.
    """

    arms: Arms
    since: date
    until: date
    planned_days: int
    looked_daily: bool
    signals: list[Compared]
    findings: list[sanity.Finding]
    seconds: tuple[float | None, float | None]
    judged: Judged = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "judged", verdict.overall([s.judged for s in self.signals]))

    @property
    def exit_code(self) -> int:
        """0 not worse, 1 worse, 3 cannot say yet."""
        return verdict.exit_code(self.judged)

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        a, b = self.arms.a, self.arms.b
        outcome = self.judged.outcome
        if not self.signals:
            return f"Not enough data yet: fewer than {_LEAST_ANSWERS} answers of {a} or of {b}."
        if outcome in {verdict.Outcome.BETTER, verdict.Outcome.WORSE}:
            text = f"{b} is {outcome.value} than {a} ({self._named(outcome)})"
            other = self._named(verdict.Outcome.NOT_ENOUGH_DATA)
            return f"{text}; not decided yet: {other}." if other else f"{text}."
        if outcome is verdict.Outcome.NO_DIFFERENCE:
            return f"No difference that matters between {a} and {b}."
        if self.judged.not_worse:
            return f"Not enough data yet to say more than that {b} is not worse than {a}."
        open_signals = ", ".join(s.signal for s in self.signals if not s.judged.not_worse)
        return f"Not enough data yet: {b} could still be worse ({open_signals})."

    def _named(self, outcome: verdict.Outcome) -> str:
        return ", ".join(s.signal for s in self.signals if s.judged.outcome is outcome)


def compare(
    client: Client,
    arms: Arms,
    *,
    since: date,
    until: date,
    as_of: datetime,
    planned_days: int = PLANNED_DAYS,
    signals: tuple[str, ...] = (),
    planned_share: float | None = None,
) -> Comparison:
    """Compare two arms.

    Args:
        client: From ``store.connect``.
        arms: What to compare.
        since: First day of the comparison. Arms that are windows of days have their own.
        until: Last day.
        as_of: An aware datetime: what was known then.
        planned_days: How long the comparison is to take; until then the interval for daily looks
            decides, then the one for a single look.
        signals: Those that decide; by default all that have a good direction.
        planned_share: Planned share of users in arm B, where users are split by chance.
    """
    windows = (window(arms.a), window(arms.b)) if arms.by == "days" else None
    since_a, until_a = windows[0] if windows else (since, until)
    since, until = windows[1] if windows else (since, until)
    rows = client.query(
        statement("compare/counts").text,
        parameters={
            "as_of": as_of.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S"),
            "since": since,
            "until": until,
            "since_a": since_a,
            "until_a": until_a,
            "service": arms.service,
            "environment": arms.environment,
            "feature": arms.feature,
            "by": arms.by,
            "flag": arms.flag,
            "a": arms.a,
            "b": arms.b,
        },
    )
    found = [dict(zip(rows.column_names, row, strict=True)) for row in rows.result_rows]
    counted = {
        (row["arm"], row["part"], row["signal"]): BucketCounts(
            _buckets(row["k"]), _buckets(row["n"]), row["answers"]
        )
        for row in found
    }
    elapsed = (until - since).days + 1
    looked_daily = windows is None and elapsed < planned_days
    return Comparison(
        arms=arms,
        since=since,
        until=until,
        planned_days=planned_days,
        looked_daily=looked_daily,
        signals=_signals(counted, arms, elapsed, planned_days, looked_daily, signals),
        findings=_findings(found, counted, arms, planned_share),
        seconds=(_seconds(found, "a"), _seconds(found, "b")),
    )


def default_since(until: date, planned_days: int = PLANNED_DAYS) -> date:
    """First day of a comparison that ends on a day."""
    return until - timedelta(days=planned_days - 1)


def _signals(
    counted: Counted,
    arms: Arms,
    elapsed: int,
    planned_days: int,
    looked_daily: bool,
    wanted: tuple[str, ...],
) -> list[Compared]:
    chosen = []
    for series in SIGNALS:
        if series.good == "neither" or (wanted and series.name not in wanted):
            continue
        a, b = (_total(counted, arm, series.name) for arm in ("a", "b"))
        if a is None or b is None or min(a.counted, b.counted) < _LEAST_ANSWERS:
            continue
        past = [counted.get((arm, "before", series.name)) for arm in ("a", "b")]
        effect = adjusted(a, b, past[0], past[1]) if past[0] and past[1] else difference(a, b)
        share = _share_of_plan(counted, series.name, a, b, elapsed, planned_days)
        p = always_valid_p(effect, share) if looked_daily else effect.p_value
        chosen.append((series, a, b, effect, share, p))
    compared = []
    for (series, a, b, effect, share, _), q in zip(
        chosen, q_values([p for *_, p in chosen]), strict=True
    ):
        daily = always_valid(effect, share)
        interval = daily if looked_daily else effect.interval
        floor = verdict.floor_of(a.ratio)
        judged = verdict.judge(interval, q, higher_is_better=series.good == "high", floor=floor)
        days_left = elapsed * (answers_needed(effect, floor) - 1)
        compared.append(
            Compared(
                signal=series.name,
                a=Proportion(a),
                b=Proportion(b),
                difference=effect,
                interval=interval,
                fixed=effect.interval,
                daily=daily,
                q_value=q,
                smallest=smallest_detectable(effect, max(1.0, planned_days / elapsed)),
                days_left=max(0.0, days_left),
                judged=judged,
                sentence=verdict.sentence(
                    judged, interval, effect.value, a=arms.a, b=arms.b, days_left=days_left
                ),
            )
        )
    return compared


def _share_of_plan(
    counted: Counted, signal: str, a: BucketCounts, b: BucketCounts, elapsed: int, planned: int
) -> float:
    """Answers so far, of those that the first week lets one expect by the end of the plan."""
    first = [counted.get((arm, "first", signal)) for arm in ("a", "b")]
    if elapsed <= _FIRST_DAYS or not (first[0] and first[1]):
        return elapsed / planned
    expected = _precision(first[0], first[1]) * planned / _FIRST_DAYS
    return _precision(a, b) / expected


def _precision(a: BucketCounts, b: BucketCounts) -> float:
    return 1 / (1 / a.total_n + 1 / b.total_n)


def _findings(
    rows: list[dict[str, Any]], counted: Counted, arms: Arms, planned_share: float | None
) -> list[sanity.Finding]:
    """Checks of the experiment; a ``failed`` row has every answer of its arm."""
    findings: list[sanity.Finding | None] = []
    if arms.by == "days":
        return []
    users = {arm: _users(rows, arm) for arm in ("a", "b")}
    both = max(users["a"][1], users["b"][1])
    if planned_share is not None:
        alone = (users["a"][0] - both, users["b"][0] - both)
        findings.append(sanity.sample_ratio(*alone, planned_share))
    findings.append(sanity.users_in_both(users["a"][0], users["b"][0], both))
    features = sorted({name for _, _, name in counted if name.startswith(_FEATURE)})
    everything = [_total(counted, arm, "failed") for arm in ("a", "b")]
    if everything[0] and everything[1] and len(features) > 1:
        parts = {
            name.removeprefix(_FEATURE): (
                _part_of(everything[0], _total(counted, "a", name)),
                _part_of(everything[1], _total(counted, "b", name)),
            )
            for name in features
        }
        findings += sanity.mix(parts, "feature")
    for series in SIGNALS:
        first = [counted.get((arm, "first", series.name)) for arm in ("a", "b")]
        later = [counted.get((arm, "later", series.name)) for arm in ("a", "b")]
        if series.good != "neither" and first[0] and first[1] and later[0] and later[1]:
            found = sanity.novelty((first[0], first[1]), (later[0], later[1]))
            if found:
                found = sanity.Finding(found.check, f"{series.label}: {found.message}")
            findings.append(found)
    return [finding for finding in findings if finding]


def _users(rows: list[dict[str, Any]], arm: str) -> tuple[int, int]:
    """Users of an arm, and those of them who are in both."""
    for row in rows:
        if (row["arm"], row["part"], row["signal"]) == (arm, "", "failed"):
            return row["users"], row["users_in_both"]
    return 0, 0


def _total(counted: Counted, arm: str, signal: str) -> BucketCounts | None:
    parts = [counted.get((arm, part, signal)) for part in ("first", "later")]
    first, later = parts
    if first and later:
        return first + later
    return first or later


def _part_of(everything: BucketCounts, part: BucketCounts | None) -> BucketCounts:
    return BucketCounts(part.k if part else [0.0] * BUCKETS, everything.n)


def _seconds(rows: list[dict[str, Any]], arm: str) -> float | None:
    used = [
        row
        for row in rows
        if row["arm"] == arm and row["signal"] == "used" and row["part"] in {"first", "later"}
    ]
    answers = sum(sum(row["k"].values()) for row in used)
    seconds = math.fsum(sum(row["seconds"].values()) for row in used)
    return seconds / answers if answers else None


def _buckets(sums: dict[int, float]) -> list[float]:
    return [sums.get(bucket, 0.0) for bucket in range(BUCKETS)]
