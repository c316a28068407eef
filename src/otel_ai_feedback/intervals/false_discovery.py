"""Many comparisons at once: of those shown as different, how many are luck."""

from __future__ import annotations

from collections.abc import Sequence


def q_values(p_values: Sequence[float]) -> list[float]:
    """q by Benjamini and Hochberg (J. R. Stat. Soc. B 57, 1995), in the order of the p values.

    Of all that have a q up to .05, one in twenty is expected to be luck.
    """
    places = sorted(range(len(p_values)), key=lambda index: p_values[index], reverse=True)
    q, found = 1.0, [1.0] * len(p_values)
    for place, index in enumerate(places):
        q = min(q, p_values[index] * len(p_values) / (len(p_values) - place))
        found[index] = q
    return found
