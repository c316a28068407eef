"""The rate of each model beside that of the others: which differ by more than chance?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from otel_ai_feedback.intervals.clustered import BucketCounts
from otel_ai_feedback.intervals.false_discovery import q_values
from otel_ai_feedback.intervals.quantiles import t_tail
from otel_ai_feedback.store.ask import Row
from otel_ai_feedback.store.rates import Rate


@dataclass(frozen=True)
class ModelRate:
    """The rate of one model beside that of the others.

    Attributes:
        model: Its name.
        rate: Its rate.
        others: The rate of the other models together; none for a single model.
        q: How likely it is that rows with a q like this differ by luck; none for a single model.
    """

    model: str
    rate: Rate
    others: float | None
    q: float | None


def rate_of(row: Row) -> Rate:
    """The rate in a row of ``pages/rates``."""
    weighted = (row["k_weighted"], row["n_weighted"], row["n_effective"])
    return Rate(row["signals"], row["outputs"], weighted)


def model_rates(rows: Sequence[Row]) -> list[ModelRate]:
    """How each model compares with the others.

    A user may have had answers of several models, so the difference is judged by buckets of users
    (docs/statistics.md), and corrected for the number of models by Benjamini and Hochberg.

    Args:
        rows: Those of ``pages/rates`` with the part ``model``, of one signal.
    """
    counts = [BucketCounts(row["buckets_k"], row["buckets_n"]) for row in rows]
    if len(counts) < 2:
        return [ModelRate(row["model"], rate_of(row), None, None) for row in rows]
    others = [
        BucketCounts(
            [sum(bucket) for bucket in zip(*(other.k for other in rest), strict=True)],
            [sum(bucket) for bucket in zip(*(other.n for other in rest), strict=True)],
        )
        for rest in (counts[:place] + counts[place + 1 :] for place in range(len(counts)))
    ]
    found = [_p_value(one, rest) for one, rest in zip(counts, others, strict=True)]
    q = iter(q_values([p for p in found if p is not None]))
    return [
        ModelRate(row["model"], rate_of(row), rest.ratio, None if p is None else next(q))
        for row, rest, p in zip(rows, others, found, strict=True)
    ]


def _p_value(one: BucketCounts, rest: BucketCounts) -> float | None:
    """How often two equal rates differ by as much; none where every answer is alike."""
    total = one.total_n + rest.total_n
    overall = (one.total_k + rest.total_k) / total
    differences = [
        (k - overall * n) / one.total_n - (other_k - overall * other_n) / rest.total_n
        for k, n, other_k, other_n in zip(one.k, one.n, rest.k, rest.n, strict=True)
    ]
    filled = sum(n + other > 0 for n, other in zip(one.n, rest.n, strict=True))
    by_users = sum(each * each for each in differences) * filled / (filled - 1) if filled > 1 else 0
    by_answers = overall * (1 - overall) * (1 / one.total_n + 1 / rest.total_n)
    variance = max(by_answers, by_users)
    if variance <= 0:
        return None
    degrees = min(one.degrees, rest.degrees)
    return t_tail((one.ratio - rest.ratio) / math.sqrt(variance), degrees)
