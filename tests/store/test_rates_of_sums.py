import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.store.rates import Rate


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (5, 10, 0.2366, 0.7634),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_reference_values(k, n, low, high):
    assert (Rate(k, n).low, Rate(k, n).high) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_holds_the_rate_and_mirrors(counts):
    k, n = counts
    rate = Rate(k, n)
    assert 0 <= rate.low <= rate.value <= rate.high <= 1
    mirrored = Rate(n - k, n)
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - rate.high, 1 - rate.low))


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 9), st.integers(0, 9))
def test_lost_actions_stay_within_their_bounds(signals, others, lost_signals, lost_sights):
    """Whatever the lost ones were: the signal on an output that counts, or the sight of another."""
    n = max(1, signals + others)
    found = Rate(signals, n).with_lost(lost_signals + lost_sights)
    true = min(signals + lost_signals, n) / (n + lost_sights)
    assert found[0] <= true <= found[1]


@pytest.mark.parametrize(("k", "n"), [(0, 0), (-1, 3), (4, 3)])
def test_refuses_what_is_no_proportion(k, n):
    with pytest.raises(ValueError, match=f"{k} of {n}"):
        Rate(k, n)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_equal_weights_are_no_weights(counts):
    k, n = counts
    rate, weighted = Rate(k, n), Rate(k, n, (8.0 * k, 8.0 * n, float(n)))
    assert (weighted.low, weighted.high) == pytest.approx((rate.low, rate.high))
