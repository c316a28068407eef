"""The result of a comparison of two arms, from the counts of the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from otel_ai_feedback import formats
from otel_ai_feedback.compare import verdict
from otel_ai_feedback.compare.always_valid import always_valid, always_valid_p
from otel_ai_feedback.compare.arms import Arms
from otel_ai_feedback.compare.counted import QUALITY, Arm, Counted, Sample, Window
from otel_ai_feedback.compare.detectable import answers_needed, smallest_detectable
from otel_ai_feedback.compare.difference import Difference, Interval, adjusted, difference
from otel_ai_feedback.compare.findings import findings
from otel_ai_feedback.compare.sanity import Finding
from otel_ai_feedback.compare.verdict import Floor, Judged
from otel_ai_feedback.intervals.clustered import BucketCounts, Proportion
from otel_ai_feedback.intervals.false_discovery import q_values
from otel_ai_feedback.signals import BY_NAME
from otel_ai_feedback.store.ask import Row

PLANNED_DAYS: Final = 28
_LEAST_ANSWERS: Final = 30
_FIRST_DAYS: Final = 7
_ARMS: Final[tuple[Arm, Arm]] = ("a", "b")


@dataclass(frozen=True)
class Measure:
    """Something that can be better in one arm.

    Attributes:
        name: Its name in the store.
        label: As people read it.
        higher_is_better: Which way is good.
        least: Answers in each arm below which there is no result.
    """

    name: str
    label: str
    higher_is_better: bool
    least: int = _LEAST_ANSWERS


def known_measures() -> dict[str, Measure]:
    """What can be compared, by name: the quality score, and signals with a good direction."""
    signals = (
        Measure(signal.name, signal.label, signal.good == "high")
        for signal in BY_NAME.values()
        if signal.good != "neither" and signal.exposure != "people"
    )
    # as many reviews as a quality score needs
    found = (Measure(QUALITY, "quality score", True, 50), *signals)
    return {measure.name: measure for measure in found}


@dataclass(frozen=True)
class Compared:
    """One measure in both arms.

    Attributes:
        measure: What was measured.
        a: Rate of arm A.
        b: Rate of arm B.
        difference: B minus A.
        interval: 95 % interval of it: the one that the verdict is about.
        fixed: 95 % interval that holds at one look.
        daily: 95 % interval that holds at every look, if one looks each day.
        q_value: Of the difference, among all measures.
        smallest: Smallest difference that is found by the end of the plan.
        days_left: Days until a difference that matters shows, at this traffic.
        judged: The verdict.
        sentence: The verdict in words.
    """

    measure: Measure
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
class PerUsed:
    """What an answer that was used has cost, with that of all answers which were not.

    Attributes:
        a: In arm A, with its 95 % interval.
        b: In arm B.
        ratio: B as a multiple of A.
    """

    a: tuple[float, Interval]
    b: tuple[float, Interval]

    @property
    def ratio(self) -> float | None:
        """B as a multiple of A."""
        return self.b[0] / self.a[0] if self.a[0] else None


@dataclass(frozen=True)
class Question:
    """Is B better than A?

    Attributes:
        arms: What to compare.
        since: First day of the comparison. Arms that are windows of days have their own.
        until: Last day.
        as_of: An aware datetime: what was known then.
        planned_days: How long the comparison is to take; until then the interval for daily looks
            decides, then the one for a single look.
        measures: Those that decide, of `known_measures`; empty means all.
        planned_share: Planned share of users in arm B, where users are split by chance.
        floor: The smallest difference that matters.
    """

    arms: Arms
    since: date
    until: date
    as_of: datetime
    planned_days: int = PLANNED_DAYS
    measures: Sequence[str] = ()
    planned_share: float | None = None
    floor: Floor = Floor()  # noqa: RUF009 - it is frozen

    @property
    def days(self) -> Window:
        """The days on which answers are counted."""
        return Window.of(self.arms, self.since, self.until)

    @property
    def looked_daily(self) -> bool:
        """Whether it may be asked again tomorrow."""
        return self.arms.by != "days" and self.days.length < self.planned_days

    @property
    def parameters(self) -> dict[str, Any]:
        """For the statements that count."""
        return asdict(self.arms) | asdict(self.days) | {"as_of": self.as_of}

    def answer(self, counted: Counted) -> Comparison:
        """The answer to it."""
        return Comparison(
            question=self,
            measures=_compared(counted, self),
            findings=findings(counted, self.arms, self.planned_share),
            seconds=_per_used(counted, "seconds", "used with time"),
            cost=_per_used(counted, "cost", "used with cost"),
        )


@dataclass(frozen=True)
class Comparison:
    """The result for two arms.

    Attributes:
        question: What was asked.
        measures: What each signal and the quality score say.
        findings: What to know before the verdict is believed.
        seconds: Seconds of answering for each answer that was used; none where none was.
        cost: The same of cost, in the currency in which it was recorded.
        judged: The verdict over all.
    """

    question: Question
    measures: list[Compared]
    findings: list[Finding]
    seconds: PerUsed | None
    cost: PerUsed | None
    judged: Judged = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "judged", verdict.overall([one.judged for one in self.measures]))

    @property
    def exit_code(self) -> int:
        """0 not worse, 1 worse, 3 cannot say yet."""
        return verdict.exit_code(self.judged)

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        a, b = self.question.arms.a, self.question.arms.b
        outcome = self.judged.outcome
        if not self.measures:
            return f"Not enough data yet: fewer than {_LEAST_ANSWERS} answers of {a} or of {b}."
        if outcome in {verdict.Outcome.BETTER, verdict.Outcome.WORSE}:
            text = f"{b} is {outcome.value} than {a} ({self._named(outcome)})"
            other = self._named(verdict.Outcome.NOT_ENOUGH_DATA)
            return f"{text}; not decided yet: {other}." if other else f"{text}."
        if outcome is verdict.Outcome.NO_DIFFERENCE:
            floor = formats.size(self.judged.floor)
            return f"No difference larger than {floor} between {a} and {b}."
        if self.judged.not_worse:
            return f"Not enough data yet to say more than that {b} is not worse than {a}."
        open_ones = ", ".join(
            one.measure.label for one in self.measures if not one.judged.not_worse
        )
        return f"Not enough data yet: {b} could still be worse ({open_ones})."

    def _named(self, outcome: verdict.Outcome) -> str:
        return ", ".join(
            one.measure.label for one in self.measures if one.judged.outcome is outcome
        )


def compare(asks: Callable[..., Sequence[Row]], question: Question) -> Comparison:
    """Ask the store, and answer.

    Args:
        asks: Runs a statement by its path, with its parameters.
        question: What to compare.
    """
    known = question.parameters
    # flags are not among the counts
    rates = asks("compare/rates", **known) if question.arms.by != "flag" else []
    sample = Sample.of(rates)
    if not sample:
        return question.answer(Counted.read(asks("compare/counts", **known), rates, None))
    facts = [
        *asks("compare/quality", **known),
        *asks("compare/sample", **known, below=sample.below),
    ]
    users = asks("compare/users", **known, buckets=sample.buckets)
    return question.answer(Counted.read(facts, rates, sample, users))


def compare_counts(asks: Callable[..., Sequence[Row]], question: Question) -> Comparison:
    """The same of signals alone, as the jobs counted them: no quality, users, time and cost.

    Args:
        asks: Runs a statement by its path, with its parameters.
        question: What to compare; not a flag, as flags are not among the counts.
    """
    rates = asks("compare/rates", **question.parameters)
    return question.answer(Counted.read([], rates, None))


def default_since(until: date, planned_days: int = PLANNED_DAYS) -> date:
    """First day of a comparison that ends on a day."""
    return until - timedelta(days=planned_days - 1)


def _compared(counted: Counted, asked: Question) -> list[Compared]:
    chosen, known = [], known_measures()
    for name in asked.measures or known:
        measure = known[name]
        a, b = counted.total("a", name), counted.total("b", name)
        if a is None or b is None or min(a.counted, b.counted) < measure.least:
            continue
        past_a, past_b = (counted.of(arm, "before", name) for arm in _ARMS)
        effect = adjusted(a, b, past_a, past_b) if past_a and past_b else difference(a, b)
        share = _share_of_plan(counted, name, a, b, asked)
        p = always_valid_p(effect, share) if asked.looked_daily else effect.p_value
        chosen.append((measure, a, b, effect, share, p))
    return [
        _judged(measure, Proportion(a), Proportion(b), effect, share, q, asked)
        for (measure, a, b, effect, share, _), q in zip(
            chosen, q_values([p for *_, p in chosen]), strict=True
        )
    ]


def _judged(
    measure: Measure,
    a: Proportion,
    b: Proportion,
    effect: Difference,
    share: float,
    q: float,
    asked: Question,
) -> Compared:
    daily = always_valid(effect, share)
    interval = daily if asked.looked_daily else effect.interval
    floor = asked.floor.at(a.value)
    judged = verdict.judge(interval, q, higher_is_better=measure.higher_is_better, floor=floor)
    elapsed = asked.days.length
    days_left = elapsed * (answers_needed(effect, floor) - 1)
    return Compared(
        measure=measure,
        a=a,
        b=b,
        difference=effect,
        interval=interval,
        fixed=effect.interval,
        daily=daily,
        q_value=q,
        smallest=smallest_detectable(effect, max(1.0, asked.planned_days / elapsed)),
        days_left=max(0.0, days_left),
        judged=judged,
        sentence=verdict.sentence(
            judged, interval, effect.value, a=asked.arms.a, b=asked.arms.b, days_left=days_left
        ),
    )


def _share_of_plan(
    counted: Counted, name: str, a: BucketCounts, b: BucketCounts, asked: Question
) -> float:
    """Answers so far, of those that the first week lets one expect by the end of the plan."""
    elapsed = asked.days.length
    first_a, first_b = (counted.of(arm, "first", name) for arm in _ARMS)
    if elapsed <= _FIRST_DAYS or not (first_a and first_b):
        return elapsed / asked.planned_days
    expected = _precision(first_a, first_b) * asked.planned_days / _FIRST_DAYS
    return _precision(a, b) / expected


def _precision(a: BucketCounts, b: BucketCounts) -> float:
    return 1 / (1 / a.total_n + 1 / b.total_n)


def _per_used(counted: Counted, what: str, used: str) -> PerUsed | None:
    a, b = counted.ratio("a", what, used), counted.ratio("b", what, used)
    if a is None or b is None:
        return None
    return PerUsed((a.ratio, a.interval), (b.ratio, b.interval))
