"""The interval of a rate by users is the same in SQL as in Python."""

import numpy as np
import pytest

from otel_ai_feedback.intervals import BucketCounts, Proportion, t_quantile
from otel_ai_feedback.store.fragments import expand

from compare.worlds import World  # isort: skip

EFFECTIVE = expand("{{n_effective(k, n, answers)}}")


def effective(engine, counts):
    """What the fragment makes of many counts."""
    rows = ", ".join(
        f"({[float(k) for k in c.k]}, {[float(n) for n in c.n]}, {float(c.counted)})"
        for c in counts
    )
    found = engine.query(
        f"select {EFFECTIVE} from values('k Array(Float64), n Array(Float64), answers Float64', "
        f"{rows})"
    ).result_rows
    return [row[0] for row in found]


def test_sql_and_python_agree(engine):
    generator = np.random.default_rng(31)
    counts = [
        World(users, answers, spread, rate, 0.2).counts(generator)
        for users in (3, 30, 400, 3000)
        for answers, spread in ((1, 0.1), (10, 1.5))
        for rate in (0.02, 0.3, 0.97)
        for _ in range(3)
    ]
    one = [0] * 63
    counts += [
        BucketCounts([3, *one], [10, *one]),  # a single bucket
        BucketCounts([3, 1, *one[1:]], [10, 5, *one[1:]]),
        BucketCounts([0] * 64, [2] * 64),
        BucketCounts([2] * 64, [2] * 64),
        BucketCounts([0.5] * 64, [1] * 64),  # no spread at all
        BucketCounts([100, 0] * 32, [1000, 900] * 32, answers=320),
        BucketCounts([0] * 64, [1000] * 64, answers=320),
    ]
    ours = [Proportion(c).n_effective for c in counts]
    # the quantile of Student's t is approximated in SQL
    assert effective(engine, counts) == pytest.approx(ours, rel=2.2e-4)


def test_students_t_is_approximated_well_enough(engine):
    degrees = [1 + 62 * (i / 999) ** 2 for i in range(1000)] + [1e6]
    rows = engine.query(
        f"select {expand('{{student(df)}}')} from (select arrayJoin({degrees}) as df)"
    ).result_rows
    exact = [(1.959964 / t_quantile(0.95, df)) ** 2 for df in degrees]
    worst = max(abs(row[0] / value - 1) for row, value in zip(rows, exact, strict=True))
    print(f"worst relative error of (z / t)^2: {worst:.1e}")
    assert worst < 2.2e-4
