"""A rate and how sure it is: the twin of the interval in views/signal_rates_at.sql.

The view gives the rate of one day and model; who adds up days or models needs the interval of the
sum, and gets it here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# The 97.5 % quantile of the normal distribution: two-sided 95 %.
_Z: Final = 1.959964


@dataclass(frozen=True)
class Rate:
    """A proportion with its 95 % interval (Wilson 1927).

    Args:
        k: How many outputs showed the signal; 0 to ``n``.
        n: How many could have shown it; at least 1.

    Raises:
        ValueError: ``k`` of ``n`` is no proportion.
    """

    k: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.k <= self.n or self.n == 0:
            raise ValueError(f"no proportion: {self.k} of {self.n}")

    @property
    def value(self) -> float:
        """The share, from 0 to 1."""
        return self.k / self.n

    # Rounding must not carry a bound past the rate or out of [0, 1].

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return max(0.0, min(self.value, self._centre - self._half_width))

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return min(1.0, max(self.value, self._centre + self._half_width))

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
