"""What Grafana's own library makes of the rows of every panel: names, units, links."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from datetime import date, datetime, timezone
from numbers import Number
from pathlib import Path

import pytest

from otel_ai_feedback.alerts.macros import expand
from otel_ai_feedback.grafana.charts.definitions import dashboards

from .test_chart_queries import WINDOW, chosen

pytestmark = [pytest.mark.packages, pytest.mark.timeout(1200)]

PROGRAM = Path(__file__).with_name("frames")


@pytest.fixture(scope="module")
def grafana(tmp_path_factory):
    """Asks Grafana's library for the fields of panels with rows."""
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("needs Node.js and npm")
    place = tmp_path_factory.mktemp("frames") / "app"
    shutil.copytree(PROGRAM, place, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=place, check=True)

    def ask(panels):
        done = subprocess.run(
            ["node", "fields.cjs"], cwd=place, input=json.dumps(panels), text=True,
            capture_output=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout.rpartition("\n=== ")[2])

    return ask


@pytest.fixture(scope="module")
def shown(engine, grafana, wiped, request):
    """``(board, panel, its rows, what Grafana shows)`` of every panel."""
    from . import corpus

    wiped(engine)
    outputs = corpus.replay(engine)
    panels = []
    for name, board in dashboards().items():
        for panel in board["panels"]:
            sql = expand(panel["targets"][0]["rawSql"], WINDOW, chosen(outputs))
            result = engine.query(sql)
            panels.append((name, panel, result))
    made = grafana(
        [
            {"fieldConfig": panel["fieldConfig"], "frame": {"fields": fields(panel, result)}}
            for _, panel, result in panels
        ]
    )
    return [(*panel, fields) for panel, fields in zip(panels, made, strict=True)]


def fields(panel, result):
    """The fields of the frame that the data source's backend sends."""
    names, rows = result.column_names, result.result_rows
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    if panel["targets"][0]["format"] == 1 or panel["type"] == "heatmap":
        return [field(name, values) for name, values in columns.items()]
    # Long rows made wide: a field for each number and label.
    label = next(
        (name for name in names if columns[name] and isinstance(columns[name][0], str)), ""
    )
    if not label:
        return [field(name, values) for name, values in columns.items()]
    times = sorted(set(columns["time"]))
    made = [field("time", times)]
    for number in names:
        if number in ("time", label):
            continue
        for of in dict.fromkeys(columns[label]):
            at = {
                time: value
                for time, named, value in zip(
                    columns["time"], columns[label], columns[number], strict=True
                )
                if named == of
            }
            made.append(field(number, [at.get(time) for time in times]) | {"labels": {label: of}})
    return made


def field(name, values: Sequence):
    """One field as JSON, with the type that Grafana gives it."""
    some = next((value for value in values if value is not None), None)
    if isinstance(some, datetime | date):
        return {"name": name, "type": "time", "values": [milliseconds(each) for each in values]}
    if isinstance(some, bool):
        return {"name": name, "type": "boolean", "values": list(values)}
    if isinstance(some, Number):
        numbers = [each if each is None else float(each) for each in values]
        return {"name": name, "type": "number", "values": numbers}
    texts = [each if each is None else str(each) for each in values]
    return {"name": name, "type": "string", "values": texts}


def milliseconds(time):
    if not isinstance(time, datetime):
        time = datetime(time.year, time.month, time.day, tzinfo=timezone.utc)
    return round(time.replace(tzinfo=time.tzinfo or timezone.utc).timestamp() * 1000)


def test_every_override_finds_a_field(shown):
    dead = [
        (board, panel["title"], override["matcher"]["options"])
        for board, panel, _, made in shown
        for override, found in zip(panel["fieldConfig"]["overrides"], made["found"], strict=True)
        if not found
    ]
    assert dead == []


def test_numbers_of_outputs_are_no_shares(shown):
    counts = ("n", "labels", "pairs", "outputs", "weeks_read")
    wrong = [
        (board, panel["title"], field["title"], field["text"])
        for board, panel, _, made in shown
        for field in made["fields"]
        if field["name"] in counts and "%" in field["text"]
    ]
    assert wrong == []


def test_lines_are_named_after_their_label(shown):
    for board, panel, _, made in shown:
        if panel["type"] != "timeseries":
            continue
        titles = [field["title"] for field in made["fields"]]
        assert len(set(titles)) == len(titles), (board, panel["title"], titles)
        assert not any("$" in title or "undefined" in title for title in titles)
        of_labels = {value for field in made["fields"] for value in field["labels"].values()}
        drawn = {field["name"] for field in made["fields"]} - {"time", "n", "low", "high"}
        if len(drawn) <= 1:
            assert of_labels <= set(titles), (board, panel["title"], titles)


def test_every_point_leads_somewhere(shown):
    for board, panel, _, made in shown:
        links = any(
            field["id"] == "links"
            for override in panel["fieldConfig"]["overrides"]
            for field in override["properties"]
        )
        if links:
            assert any(field["links"] for field in made["fields"]), (board, panel["title"])
