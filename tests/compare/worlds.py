"""Invented users: how many answers each gets, and how each tends to behave.

Activity is log-normal, habits follow a beta distribution whose correlation within a user is given,
so that the design effect of a world is known.
"""

from dataclasses import dataclass

import numpy as np

from otel_ai_feedback.intervals import BucketCounts

BUCKETS = 64


@dataclass(frozen=True)
class World:
    """Users and how alike the answers to one of them are."""

    users: int
    answers: float
    spread: float
    rate: float
    correlation: float

    def activity(self, generator):
        """Answers to each user."""
        raw = generator.lognormal(0, self.spread, self.users)
        return np.maximum(1, np.round(raw * self.answers / np.exp(self.spread**2 / 2))).astype(int)

    def habits(self, generator):
        """Share of answers that each user does something with."""
        total = 1 / self.correlation - 1
        return generator.beta(self.rate * total, (1 - self.rate) * total, self.users)

    def counts(self, generator):
        """One draw of it, in buckets of users."""
        n = self.activity(generator)
        k = generator.binomial(n, self.habits(generator))
        return in_buckets(k, n, generator.integers(0, BUCKETS, self.users))


def in_buckets(k, n, buckets, size=BUCKETS):
    """Sums by bucket."""
    return BucketCounts(
        np.bincount(buckets, k, size).tolist(), np.bincount(buckets, n, size).tolist()
    )
