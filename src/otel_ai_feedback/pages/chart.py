"""Charts as SVG, made on the server: the page needs no script.

Colours and fonts come from the style sheet through classes, so that one image serves light and
dark. A day without data is a gap in the line, never a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup, escape

from otel_ai_feedback.formats import interval, percent
from otel_ai_feedback.store.rates import Rate

# Where an axis may end, in percent, and how far apart its lines then are.
_STEPS: Final = {2: 0.5, 5: 1, 10: 2, 20: 5, 30: 10, 40: 10, 50: 10, 60: 20, 80: 20, 100: 20}

# Below so many outputs the interval of a day is so wide that it would flatten all others.
_WEIGHTY_DAY: Final = 30


@dataclass(frozen=True)
class Point:
    """The rate of one day, or of the period that begins with it."""

    day: date
    rate: Rate


@dataclass(frozen=True)
class Period:
    """The days that a chart covers, both ends included."""

    first: date
    last: date

    @classmethod
    def around(cls, points: Iterable[Point], first: date, last: date) -> Period:
        """From the first point on, when it is later than ``first``, but a week at least."""
        begin = min((point.day for point in points), default=first)
        return cls(max(first, min(begin, last - timedelta(days=6))), last)

    @property
    def days(self) -> int:
        """How many days it is, at least 1."""
        return max(1, (self.last - self.first).days)


def top(rates: Sequence[Rate], weighty: int = 1) -> float:
    """The round share at which an axis ends.

    Args:
        rates: What must fit below it.
        weighty: From how many outputs on the whole interval must fit, not just the rate.
    """
    intervals = [rate.high for rate in rates if rate.n >= weighty]
    highest = max([*intervals, *(rate.value for rate in rates)], default=0.0)
    return next((end / 100 for end in _STEPS if end / 100 >= highest), 1.0)


def sparkline(points: Sequence[Point], period: Period, days: int = 1) -> Markup:
    """A small line with its band and no axes; the text beside it says the numbers.

    Args:
        points: In the order of days.
        period: What the width stands for.
        days: Days from one point to the next; more than that is a gap.
    """
    frame = _Frame(width=220, height=48, left=3, right=3, above=3, under=3)
    axis = _Axis(frame, period, top([point.rate for point in points], _WEIGHTY_DAY))
    return _svg(frame, "spark", "".join(_marks(points, axis, days, radius=2.2)))


def trend(points: Sequence[Point], period: Period, title: str, days: int = 1) -> Markup:
    """A line with its 95 % band, axes, and the numbers of each point on hovering.

    Args:
        points: In the order of days.
        period: What the width stands for.
        title: Text for screen readers.
        days: Days from one point to the next; more than that is a gap.
    """
    frame = _Frame(width=900, height=260, left=52, right=14, above=12, under=28)
    axis = _Axis(frame, period, top([point.rate for point in points], _WEIGHTY_DAY))
    parts = [*_grid(axis), *_marks(points, axis, days, radius=3.2)]
    return _svg(frame, "trend", "".join(parts), title)


def whisker(rate: Rate, overall: float, end: float, tone: str) -> Markup:
    """One row of a comparison: the interval, the rate, and the overall rate.

    Args:
        rate: The rate of the row.
        overall: The overall rate.
        end: Share at the right end.
        tone: Class of the mark: ``better``, ``worse`` or ``same``.
    """
    frame = _Frame(width=320, height=22, left=6, right=6, above=0, under=0)

    def x(share: float) -> str:
        return _number(frame.left + (frame.width - 12) * min(share, end) / end)

    middle = frame.height / 2
    return _svg(
        frame,
        "whisker",
        f'<line class="all" x1="{x(overall)}" x2="{x(overall)}" '
        f'y1="0" y2="{frame.height}"/>'
        f'<line class="interval {escape(tone)}" x1="{x(rate.low)}" x2="{x(rate.high)}" '
        f'y1="{_number(middle)}" y2="{_number(middle)}"/>'
        f'<circle class="dot {escape(tone)}" cx="{x(rate.value)}" cy="{_number(middle)}" r="4"/>',
    )


@dataclass(frozen=True)
class _Frame:
    width: int
    height: int
    left: int
    right: int
    above: int
    under: int


@dataclass(frozen=True)
class _Axis:
    frame: _Frame
    period: Period
    top: float

    def x(self, day: date) -> float:
        inner = self.frame.width - self.frame.left - self.frame.right
        return self.frame.left + inner * (day - self.period.first).days / self.period.days

    def y(self, share: float) -> float:
        inner = self.frame.height - self.frame.above - self.frame.under
        return self.frame.above + inner * (1 - min(share, self.top) / self.top)


def _grid(axis: _Axis) -> Iterator[str]:
    right = axis.frame.width - axis.frame.right
    step = _STEPS[round(100 * axis.top)]
    for line in range(round(100 * axis.top / step) + 1):
        share = line * step / 100
        y = _number(axis.y(share))
        digits = 0 if step >= 1 else 1
        yield f'<line class="grid" x1="{axis.frame.left}" x2="{right}" y1="{y}" y2="{y}"/>'
        yield (
            f'<text class="tick" x="{axis.frame.left - 8}" y="{y}" dy=".32em" '
            f'text-anchor="end">{percent(share, digits)}</text>'
        )
    for day in _ticks(axis.period):
        yield (
            f'<text class="tick" x="{_number(axis.x(day))}" y="{axis.frame.height - 8}" '
            f'text-anchor="middle">{day.day}\u00a0{day:%b}</text>'
        )


def _ticks(period: Period) -> Iterator[date]:
    step = max(1, -(-period.days // 8))
    day = period.first
    while day <= period.last:
        yield day
        day += timedelta(days=step)


def _marks(points: Sequence[Point], axis: _Axis, days: int, radius: float) -> Iterator[str]:
    for stretch in _stretches(points, days):
        upper = [(axis.x(p.day), axis.y(p.rate.high)) for p in stretch]
        lower = [(axis.x(p.day), axis.y(p.rate.low)) for p in stretch]
        if len(stretch) > 1:
            yield f'<polygon class="band" points="{_path([*upper, *reversed(lower)])}"/>'
            line = [(axis.x(p.day), axis.y(p.rate.value)) for p in stretch]
            yield f'<polyline class="line" points="{_path(line)}"/>'
        else:
            x = _number(upper[0][0])
            yield (
                f'<line class="lone" x1="{x}" x2="{x}" '
                f'y1="{_number(upper[0][1])}" y2="{_number(lower[0][1])}"/>'
            )
    for point in points:
        rate = point.rate
        yield (
            f'<circle class="dot" cx="{_number(axis.x(point.day))}" '
            f'cy="{_number(axis.y(rate.value))}" r="{radius}">'
            f"<title>{point.day:%a} {point.day.day} {point.day:%b %Y}: {percent(rate.value)} "
            f"({interval(rate.low, rate.high)}), {rate.k} of {rate.n}</title></circle>"
        )


def _stretches(points: Sequence[Point], days: int) -> Iterator[list[Point]]:
    """Runs of points without a gap between them."""
    stretch: list[Point] = []
    for point in points:
        if stretch and (point.day - stretch[-1].day).days > days:
            yield stretch
            stretch = []
        stretch.append(point)
    if stretch:
        yield stretch


def _svg(frame: _Frame, kind: str, content: str, title: str = "") -> Markup:
    said = f'role="img" aria-label="{escape(title)}"' if title else 'aria-hidden="true"'
    return Markup(  # noqa: S704 - built from numbers and escaped text
        f'<svg class="chart {kind}" viewBox="0 0 {frame.width} {frame.height}" {said}>'
        f"{content}</svg>"
    )


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in corners)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
