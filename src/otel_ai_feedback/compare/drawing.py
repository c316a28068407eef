"""A difference and its interval as SVG, made on the server: the page needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

from otel_ai_feedback.compare.comparison import Compared

_WIDTH: Final = 320
_HEIGHT: Final = 26
_MARGIN: Final = 8


def reach(measures: Sequence[Compared]) -> float:
    """The largest difference that must fit, to either side of 0."""
    ends = [abs(end) for one in measures for end in (*one.interval, one.judged.floor)]
    return max(ends, default=1.0)


def difference_mark(one: Compared, end: float) -> Markup:
    """The interval of B minus A, around what is too small to matter.

    Args:
        one: What was compared.
        end: The difference at the right end; minus that at the left end.
    """
    middle = _HEIGHT / 2
    floor = one.judged.floor
    tone = escape(one.judged.outcome.value)

    def x(difference: float) -> str:
        share = (max(-end, min(end, difference)) / end + 1) / 2
        return f"{_MARGIN + share * (_WIDTH - 2 * _MARGIN):.1f}"

    wide = float(x(floor)) - float(x(-floor))
    return Markup(  # noqa: S704 - built from numbers and an escaped word
        f'<svg class="chart whisker" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-hidden="true">'
        f'<rect class="band" x="{x(-floor)}" width="{wide:.1f}" y="0" height="{_HEIGHT}"/>'
        f'<line class="all" x1="{x(0)}" x2="{x(0)}" y1="0" y2="{_HEIGHT}"/>'
        f'<line class="interval {tone}" x1="{x(one.interval[0])}" x2="{x(one.interval[1])}" '
        f'y1="{middle}" y2="{middle}"/>'
        f'<circle class="dot {tone}" cx="{x(one.difference.value)}" cy="{middle}" r="4"/></svg>'
    )
