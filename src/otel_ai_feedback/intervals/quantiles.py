"""Student's t distribution, to machine precision and without a dependency.

The incomplete beta function by its continued fraction (Lentz 1976; DLMF 8.17.22), the quantile by
Newton's method on it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()
_TINY: Final = 1e-300
_AS_GOOD_AS_NORMAL: Final = 1e6


def t_tail(t: float, degrees: float) -> float:
    """Probability that Student's t lies further from 0 than ``t``, on both sides together."""
    if degrees > _AS_GOOD_AS_NORMAL:
        return math.erfc(abs(t) / math.sqrt(2))
    return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t))


@lru_cache(maxsize=4096)
def t_quantile(confidence: float, degrees: float) -> float:
    """Half width, in standard errors, of a two-sided interval of this confidence.

    Args:
        confidence: Of the interval, .95 for example.
        degrees: Degrees of freedom, 1 at least; they need not be whole.
    """
    alpha = 1 - confidence
    t = _NORMAL.inv_cdf(1 - alpha / 2)
    if degrees > _AS_GOOD_AS_NORMAL:
        return t
    # From the normal quantile, which lies below: the tail is convex there, so Newton's steps only
    # ever come closer from below.
    log_norm = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)
    norm = math.exp(log_norm) / math.sqrt(degrees * math.pi)
    for _ in range(200):
        density = norm * (1 + t * t / degrees) ** (-(degrees + 1) / 2)
        step = (t_tail(t, degrees) - alpha) / (2 * density)
        t += step
        if abs(step) < 1e-12 * t:
            break
    return t


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    return front * _continued_fraction(a, b, x) / a


def _continued_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / _nonzero(1 + even * d)
        c = _nonzero(1 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _nonzero(1 + odd * d)
        c = _nonzero(1 + odd / c)
        value *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
