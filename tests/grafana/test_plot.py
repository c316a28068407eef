"""A panel's chart: lines with gaps, bars, the changes, and numbers on hovering."""

import re
from datetime import datetime, timedelta, timezone

import pytest

from otel_ai_feedback.grafana.charts.frames import Cell, Column, Frame
from otel_ai_feedback.grafana.charts.plot import plot

START = datetime(2026, 11, 2, tzinfo=timezone.utc)
RATE = Column("rate copied", "percentunit", "main")
LOW = Column("low copied", "percentunit", "thin")
N = Column("n copied", "none", "told")


def panel(draw="line", width=12, **defaults):
    custom = {"drawStyle": draw}
    defaults = {"unit": "percentunit", "custom": custom, **defaults}
    return {"fieldConfig": {"defaults": defaults, "overrides": []}, "gridPos": {"w": width}}


def table(columns, *rows):
    times = [START + timedelta(days=day) for day in range(len(rows))]
    cells = [[Cell(time), *map(Cell, row)] for time, row in zip(times, rows, strict=True)]
    return Frame([Column("time", "time"), *columns], cells)


def show(value, unit):
    return f"{value:g} {unit}"


def drawn(*given, changes=(), **of_panel):
    return plot(panel(**of_panel), table(*given), changes, show)


def test_a_missing_day_is_a_gap():
    image = drawn([RATE], [0.1], [0.2], [None], [0.4], [0.3]).image
    assert len(re.findall("<polyline", image)) == 2
    assert len(re.findall("<circle", image)) == 4


def test_a_lone_day_is_a_dot_however_many_there_are():
    rows = [[0.5]] * 70 + [[None], [0.2], [None]] + [[0.5]] * 5
    assert len(re.findall("<circle", drawn([RATE], *rows).image)) == 1


def test_a_point_says_its_numbers():
    image = drawn([RATE, N], [0.25, 40]).image
    assert "<title>2 Nov 00:00, rate copied: 0.25 percentunit, n 40 none</title>" in image


def test_counts_have_no_line_and_intervals_no_legend():
    made = drawn([RATE, LOW, N], [0.2, 0.1, 40], [0.3, 0.2, 50])
    assert made.legend == [("c0 main", "rate copied")]
    assert re.findall(r'polyline class="([^"]+)"', made.image) == ["c0 main", "c0 thin"]


def test_one_thing_has_one_colour():
    of = [Column(f"{kind} {name}", "none", draw) for name in ("a", "b")
          for kind, draw in (("rate", "main"), ("expected", "dash"))]  # fmt: skip
    made = drawn(of, [1, 2, 3, 4], [1, 2, 3, 4])
    assert [kind for kind, _ in made.legend] == ["c0 main", "c0 dash", "c1 main", "c1 dash"]


def test_among_many_lines_there_are_no_intervals():
    of = [Column(f"{kind} {name}", "none", draw) for name in "abcd"
          for kind, draw in (("rate", "main"), ("low", "thin"))]  # fmt: skip
    assert "thin" not in drawn(of, [1] * 8, [1] * 8).image


def test_changes_are_vertical_lines_at_their_time():
    inside = {"time": START + timedelta(hours=12), "text": "release <1.4>"}
    outside = {"time": START - timedelta(days=1), "text": "older"}
    image = drawn([RATE], [0.1], [0.2], changes=[inside, outside]).image
    assert "<title>release &lt;1.4&gt;</title>" in image
    assert "older" not in image


@pytest.mark.parametrize("value", [0, 0.5, 1e9, -3])
def test_everything_lies_within_the_image(value):
    image = drawn([RATE], [value], [value / 2], min=0, width=24).image
    for x, y in re.findall(r'cx="([-\d.]+)" cy="([-\d.]+)"', image):
        assert 0 <= float(x) <= 1120
        assert 0 <= float(y) <= 240


def test_bars():
    image = drawn([RATE, Column("rate b", "none", "main")], [3, 1], [None, 2], draw="bars").image
    assert len(re.findall("<rect", image)) == 3
    assert "polyline" not in image


def test_nothing_but_gaps_is_an_empty_chart():
    assert "polyline" not in drawn([RATE], [None], [None]).image
