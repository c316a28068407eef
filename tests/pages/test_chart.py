from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.pages import chart
from otel_ai_feedback.pages.chart import Period, Point
from otel_ai_feedback.store.rates import Rate

FIRST = date(2026, 11, 1)
RATE = st.integers(1, 5000).flatmap(
    lambda n: st.builds(Rate, k=st.integers(0, n), n=st.just(n)),
)


def _points(*days):
    return [Point(FIRST + timedelta(days=day), Rate(10, 100)) for day in days]


@pytest.mark.parametrize(
    ("days", "step", "lines", "lone"),
    [
        ((0, 1, 2), 1, 1, 0),
        ((0, 1, 3, 4), 1, 2, 0),
        ((0, 2, 3), 1, 1, 1),
        ((5,), 1, 0, 1),
        ((), 1, 0, 0),
        ((0, 7, 21), 7, 1, 1),
    ],
)
def test_gaps(days, step, lines, lone):
    period = Period(FIRST, FIRST + timedelta(days=27))
    drawn = chart.trend(_points(*days), period, "title", step)
    assert drawn.count("<polyline") == lines
    assert drawn.count('class="lone"') == lone
    assert drawn.count("<circle") == len(days)


def test_the_period_begins_where_the_data_do():
    last = FIRST + timedelta(days=27)
    assert Period.around(_points(15, 20), FIRST, last).first == FIRST + timedelta(days=15)
    assert Period.around(_points(26), FIRST, last).first == last - timedelta(days=6)
    assert Period.around([], FIRST, last).first == FIRST
    assert Period(FIRST, FIRST).days == 1


def test_titles_are_escaped():
    assert "<b>" not in chart.trend([], Period(FIRST, FIRST), '"><b>')


@given(RATE)
def test_an_interval_holds_its_rate_and_stays_within_0_and_1(rate):
    assert 0 <= rate.low <= rate.value + 1e-12
    assert rate.value - 1e-12 <= rate.high <= 1


@given(st.lists(RATE, max_size=8))
def test_an_axis_ends_above_every_rate(rates):
    assert chart.top(rates) >= max((rate.value for rate in rates), default=0)


def test_a_few_outputs_do_not_stretch_the_axis():
    rates = [Rate(0, 1), Rate(10, 1000)]
    assert chart.top(rates, weighty=30) == 0.02
    assert chart.top(rates) == 0.8
    assert chart.top([Rate(1, 1)], weighty=30) == 1
