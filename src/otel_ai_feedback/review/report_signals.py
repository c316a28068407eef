"""The weekly report's signals: this week against the week before, with users as the unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from otel_ai_feedback import formats
from otel_ai_feedback.compare import verdict
from otel_ai_feedback.compare.arms import Arms
from otel_ai_feedback.compare.comparison import Compared, Question, compare_counts
from otel_ai_feedback.compare.verdict import Floor
from otel_ai_feedback.intervals.clustered import NOTABLE_DESIGN_EFFECT, Proportion
from otel_ai_feedback.pages.filters import Group
from otel_ai_feedback.review.document import Cell, Section, Table
from otel_ai_feedback.store.ask import Row

FEATURES: Final = 10
_WEEK: Final = timedelta(days=6)


def signals(
    asks: Callable[..., Sequence[Row]], week: date, as_of: datetime, floor: Floor
) -> Section:
    """What the signals of the busiest features say.

    Args:
        asks: Runs a statement by its path, with its parameters.
        week: Its Monday.
        as_of: An aware datetime: what was known then.
        floor: The smallest difference that matters.
    """
    section = Section("Signals")
    before = week - timedelta(days=7)
    rows: list[list[Cell]] = []
    for row in asks("compare/groups", since=before)[:FEATURES]:
        group = Group(**row)
        arms = Arms(
            service=group.service,
            by="days",
            a=f"{before}..{before + _WEEK}",
            b=f"{week}..{week + _WEEK}",
            environment=group.environment,
            feature=group.feature,
        )
        asked = Question(arms, since=week, until=week + _WEEK, as_of=as_of, floor=floor)
        rows += (_row(group, one) for one in compare_counts(asks, asked).measures)
    if not rows:
        section.say("No signal has 30 answers in this week and the week before.")
        return section
    section.say(
        "Each signal with its 95% interval, with users as the unit, against the week before. "
        f"The {FEATURES} features with the most answers are listed."
    )
    section.add(Table(["", "signal", "this week", "week before", "verdict"], rows))
    return section


def _row(group: Group, one: Compared) -> list[Cell]:
    sentence = verdict.sentence(
        one.judged,
        one.interval,
        one.difference.value,
        a="the week before",
        b="this week",
        days_left=None,
    )
    return [
        group.label,
        one.measure.label,
        " ".join(_rate(one.b)),
        formats.percent(one.a.value),
        formats.capital(sentence),
    ]


def _rate(rate: Proportion) -> Iterator[str]:
    yield f"{formats.percent(rate.value)} ({formats.interval(rate.low, rate.high)})"
    yield f"of {formats.count(rate.counts.counted)}"
    if rate.design_effect > NOTABLE_DESIGN_EFFECT:
        yield f"(about as precise as {formats.count(rate.n_effective)} independent answers)"
