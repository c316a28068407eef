"""An interval that holds at every look, for those who look each day.

An interval of 95 % that is looked at daily until it leaves 0 out leaves it out in far more than 5 %
of equal arms. The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
(arXiv 2103.06476, theorem 2.2) holds at all looks together. It is a mixture that is narrowest at a
number of answers that must be fixed in advance: those expected by the end of the plan.
"""

from __future__ import annotations

import math

from otel_ai_feedback.compare.difference import Difference, Interval
from otel_ai_feedback.intervals.quantiles import t_quantile


def always_valid(
    difference: Difference, share_of_plan: float, confidence: float = 0.95
) -> Interval:
    """Interval that holds at this look and every other one.

    Args:
        difference: B minus A, as of this look.
        share_of_plan: Answers so far, as a share of those that the plan expects by its end.
        confidence: Over all looks together.
    """
    half = difference.standard_error * _width(share_of_plan, difference.degrees, confidence)
    return difference.value - half, difference.value + half


def always_valid_p(difference: Difference, share_of_plan: float, confidence: float = 0.95) -> float:
    """Smallest alpha at which the sequence leaves 0 out; holds whenever one stops.

    ``confidence`` is that for which the mixture is narrowest at the end of the plan.
    """
    if not difference.standard_error:
        return 1.0
    z = abs(difference.value) / difference.standard_error / _heavier(difference.degrees, confidence)
    x = _mixture(share_of_plan, confidence)
    return min(1.0, math.sqrt(x + 1) * math.exp(-z * z * x / (2 * (x + 1))))


def boundary(t: float, rho: float, alpha: float = 0.05) -> float:
    """Half width after ``t`` observations, in standard deviations of one of them."""
    x = t * rho * rho
    return math.sqrt(2 * (x + 1) / (t * x) * math.log(math.sqrt(x + 1) / alpha))


def _width(share_of_plan: float, degrees: float, confidence: float) -> float:
    x = _mixture(share_of_plan, confidence)
    return boundary(1.0, math.sqrt(x), 1 - confidence) * _heavier(degrees, confidence)


def _mixture(share_of_plan: float, confidence: float) -> float:
    """t rho^2, with the rho at which the sequence is narrowest when the share is 1."""
    log_alpha = -2 * math.log(1 - confidence)
    return max(share_of_plan, 1e-6) * (log_alpha + math.log(log_alpha + 1))


def _heavier(degrees: float, confidence: float) -> float:
    """A standard error from few buckets is itself uncertain: as much wider as Student's t is."""
    return t_quantile(confidence, degrees) / t_quantile(confidence, 1e9)
