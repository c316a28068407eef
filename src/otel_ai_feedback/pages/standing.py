"""Where each feature stands: its quality, what has changed, who handles it, and what is missing.

Functions of rows: the sentence of a feature on the first page is put together here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from otel_ai_feedback import formats
from otel_ai_feedback.pages.filters import Group
from otel_ai_feedback.pages.incident_title import happened
from otel_ai_feedback.pages.newest_hour import NewestHour, newest_hour
from otel_ai_feedback.signals import BY_NAME, Signal
from otel_ai_feedback.store.ask import Row

NEEDED_REVIEWS: Final = 50
"""Reviews in four weeks without which there is no quality score (docs/quality.md)."""

JUDGED_AFTER_DAYS: Final = 15
"""Days of answers until a signal can be compared with the same weekday of two weeks before."""

_WINDOW: Final = timedelta(days=28)
# What went out so shortly before a signal changed may be why.
_CAUSE_WITHIN: Final = timedelta(days=3)


@dataclass(frozen=True)
class Quality:
    """The quality score of a feature; its parts are ``None`` where there is none.

    Attributes:
        score: Share of good answers.
        low: Lower end of its 95 % interval.
        high: Upper end.
        reviews: How many reviews count.
        until: First day after the weeks that it covers.
        change: How far it is from the score of the four weeks before, if there was one.
        thumbs: Share of thumbs up.
        votes: Of so many votes.
    """

    score: float | None
    low: float | None
    high: float | None
    reviews: int
    until: date
    change: float | None
    thumbs: float | None
    votes: int


@dataclass(frozen=True)
class ChangedSignal:
    """A signal for which the drift rule fires.

    Attributes:
        signal: Which.
        direction: ``fell`` or ``rose``.
        tone: ``better``, ``worse`` or ``same``.
        since: First day of the change.
        rate: Since then.
        expected: What was expected.
        after: What went out shortly before, or empty.
    """

    signal: Signal
    direction: str
    tone: str
    since: date
    rate: float
    expected: float
    after: str


@dataclass(frozen=True)
class Standing:
    """One feature.

    Attributes:
        group: Its service, environment and name.
        quality: What reviewers and users say; ``None`` before the first closed week.
        changed: Its signals that have changed, what is worse first.
        watched: How many of its signals are compared with their past.
        open: Its open incidents.
        closed: Those that were resolved in the last four weeks.
        reviews: Its reviews of the last four weeks, and whether there is a backlog.
        hour: Its newest hour beside what is usual; ``None`` without answers in a day.
        missing: What it takes to know more.
    """

    group: Group
    quality: Quality | None
    changed: Sequence[ChangedSignal]
    watched: int
    open: Sequence[Row]
    closed: Sequence[Row]
    reviews: Row | None
    hour: NewestHour | None
    missing: Sequence[str]

    @property
    def sentence(self) -> str:
        """How it stands, in one sentence."""
        parts = [_quality_words(self.quality), _signal_words(self.changed, self.watched)]
        if self.hour and self.hour.outages:
            parts.append(_hour_words(self.hour))
        if self.open:
            first = self.open[0]
            due = ", overdue" if first["overdue"] else ""
            owners = ", ".join(dict.fromkeys(row["owner"] for row in self.open))
            parts.append(f"{formats.plural(len(self.open), 'open incident')}, {owners}{due}")
        else:
            parts.append("no open incident")
        return "; ".join(parts)

    @property
    def tone(self) -> str:
        """``worse`` where something is, ``better`` where only that is, else ``same``."""
        tones = {signal.tone for signal in self.changed}
        tones |= {signal.tone for signal in self.hour.outages} if self.hour else set()
        if "worse" in tones or self.open:
            return "worse"
        return "better" if "better" in tones else "same"


def standings(
    groups: Sequence[Group],
    today: date,
    quality: Iterable[Row],
    signals: Iterable[Row],
    incidents: Iterable[Row],
    reviews: Iterable[Row],
    changes: Iterable[Row],
    hours: Iterable[Row],
) -> list[Standing]:
    """How each feature stands.

    Args:
        groups: The features, in the order in which they are shown.
        today: The day that it is for the pages.
        quality: Answer to ``pages/overview_quality``; so are the others.
        signals: ``pages/overview_signals``.
        incidents: ``pages/overview_incidents``.
        reviews: ``pages/overview_reviews``.
        changes: ``pages/overview_changes``.
        hours: ``pages/overview_hours``.
    """
    of_quality, of_signals = _by_group(quality), _by_group(signals)
    of_incidents, of_reviews, of_changes = map(_by_group, (incidents, reviews, changes))
    of_hours = _by_group(hours)
    found = []
    for group in groups:
        rows = [row | {"title": happened(row)} for row in of_incidents[group]]
        score = _quality(of_quality[group])
        hour = newest_hour(of_hours[group])
        judged = [row for row in of_signals[group] if row["is_judged"]]
        young = [row for row in of_signals[group] if not row["is_judged"]]
        found.append(
            Standing(
                group=group,
                quality=score,
                changed=_changed(judged, rows, of_changes[group]),
                watched=len(judged),
                open=[row for row in rows if row["open"]],
                closed=[row for row in rows if row["state"] == "resolved"],
                reviews=next(iter(of_reviews[group]), None),
                hour=hour,
                missing=list(_missing(score, judged, young, today, hour)),
            )
        )
    return found


def _by_group(rows: Iterable[Row]) -> Mapping[Group, list[Row]]:
    found: dict[Group, list[Row]] = defaultdict(list)
    for row in rows:
        found[Group(row["service"], row["environment"], row["feature"])].append(row)
    return found


def _quality(rows: Sequence[Row]) -> Quality | None:
    if not rows:
        return None
    newest = rows[0]
    earlier = next(
        (row["quality"] for row in rows if row["window_end"] <= newest["window_end"] - _WINDOW),
        None,
    )
    score = newest["quality"]
    return Quality(
        score=score,
        low=newest["low"],
        high=newest["high"],
        reviews=newest["labels"],
        until=newest["window_end"],
        change=None if score is None or earlier is None else score - earlier,
        thumbs=newest["thumbs_rate"],
        votes=newest["thumbs_up"] + newest["thumbs_down"],
    )


def _changed(
    rows: Iterable[Row], incidents: Sequence[Row], changes: Sequence[Row]
) -> list[ChangedSignal]:
    found = []
    for row in rows:
        if not row["direction"] or row["series"] not in BY_NAME or _is_fixed(row, incidents):
            continue
        signal = BY_NAME[row["series"]]
        found.append(
            ChangedSignal(
                signal=signal,
                direction=row["direction"],
                tone=signal.tone(row["direction"]),
                since=row["since"],
                rate=row["rate"],
                expected=row["expected"],
                after=_after(row["since"], changes),
            )
        )
    return sorted(found, key=lambda changed: (changed.tone != "worse", changed.since))


def _is_fixed(row: Row, incidents: Sequence[Row]) -> bool:
    """Whether it is known that the change has been undone: its evidence is forgotten slowly."""
    return any(
        incident["series"] == row["series"]
        and incident["segment"] == ""
        and incident["outcome"] == "confirmed"
        and incident["resolved_at"].date() >= row["since"]
        for incident in incidents
        if incident["resolved_at"]
    )


def _after(since: date, changes: Iterable[Row]) -> str:
    """The newest release, model or prompt that went out shortly before a day, or on it."""
    for change in changes:
        went_out: datetime = change["time"]
        if since - _CAUSE_WITHIN <= went_out.date() <= since:
            return str(change["text"])
    return ""


def _missing(
    score: Quality | None,
    judged: Sequence[Row],
    young: Sequence[Row],
    today: date,
    hour: NewestHour | None,
) -> Iterable[str]:
    reviews = score.reviews if score else 0
    if not score or score.score is None:
        lacking = max(1, NEEDED_REVIEWS - reviews)
        yield f"{formats.plural(lacking, 'more review')} for a quality score"
    if young and not judged:
        first = min(row["first_day"] for row in young)
        days = max(1, (first + timedelta(JUDGED_AFTER_DAYS) - today).days)
        yield f"{formats.plural(days, 'more day')} of answers until its signals can be judged"
    if hour and hour.missing:
        yield f"hour by hour: {hour.missing[0].lower()}{hour.missing[1:]}"


def _quality_words(quality: Quality | None) -> str:
    if quality is None or quality.score is None:
        return "no quality score yet"
    words = (
        f"{formats.percent(quality.score, 0)} good "
        f"({formats.percent(quality.low or 0.0, 0)} to {formats.percent(quality.high or 0.0, 0)})"
    )
    if quality.change is not None and abs(quality.change) >= 0.01:
        way = "up" if quality.change > 0 else "down"
        words += (
            f", {way} {formats.plural(round(100 * abs(quality.change)), 'point')} in four weeks"
        )
    return words


def _hour_words(hour: NewestHour) -> str:
    first, *others = hour.outages
    words = f"{first.signal.label} {first.direction} within hours"
    return f"{words} and {formats.plural(len(others), 'other signal')} too" if others else words


def _signal_words(changed: Sequence[ChangedSignal], watched: int) -> str:
    if not changed:
        return "no signal changed" if watched else "signals not judged yet"
    first = changed[0]
    words = f"{first.signal.label} {first.direction}"
    if others := len(changed) - 1:
        words += f" and {formats.plural(others, 'other signal')} changed"
    words += f" since {formats.day(first.since)}"
    return f"{words}, after {first.after}" if first.after else words
