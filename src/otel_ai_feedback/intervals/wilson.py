"""Wilson's interval of a share (J. Am. Stat. Assoc. 22, 1927)."""

from __future__ import annotations

import math
from typing import Final

Z_95: Final = 1.959964
"""The 97.5 % quantile of the normal distribution: two-sided 95 %."""


def wilson(share: float, n: float) -> tuple[float, float]:
    """Both ends of the 95 % interval around a share.

    Args:
        share: From 0 to 1.
        n: As many independent answers as the share is worth; above 0.
    """
    z = Z_95
    centre = (2 * n * share + z * z) / (2 * (n + z * z))
    half = z * math.sqrt(z * z + 4 * n * share * (1 - share)) / (2 * (n + z * z))
    # rounding must not carry a bound past the share or out of [0, 1]
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
