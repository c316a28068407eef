"""A panel's chart as SVG, made on the server: the page needs no script.

Colours come from the style sheet through classes. Numbers stand in the table below the chart, and
beside a point on hovering; a time without data is a gap.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any, Final

from markupsafe import Markup, escape

from otel_ai_feedback.grafana.charts.frames import Column, Frame

_HEIGHT: Final = 240
_WIDE: Final = 1120
_NARROW: Final = 560
_LEFT, _RIGHT, _ABOVE, _UNDER = 64, 12, 10, 26
_COLOURS: Final = 10
_TICKS: Final = 5
_CHARACTERS_APART: Final = 80
"""Room for the words of a time below the chart."""

# So many points on a line are dots, and so few lines have their intervals: more would hide them.
_MOST_DOTS: Final = 60
_MOST_INTERVALS: Final = 3

Show = Callable[[Any, str], str]
"""A value with a unit in words."""


@dataclass(frozen=True)
class Plot:
    """A chart.

    Attributes:
        image: The SVG.
        legend: Class and name of each line.
    """

    image: Markup
    legend: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class _Line:
    """One column of a chart."""

    column: Column
    colour: str
    values: Sequence[float | None]
    counts: Sequence[float | None]


@dataclass(frozen=True)
class _Axes:
    width: int
    first: float
    last: float
    bottom: float
    top: float

    def x(self, moment: float) -> float:
        inner = self.width - _LEFT - _RIGHT
        return _LEFT + inner * (moment - self.first) / max(self.last - self.first, 1)

    def y(self, value: float) -> float:
        inner = _HEIGHT - _ABOVE - _UNDER
        share = (value - self.bottom) / (self.top - self.bottom)
        return _ABOVE + inner * (1 - min(1.0, max(0.0, share)))


def plot(
    panel: Mapping[str, Any], frame: Frame, changes: Iterable[Mapping[str, Any]], show: Show
) -> Plot:
    """The chart of a panel.

    Args:
        panel: Grafana's JSON of it.
        frame: Its table; the first column is the time.
        changes: ``time`` and ``text`` of what went out, as upright lines.
        show: How values are written.
    """
    defaults = panel["fieldConfig"]["defaults"]
    unit = str(defaults.get("unit", "none"))
    times = [_seconds(row[0].value) for row in frame.rows]
    lines = _lines(frame)
    axes = _axes(panel, times, lines)
    bars = defaults["custom"].get("drawStyle") == "bars"
    parts = [
        *_grid(axes, unit, show),
        *_upright(axes, changes),
        *(
            _bars(axes, times, lines, show, unit)
            if bars
            else _drawn(axes, times, lines, show, unit)
        ),
    ]
    image = Markup(  # noqa: S704 - built from numbers and escaped text
        f'<svg class="chart plot" viewBox="0 0 {axes.width} {_HEIGHT}" aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )
    legend = [
        (f"{line.colour} {line.column.draw}", line.column.name)
        for line in lines
        if line.column.draw != "thin"
    ]
    return Plot(image, legend)


def _lines(frame: Frame) -> list[_Line]:
    values = {
        column.name: [_value(row[place].value) for row in frame.rows]
        for place, column in enumerate(frame.columns)
        if place and column.draw
    }
    drawn = [column for column in frame.columns[1:] if column.draw not in ("", "told")]
    # Columns whose names end alike belong to one thing and share its colour.
    subjects = list(dict.fromkeys(_subject(column.name) for column in drawn))
    if len(subjects) > _MOST_INTERVALS:
        drawn = [column for column in drawn if column.draw != "thin"]
    counts = {
        _subject(column.name): values[column.name]
        for column in frame.columns[1:]
        if column.draw == "told"
    }
    lines = []
    colour = 0
    for place, column in enumerate(drawn):
        if column.draw != "thin":
            colour = subjects.index(_subject(column.name)) if len(subjects) > 1 else place
        lines.append(
            _Line(
                column,
                f"c{colour % _COLOURS}",
                values[column.name],
                counts.get(_subject(column.name), ()) if column.draw == "main" else (),
            )
        )
    return lines


def _subject(name: str) -> str:
    return name.partition(" ")[2]


def _axes(panel: Mapping[str, Any], times: Sequence[float], lines: Sequence[_Line]) -> _Axes:
    defaults = panel["fieldConfig"]["defaults"]
    there = [value for line in lines for value in line.values if value is not None]
    low, high = min(there, default=0.0), max(there, default=1.0)
    bottom = min(float(defaults["min"]), low) if "min" in defaults else low
    top = min(float(defaults["max"]), high * 1.1) if "max" in defaults else high
    if top <= bottom:
        top = bottom + 1
    width = _WIDE if panel["gridPos"]["w"] > 12 else _NARROW
    return _Axes(width, times[0], times[-1], bottom, top)


def _grid(axes: _Axes, unit: str, show: Show) -> Iterator[str]:
    step = _round_step((axes.top - axes.bottom) / _TICKS)
    line = math.ceil(axes.bottom / step) * step
    while line <= axes.top + step / 1000:
        y = _number(axes.y(line))
        yield f'<line class="grid" x1="{_LEFT}" x2="{axes.width - _RIGHT}" y1="{y}" y2="{y}"/>'
        yield (
            f'<text class="tick" x="{_LEFT - 8}" y="{y}" dy=".32em" text-anchor="end">'
            f"{escape(show(round(line, 12), unit))}</text>"
        )
        line += step
    for moment, words in _moments(axes):
        yield (
            f'<text class="tick" x="{_number(axes.x(moment))}" y="{_HEIGHT - 6}" '
            f'text-anchor="middle">{escape(words)}</text>'
        )


def _round_step(least: float) -> float:
    """1, 2 or 5 times a power of ten."""
    power: float = 10 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)


def _moments(axes: _Axes) -> Iterator[tuple[float, str]]:
    hours = (axes.last - axes.first) / 3600
    most = max(2, (axes.width - _LEFT - _RIGHT) // _CHARACTERS_APART)
    steps = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 672, 1344, 2688)
    step = timedelta(hours=next((s for s in steps if hours / s <= most), steps[-1]))
    midnight = datetime.fromtimestamp(axes.first, timezone.utc).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    moment = midnight
    while moment.timestamp() <= axes.last:
        if moment.timestamp() >= axes.first:
            at_midnight = moment.hour == 0
            yield (
                moment.timestamp(),
                (f"{moment.day}\u00a0{moment:%b}" if at_midnight else f"{moment:%H:%M}"),
            )
        moment += step


def _upright(axes: _Axes, changes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for change in changes:
        moment = _seconds(change["time"])
        if axes.first <= moment <= axes.last:
            x = _number(axes.x(moment))
            yield (
                f'<line class="change" x1="{x}" x2="{x}" y1="{_ABOVE}" y2="{_HEIGHT - _UNDER}">'
                f"<title>{escape(change['text'])}</title></line>"
            )


def _drawn(
    axes: _Axes, times: Sequence[float], lines: Sequence[_Line], show: Show, unit: str
) -> Iterator[str]:
    for line in lines:
        name = f"{line.colour} {line.column.draw}"
        for stretch in _stretches(times, line.values):
            corners = " ".join(f"{_number(axes.x(t))},{_number(axes.y(v))}" for t, v in stretch)
            yield f'<polyline class="{name}" points="{corners}"/>'
        if line.column.draw != "main":
            continue
        lonely = {s[0][0] for s in _stretches(times, line.values) if len(s) == 1}
        for place, (moment, value) in enumerate(zip(times, line.values, strict=True)):
            if value is None or (len(times) > _MOST_DOTS and moment not in lonely):
                continue
            yield (
                f'<circle class="{name}" cx="{_number(axes.x(moment))}" '
                f'cy="{_number(axes.y(value))}" r="3">'
                f"<title>{_told(line, place, moment, show, unit)}</title></circle>"
            )


def _bars(
    axes: _Axes, times: Sequence[float], lines: Sequence[_Line], show: Show, unit: str
) -> Iterator[str]:
    apart = min((b - a for a, b in pairwise(times)), default=86_400.0)
    inner = axes.width - _LEFT - _RIGHT
    room = min(60.0, 0.7 * inner * apart / max(axes.last - axes.first, apart))
    width = room / max(1, len(lines))
    base = axes.y(max(0.0, axes.bottom))
    for order, line in enumerate(lines):
        for place, (moment, value) in enumerate(zip(times, line.values, strict=True)):
            if value is None:
                continue
            y = axes.y(value)
            x = axes.x(moment) - room / 2 + order * width
            yield (
                f'<rect class="{line.colour}" x="{_number(x)}" y="{_number(min(y, base))}" '
                f'width="{_number(width)}" height="{_number(abs(base - y))}">'
                f"<title>{_told(line, place, moment, show, unit)}</title></rect>"
            )


def _told(line: _Line, place: int, moment: float, show: Show, unit: str) -> str:
    when = datetime.fromtimestamp(moment, timezone.utc)
    said = f"{when.day} {when:%b %H:%M}, {line.column.name}: {show(line.values[place], unit)}"
    if line.counts and line.counts[place] is not None:
        said += f", n {show(line.counts[place], 'none')}"
    return str(escape(said))


def _stretches(
    times: Sequence[float], values: Sequence[float | None]
) -> Iterator[list[tuple[float, float]]]:
    """Runs of values without a gap between them."""
    stretch: list[tuple[float, float]] = []
    for moment, value in zip(times, values, strict=True):
        if value is not None:
            stretch.append((moment, value))
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _value(value: Any) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None


def _seconds(value: Any) -> float:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    aware: datetime = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    return aware.timestamp()


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
