"""B minus A: the difference of two rates, with its interval.

Both arms are counted in the same buckets of users, so what one user does in both arms moves both
rates together, and the difference of the two influences has no more noise than there is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from otel_ai_feedback.intervals.clustered import BucketCounts, Proportion
from otel_ai_feedback.intervals.quantiles import t_quantile, t_tail

Interval = tuple[float, float]


@dataclass(frozen=True)
class Difference:
    """B minus A.

    Attributes:
        value: The difference.
        standard_error: Its standard error.
        degrees: Degrees of freedom of that.
        bounds: The interval, where it is not the symmetric one.
        past: By how much it was adjusted for how the arms' users differed before (CUPED).
    """

    value: float
    standard_error: float
    degrees: float
    bounds: Interval | None = None
    past: float = 0.0

    @property
    def interval(self) -> Interval:
        """95 % interval for a window that was fixed before anyone looked."""
        if self.bounds is not None:
            return self.bounds
        half = t_quantile(0.95, self.degrees) * self.standard_error
        return self.value - half, self.value + half

    @property
    def p_value(self) -> float:
        """How often equal arms differ by this much."""
        if not self.standard_error:
            return 1.0
        return t_tail(self.value / self.standard_error, self.degrees)


def difference(a: BucketCounts, b: BucketCounts) -> Difference:
    """B minus A of rates or ratios in the same buckets.

    Where an arm is all or nothing its buckets show no spread, which does not mean that there is
    none; then the arms' own intervals are combined (MOVER; Zou and Donner, Stat. Med. 27, 2008).
    """
    both = sum(n > 0 and m > 0 for n, m in zip(a.n, b.n, strict=True))
    shared = sum(x * y for x, y in zip(a.influence, b.influence, strict=True))
    covariance = shared * both / (both - 1) if both > 1 else 0.0
    variance = max(0.0, a.variance + b.variance - 2 * covariance)
    value = b.ratio - a.ratio
    # of the arm with fewer, as 60 users with habits of their own need it
    degrees = min(a.degrees, b.degrees)
    if _is_rate(a) and _is_rate(b) and not (a.variance > 0 and b.variance > 0):
        return _without_spread(a, b, value, degrees)
    return Difference(value, math.sqrt(variance), degrees)


def adjusted(
    a: BucketCounts, b: BucketCounts, a_before: BucketCounts, b_before: BucketCounts
) -> Difference:
    """B minus A, less what the users of the two arms differed by before (CUPED).

    Args:
        a: Arm A.
        b: Arm B.
        a_before: The users of arm A, before they were in it.
        b_before: The users of arm B, before they were in it.

    The past differs between arms by chance alone, so the part of the difference that it explains
    (Deng, Xu, Kohavi, Walker, WSDM 2013) is noise. The slope is that of a regression over buckets.
    """
    now = difference(a, b)
    if now.bounds is not None or not (a_before.total_n and b_before.total_n):
        return now
    effect = _minus(b.influence, a.influence)
    past = _minus(b_before.influence, a_before.influence)
    squares = sum(value * value for value in past)
    filled = sum(n + m > 0 for n, m in zip(a.n, b.n, strict=True))
    if not squares or filled < 10:
        return now
    slope = sum(x * y for x, y in zip(effect, past, strict=True)) / squares
    rest = sum((x - slope * y) ** 2 for x, y in zip(effect, past, strict=True))
    shift = slope * (b_before.ratio - a_before.ratio)
    # one degree of freedom more is spent on the slope
    variance = rest * filled / (filled - 2)
    return Difference(now.value - shift, math.sqrt(variance), max(1.0, now.degrees - 1), past=shift)


def _is_rate(counts: BucketCounts) -> bool:
    return all(0 <= k <= n for k, n in zip(counts.k, counts.n, strict=True))


def _without_spread(a: BucketCounts, b: BucketCounts, value: float, degrees: float) -> Difference:
    of_a, of_b = Proportion(a), Proportion(b)
    low = value - math.hypot(of_b.value - of_b.low, of_a.high - of_a.value)
    high = value + math.hypot(of_b.high - of_b.value, of_a.value - of_a.low)
    # the standard error towards 0, where a test looks
    towards = value - low if value >= 0 else high - value
    bounds = max(-1.0, low), min(1.0, high)
    return Difference(value, towards / t_quantile(0.95, degrees), degrees, bounds)


def _minus(left: tuple[float, ...], right: tuple[float, ...]) -> list[float]:
    return [x - y for x, y in zip(left, right, strict=True)]
