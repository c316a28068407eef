"""A share of answers, and how sure it is when the same users give many of them.

Counts come in buckets of users. A bucket's residual, k - p n, is what its users add to or take from
the total beyond the share p, however alike their answers are; the spread of the residuals is the
variance of the ratio (Cochran, Sampling Techniques, 6.3 and 9A). From it follows how many
independent answers would be as precise, and Wilson's interval is taken at that number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from otel_ai_feedback.intervals.quantiles import t_quantile
from otel_ai_feedback.intervals.wilson import wilson

BUCKETS: Final = 64
"""Buckets of users in the store."""
NOTABLE_DESIGN_EFFECT: Final = 1.5
"""From this factor on pages say how many independent answers would be as precise."""


@dataclass(frozen=True)
class BucketCounts:
    """How many answers showed something, of how many that could have, by bucket of users.

    Attributes:
        k: Answers that showed it, by bucket.
        n: Answers that could have shown it. Under head sampling both are sums of weights.
        answers: How many answers were counted, where that is not the sum of ``n``: under sampling
            100 answers that stand for 10,000 say no more than 100.

    Raises:
        ValueError: The two do not have the same buckets.
    """

    k: Sequence[float]
    n: Sequence[float]
    answers: float | None = None

    def __post_init__(self) -> None:
        if len(self.k) != len(self.n):
            raise ValueError(f"{len(self.k)} buckets of k and {len(self.n)} of n")

    def __add__(self, other: BucketCounts) -> BucketCounts:
        answers = None
        if self.answers is not None or other.answers is not None:
            answers = self.counted + other.counted
        return BucketCounts(_added(self.k, other.k), _added(self.n, other.n), answers)

    @cached_property
    def total_k(self) -> float:
        """Answers that showed it."""
        return sum(self.k)

    @cached_property
    def total_n(self) -> float:
        """Answers that could have shown it."""
        return sum(self.n)

    @property
    def counted(self) -> float:
        """How many answers were counted."""
        return self.total_n if self.answers is None else self.answers

    @cached_property
    def ratio(self) -> float:
        """k of n, or per n."""
        return self.total_k / self.total_n

    @cached_property
    def influence(self) -> tuple[float, ...]:
        """By how much each bucket moves the ratio; they add up to 0."""
        ratio, n = self.ratio, self.total_n
        return tuple((k - ratio * m) / n for k, m in zip(self.k, self.n, strict=True))

    @cached_property
    def filled(self) -> int:
        """Buckets with any answer."""
        return sum(n > 0 for n in self.n)

    @property
    def correction(self) -> float:
        """What a sum of squares over the buckets is multiplied by: m / (m - 1)."""
        return self.filled / (self.filled - 1) if self.filled > 1 else 1.0

    @cached_property
    def variance(self) -> float:
        """Variance of the ratio; 0 also where a single bucket says nothing about it."""
        return self.correction * sum(value * value for value in self.influence)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of a ratio that is no share, such as seconds for each answer."""
        half = t_quantile(0.95, self.degrees) * math.sqrt(self.variance)
        return self.ratio - half, self.ratio + half

    @cached_property
    def degrees(self) -> float:
        """Degrees of freedom, 1 at least: fewer where few buckets have most of the answers.

        Buckets count as many equal ones would (Kish 1965), less one for the mean.
        """
        squares = sum(n * n for n in self.n)
        if not squares:
            return 1.0
        return max(1.0, min(self.filled - 1, self.total_n**2 / squares - 1))


@dataclass(frozen=True)
class Proportion:
    """A share with its interval.

    Args:
        counts: k of n, with 0 <= k <= n in every bucket and an n at all.

    Raises:
        ValueError: The counts are no proportion.
    """

    counts: BucketCounts

    def __post_init__(self) -> None:
        if not 0 <= self.counts.total_k <= self.counts.total_n or not self.counts.total_n:
            raise ValueError(f"no proportion: {self.counts.total_k} of {self.counts.total_n}")

    @property
    def value(self) -> float:
        """The share, from 0 to 1."""
        return self.counts.ratio

    @cached_property
    def n_effective(self) -> float:
        """How many independent answers this is worth to a Wilson interval.

        Fewer where the variance is itself uncertain, as it comes from few buckets: Wilson's
        interval depends on z^2 / n alone, so Student's t in the place of z is a smaller n.
        """
        worth = min(self.counts.total_n, self.counts.counted)
        spread = self.value * (1 - self.value)
        if self.counts.variance > 0 and spread > 0:
            worth = min(worth, spread / self.counts.variance)
        normal, student = (t_quantile(0.95, df) for df in (math.inf, self.counts.degrees))
        return worth * (normal / student) ** 2

    @property
    def design_effect(self) -> float:
        """How many answers are worth one independent answer."""
        return self.counts.counted / self.n_effective

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return wilson(self.value, self.n_effective)[0]

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return wilson(self.value, self.n_effective)[1]


def _added(left: Sequence[float], right: Sequence[float]) -> tuple[float, ...]:
    return tuple(a + b for a, b in zip(left, right, strict=True))
