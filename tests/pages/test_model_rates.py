"""Models beside each other: which differ by more than chance?"""

import pytest

from otel_ai_feedback.pages.model_rates import model_rates


def row(model, k, n):
    totals = {"signals": int(sum(k)), "outputs": int(sum(n))}
    weighted = {"k_weighted": sum(k), "n_weighted": sum(n), "n_effective": sum(n)}
    return {"model": model, "buckets_k": k, "buckets_n": n} | totals | weighted


def test_a_single_model_is_compared_with_nothing():
    (alone,) = model_rates([row("a", [1.0, 2.0], [4.0, 6.0])])
    assert (alone.others, alone.q) == (None, None)
    assert alone.rate.value == pytest.approx(0.3)


def test_each_model_is_compared_with_all_others_together():
    n = [10.0] * 64
    rows = [row("a", [1.0] * 64, n), row("b", [1.0] * 64, n), row("c", [6.0] * 64, n)]
    a, b, c = model_rates(rows)
    assert (a.others, b.others, c.others) == tuple(map(pytest.approx, (0.35, 0.35, 0.1)))
    assert c.q < 1e-9
    assert a.q == b.q


def test_users_who_differ_make_a_difference_less_sure():
    n = [10.0] * 64
    alike = model_rates([row("a", [5.0] * 64, n), row("b", [6.0] * 64, n)])
    habits = [10.0 * (bucket % 2) for bucket in range(64)]
    others = [10.0 * (bucket % 2) for bucket in range(26)] + [10.0 * (b % 3 > 0) for b in range(38)]
    apart = model_rates([row("a", habits, n), row("b", others, n)])
    assert abs(apart[1].rate.value - apart[0].rate.value) > 0.05
    assert alike[0].q < 0.01 < 0.05 < apart[0].q


def test_where_every_answer_is_alike_there_is_no_q():
    n = [10.0] * 64
    assert [rate.q for rate in model_rates([row("a", n, n), row("b", n, n)])] == [None, None]
