"""A rate and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# The 97.5 % quantile of the normal distribution: two-sided 95 %.
_Z: Final = 1.959964


@dataclass(frozen=True)
class Rate:
    """A proportion with its 95 % Wilson interval.

    Args:
        k: How many outputs showed the signal.
        n: How many could have shown it; at least 1.
    """

    k: int
    n: int

    @property
    def value(self) -> float:
        """The share, from 0 to 1."""
        return self.k / self.n

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return max(0.0, self._centre - self._half_width)

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return min(1.0, self._centre + self._half_width)

    def excludes(self, value: float) -> bool:
        """Whether a share lies outside the interval."""
        return not self.low <= value <= self.high

    @property
    def _centre(self) -> float:
        return (2 * self.k + _Z**2) / (2 * (self.n + _Z**2))

    @property
    def _half_width(self) -> float:
        spread = math.sqrt(_Z**2 + 4 * self.k * (self.n - self.k) / self.n)
        return _Z * spread / (2 * (self.n + _Z**2))


def pooled(rates: Iterable[Rate]) -> Rate:
    """The rate over all of some outputs, of which there must be one at least."""
    counts = [(rate.k, rate.n) for rate in rates]
    return Rate(sum(k for k, _ in counts), sum(n for _, n in counts))
