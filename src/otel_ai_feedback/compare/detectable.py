"""What this traffic can show, and when."""

from __future__ import annotations

import math
from typing import Final

from otel_ai_feedback.compare.difference import Difference
from otel_ai_feedback.intervals.quantiles import t_quantile

POWER: Final = 0.8
"""How often a true difference of the smallest detectable size is found."""


def smallest_detectable(difference: Difference, more_answers: float = 1.0) -> float:
    """Smallest true difference that is found in 4 of 5 cases.

    Args:
        difference: As of now.
        more_answers: Answers by then, as a multiple of those so far. More answers are taken to come
            from more users: where the same users only give more, it falls more slowly.
    """
    return _units(difference) * difference.standard_error / math.sqrt(more_answers)


def answers_needed(difference: Difference, size: float) -> float:
    """As a multiple of the answers so far, how many show a difference of this size."""
    return (_units(difference) * difference.standard_error / size) ** 2


def _units(difference: Difference) -> float:
    # two-sided at 2 power - 1 has the power below its upper end
    return t_quantile(0.95, difference.degrees) + t_quantile(2 * POWER - 1, difference.degrees)
