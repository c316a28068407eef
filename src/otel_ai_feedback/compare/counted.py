"""What the store counted of two arms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from otel_ai_feedback.compare.arms import Arms, window
from otel_ai_feedback.intervals.clustered import BUCKETS, BucketCounts
from otel_ai_feedback.store.ask import Row

Arm = Literal["a", "b"]
Part = Literal["before", "first", "later"]
QUALITY: Final = "quality"
MOST_ANSWERS: Final = 250_000
"""Of both arms, up to which single answers are looked at: above, intervals are narrow anyway."""
SAMPLED_ANSWERS: Final = 50_000
"""Of more answers than that, so many are looked at for what they took."""
_FEATURE: Final = "feature "


@dataclass(frozen=True)
class Window:
    """The days of a comparison, both ends included. Arms that are windows have their own."""

    since: date
    until: date
    since_a: date
    until_a: date

    @classmethod
    def of(cls, arms: Arms, since: date, until: date) -> Window:
        """The days of two arms that are asked about from one day to another."""
        if arms.by != "days":
            return cls(since, until, since, until)
        return cls(*window(arms.b), *window(arms.a))

    @property
    def length(self) -> int:
        """How many days it is."""
        return (self.until - self.since).days + 1


@dataclass(frozen=True)
class Sample:
    """What is looked at of many answers, beside their counts by day.

    Attributes:
        answers: Of how many answers.
    """

    answers: float

    @classmethod
    def of(cls, rates: Sequence[Row]) -> Sample | None:
        """None where single answers can all be looked at.

        Args:
            rates: Of ``compare/rates``.
        """
        answers: float = sum(row["answers"] for row in rates if row["measured"] == "failed")
        return cls(answers) if answers > MOST_ANSWERS else None

    @property
    def buckets(self) -> int:
        """Of 64 buckets of users, so many."""
        return max(1, int(BUCKETS * MOST_ANSWERS / self.answers))

    @property
    def below(self) -> str:
        """Trace ids below this."""
        return f"{int(min(1.0, SAMPLED_ANSWERS / self.answers) * 0xFFFF_FFFF):08x}"


@dataclass(frozen=True)
class Counted:
    """Counts of both arms.

    Attributes:
        counts: By arm, part of the time and what was measured.
        users: Users of each arm, those in both included.
        users_in_both: How many of them are in both.
        sample: What is looked at where there are too many answers to look at single ones.
    """

    counts: Mapping[tuple[str, str, str], BucketCounts]
    users: Mapping[str, int]
    users_in_both: int
    sample: Sample | None

    @classmethod
    def read(
        cls,
        facts: Sequence[Row],
        rates: Sequence[Row],
        sample: Sample | None,
        users: Sequence[Row] = (),
    ) -> Counted:
        """Put together what the statements answer.

        Args:
            facts: Of ``compare/counts``, or of ``compare/quality`` and ``compare/sample``.
            rates: Of ``compare/rates``, which hold where there are any.
            sample: What ``facts`` and ``users`` are of, if not of all answers.
            users: Of ``compare/users``, which is asked about a sample.
        """
        # every answer of an arm can fail
        whole = {r["arm"]: r for r in facts if (r["part"], r["measured"]) == ("", "failed")}
        counts = {(r["arm"], r["part"], r["measured"]): _counts(r) for r in facts if r["part"]}
        return cls(
            counts | {(r["arm"], r["part"], r["measured"]): _counts(r) for r in rates},
            users[0] if users else {arm: row["users"] for arm, row in whole.items()},
            users[0]["in_both"]
            if users
            else max((row["users_in_both"] for row in whole.values()), default=0),
            sample,
        )

    def of(self, arm: Arm, part: Part, measured: str) -> BucketCounts | None:
        """Counts of a part of the time."""
        return self.counts.get((arm, part, measured))

    def total(self, arm: Arm, measured: str) -> BucketCounts | None:
        """Counts of the whole time, without the past."""
        first, later = self.of(arm, "first", measured), self.of(arm, "later", measured)
        return first + later if first and later else first or later

    def share(self, arm: Arm, measured: str) -> BucketCounts:
        """Of all answers, those that were measured; none where none was."""
        everything, part = self.total(arm, "failed"), self.total(arm, measured)
        none = [0.0] * BUCKETS
        return BucketCounts(part.n if part else none, everything.n if everything else none)

    def ratio(self, arm: Arm, of: str, per: str) -> BucketCounts | None:
        """How much there is of one for each of the other: seconds for each answer that was used."""
        above, below = self.total(arm, of), self.total(arm, per)
        if above is None or below is None or not below.total_k:
            return None
        return BucketCounts(above.k, below.k)

    @property
    def features(self) -> Sequence[str]:
        """Features of which there are answers, in order."""
        names = {name for _, _, name in self.counts if name.startswith(_FEATURE)}
        return sorted(name.removeprefix(_FEATURE) for name in names)

    def feature(self, arm: Arm, name: str) -> BucketCounts:
        """Share of a feature in an arm."""
        return self.share(arm, f"{_FEATURE}{name}")


def _counts(row: Row) -> BucketCounts:
    return BucketCounts(_buckets(row["k"]), _buckets(row["n"]), row["answers"])


def _buckets(sums: Mapping[int, float] | Sequence[float]) -> list[float]:
    """All buckets, of sums that leave out empty ones or those at the end."""
    known = sums if isinstance(sums, Mapping) else dict(enumerate(sums))
    return [known.get(bucket, 0.0) for bucket in range(BUCKETS)]
