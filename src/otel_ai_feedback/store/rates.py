"""A rate and how sure it is: the twin of the interval in views/signal_rates_at.sql.

The view gives the rate of one day and model; who adds up days or models needs the interval of the
sum, and gets it here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from otel_ai_feedback.intervals import wilson


@dataclass(frozen=True)
class Rate:
    """A proportion with its 95 % interval (Wilson 1927, at Kish's effective n under sampling).

    Args:
        k: How many outputs showed the signal; 0 to ``n``.
        n: How many could have shown it; at least 1.
        weighted: Where traces were left out: for how many outputs the k and the n stand, and the
            effective n (columns ``k_weighted``, ``n_weighted`` and ``n_effective``).

    Raises:
        ValueError: ``k`` of ``n`` is no proportion.
    """

    k: int
    n: int
    weighted: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.k <= self.n or self.n == 0:
            raise ValueError(f"no proportion: {self.k} of {self.n}")

    @property
    def value(self) -> float:
        """The share, from 0 to 1."""
        k, n, _ = self.weights
        return k / n

    @property
    def weights(self) -> tuple[float, float, float]:
        """For how many outputs the k and the n stand, and the effective n."""
        return self.weighted or (self.k, self.n, self.n)

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return wilson(self.value, self.weights[2])[0]

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return wilson(self.value, self.weights[2])[1]

    def with_lost(self, lost: int) -> tuple[float, float]:
        """The least and greatest that the rate can be, had some lost actions arrived.

        Each could have been the signal on an output that counts without it, or the sight of one
        that does not count at all.

        Args:
            lost: How many actions the pages could not deliver.
        """
        k, n, _ = self.weights
        return k / (n + lost), min(1.0, (k + lost) / n)

    def excludes(self, value: float) -> bool:
        """Whether a share lies outside the interval."""
        return not self.low <= value <= self.high


def pooled(rates: Iterable[Rate]) -> Rate:
    """The rate over all of some outputs, of which there must be one at least."""
    rates = list(rates)
    k, n = sum(rate.k for rate in rates), sum(rate.n for rate in rates)
    if all(rate.weighted is None for rate in rates):
        return Rate(k, n)
    weights = [rate.weights for rate in rates]
    stands_for = sum(weight[1] for weight in weights)
    squares = sum(weight[1] ** 2 / weight[2] for weight in weights)
    return Rate(k, n, (sum(weight[0] for weight in weights), stands_for, stands_for**2 / squares))
