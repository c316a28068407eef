"""A rate and how sure it is, as the store has counted it."""

from __future__ import annotations

from dataclasses import dataclass

from otel_ai_feedback.intervals import wilson

NOTABLE_DESIGN_EFFECT = 1.5
"""From here on it is said how many independent answers would be as precise."""


@dataclass(frozen=True)
class Rate:
    """A proportion with its 95 % interval (Wilson 1927, at the effective number of answers).

    Args:
        k: How many outputs showed the signal; 0 to ``n``.
        n: How many could have shown it; at least 1.
        weighted: For how many outputs the k and the n stand where traces were left out, and how
            many independent answers would be as precise (columns ``k_weighted``, ``n_weighted``
            and ``n_effective``). Without it all ``n`` are independent.

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
    def n_effective(self) -> float:
        """How many independent answers would be as precise."""
        return self.weights[2]

    @property
    def as_precise_as(self) -> int | None:
        """``n_effective``, where it is so far below ``n`` that it should be said."""
        notable = self.n >= NOTABLE_DESIGN_EFFECT * self.n_effective
        return max(1, round(self.n_effective)) if notable else None

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return wilson(self.value, self.n_effective)[0]

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return wilson(self.value, self.n_effective)[1]

    def with_lost(self, lost: int) -> tuple[float, float]:
        """The least and greatest that the rate can be, had some lost actions arrived.

        Each could have been the signal on an output that counts without it, or the sight of one
        that does not count at all.

        Args:
            lost: How many actions the pages could not deliver.
        """
        k, n, _ = self.weights
        return k / (n + lost), min(1.0, (k + lost) / n)
