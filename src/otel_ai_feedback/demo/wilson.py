"""Interval of a proportion."""

from __future__ import annotations

from math import sqrt
from typing import Final

Z: Final = 1.959964


def wilson(k: int, n: int) -> tuple[float, float]:
    """Bounds of the 95 % interval of ``k`` successes in ``n`` (Wilson 1927).

    Raises:
        ValueError: Unless ``0 <= k <= n`` and ``n > 0``.
    """
    if not 0 <= k <= n or n == 0:
        raise ValueError(f"no proportion: {k} of {n}")
    centre = k + Z * Z / 2
    spread = Z * sqrt(k * (n - k) / n + Z * Z / 4)
    # Rounding must not carry a bound past the rate or out of [0, 1].
    low, high = (centre - spread) / (n + Z * Z), (centre + spread) / (n + Z * Z)
    return max(0.0, min(low, k / n)), min(1.0, max(high, k / n))
