"""Student's t, against values of published tables and of SciPy 1.16."""

import math

import pytest

from otel_ai_feedback.intervals.quantiles import incomplete_beta, t_quantile, t_tail


@pytest.mark.parametrize(
    ("degrees", "quantile"),
    [
        (1, 12.706204736432095),
        (2, 4.302652729911275),
        (2.5, 3.5746548420036826),
        (10, 2.2281388519649385),
        (63, 1.9983405425207412),
        (1e9, 1.959963984540054),
    ],
)
def test_the_quantile_of_95_percent(degrees, quantile):
    assert t_quantile(0.95, degrees) == pytest.approx(quantile, rel=1e-8)


@pytest.mark.parametrize("confidence", [0.6, 0.8, 0.95, 0.999])
@pytest.mark.parametrize("degrees", [1, 1.7, 5, 63])
def test_quantile_and_tail_are_inverse(confidence, degrees):
    assert t_tail(t_quantile(confidence, degrees), degrees) == pytest.approx(1 - confidence)


def test_one_degree_is_cauchy_and_two_have_a_closed_form():
    assert t_tail(3, 1) == pytest.approx(1 - 2 / math.pi * math.atan(3))
    assert t_tail(3, 2) == pytest.approx(1 - 3 / math.sqrt(2 + 9))


def test_the_beta_function_at_its_ends_and_by_symmetry():
    assert incomplete_beta(2, 3, 0) == 0
    assert incomplete_beta(2, 3, 1) == 1
    assert incomplete_beta(2, 3, 0.3) + incomplete_beta(3, 2, 0.7) == pytest.approx(1)
    assert incomplete_beta(2, 3, 0.3) == pytest.approx(0.3483)
