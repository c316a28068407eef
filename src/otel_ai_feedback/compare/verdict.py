"""One sentence: better, worse, no difference larger than d, or not enough data yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from otel_ai_feedback import formats
from otel_ai_feedback.compare.difference import Interval

ALPHA: Final = 0.05
_NEVER: Final = 365


class Outcome(Enum):
    """What can be said of B."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference"
    NOT_ENOUGH_DATA = "not_enough_data"


@dataclass(frozen=True)
class Judged:
    """One signal, judged.

    Attributes:
        outcome: What can be said.
        not_worse: Whether B is surely not worse by more than the floor, whatever else is open.
        floor: Smallest difference that matters.
    """

    outcome: Outcome
    not_worse: bool
    floor: float


@dataclass(frozen=True)
class Floor:
    """The smallest difference that matters.

    Attributes:
        points: So much at least, as a share.
        relative: Or this part of the rate, whichever is larger; of what is missing to 1 where that
            is less, as 9 points of 90 % are no trifle.
    """

    points: float = 0.01
    relative: float = 0.1

    def at(self, rate: float) -> float:
        """Of a rate."""
        return max(self.points, self.relative * min(rate, 1 - rate))


def judge(interval: Interval, q_value: float, *, higher_is_better: bool, floor: float) -> Judged:
    """What an interval of B minus A says.

    Args:
        interval: Of B minus A.
        q_value: Of the difference, corrected for how many signals are compared.
        higher_is_better: Which way is good.
        floor: Smallest difference that matters.
    """
    low, high = interval if higher_is_better else (-interval[1], -interval[0])
    not_worse = low > -floor
    if not_worse and high < floor:
        return Judged(Outcome.NO_DIFFERENCE, not_worse, floor)
    if q_value <= ALPHA and low > 0:
        return Judged(Outcome.BETTER, not_worse, floor)
    if q_value <= ALPHA and high < 0:
        return Judged(Outcome.WORSE, not_worse, floor)
    return Judged(Outcome.NOT_ENOUGH_DATA, not_worse, floor)


def overall(judged: Sequence[Judged]) -> Judged:
    """What all signals say together: worse if one is, else better if one is.

    Otherwise B is not worse only if no signal may still be.
    """
    outcomes = {one.outcome for one in judged}
    floor = max((one.floor for one in judged), default=Floor.points)
    for decisive in (Outcome.WORSE, Outcome.BETTER):
        if decisive in outcomes:
            return Judged(decisive, decisive is Outcome.BETTER, floor)
    not_worse = bool(judged) and all(one.not_worse for one in judged)
    if outcomes == {Outcome.NO_DIFFERENCE}:
        return Judged(Outcome.NO_DIFFERENCE, not_worse, floor)
    return Judged(Outcome.NOT_ENOUGH_DATA, not_worse, floor)


def exit_code(judged: Judged) -> int:
    """For CI and rollouts: 0 not worse, 1 worse, 3 cannot say yet."""
    if judged.outcome is Outcome.WORSE:
        return 1
    return 0 if judged.not_worse else 3


def sentence(
    judged: Judged, interval: Interval, value: float, *, a: str, b: str, days_left: float | None
) -> str:
    """The verdict on one signal, in words.

    Args:
        judged: What `judge` said.
        interval: Of B minus A.
        value: B minus A.
        a: Name of arm A.
        b: Name of arm B.
        days_left: Days until a difference of the floor's size shows at this traffic, if known.
    """
    low, high = map(formats.points, interval)
    size = f"{formats.points(value)} points ({low} to {high})"
    floor = formats.size(judged.floor)
    if judged.outcome in {Outcome.BETTER, Outcome.WORSE}:
        return f"{b} is {judged.outcome.value} than {a}: {size}."
    if judged.outcome is Outcome.NO_DIFFERENCE:
        return f"No difference larger than {floor} between {a} and {b}: {size}."
    text = f"Not enough data yet: {size}"
    if judged.not_worse:
        text += f"; {b} is not worse than {a} by more than {floor}"
    if days_left is not None and days_left > _NEVER:
        text += f". This traffic does not show a difference of {floor} within a year"
    elif days_left is not None and days_left >= 0.5:
        days = max(1, round(days_left))
        text += f". A difference of {floor} shows in about {formats.plural(days, 'more day')}"
    return f"{text}."
