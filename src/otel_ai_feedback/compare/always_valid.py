"""An interval that holds at every look, for those who look each day.

An interval of 95 % that is looked at daily until it leaves 0 out leaves it out in far more than 5 %
of equal arms. The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
(arXiv 2103.06476, theorem 2.2) holds at all looks together. It is a mixture that is narrowest at a
number of answers that must be fixed in advance: those expected by the end of the plan.
"""

from __future__ import annotations

import math
from typing import Final

from otel_ai_feedback.compare.difference import Difference, Interval
from otel_ai_feedback.intervals.quantiles import t_quantile

_ALPHA: Final = 0.05


def always_valid(difference: Difference, share_of_plan: float) -> Interval:
    """95 % interval that holds at this look and every other one.

    Args:
        difference: B minus A, as of this look.
        share_of_plan: Answers so far, as a share of those that the plan expects by its end.
    """
    x = _mixture(share_of_plan)
    half = boundary(1.0, math.sqrt(x)) * _heavier(difference.degrees) * difference.standard_error
    return difference.value - half, difference.value + half


def always_valid_p(difference: Difference, share_of_plan: float) -> float:
    """Smallest alpha at which the sequence leaves 0 out; holds whenever one stops."""
    if not difference.standard_error:
        return 1.0
    z = abs(difference.value) / difference.standard_error / _heavier(difference.degrees)
    x = _mixture(share_of_plan)
    return min(1.0, math.sqrt(x + 1) * math.exp(-z * z * x / (2 * (x + 1))))


def boundary(t: float, rho: float) -> float:
    """Half width after ``t`` observations, in standard deviations of one of them."""
    x = t * rho * rho
    return math.sqrt(2 * (x + 1) / (t * x) * math.log(math.sqrt(x + 1) / _ALPHA))


def _mixture(share_of_plan: float) -> float:
    """t rho^2, with the rho at which the sequence is narrowest when the share is 1."""
    log_alpha = -2 * math.log(_ALPHA)
    return max(share_of_plan, 1e-6) * (log_alpha + math.log(log_alpha + 1))


def _heavier(degrees: float) -> float:
    """A standard error from few buckets is itself uncertain: as much wider as Student's t is."""
    return t_quantile(1 - _ALPHA, degrees) / t_quantile(1 - _ALPHA, math.inf)
