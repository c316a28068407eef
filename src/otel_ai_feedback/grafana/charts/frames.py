"""From the rows of a panel's query to the columns shown and plotted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any, Final, Literal

from otel_ai_feedback.grafana.charts.choices import Choices
from otel_ai_feedback.store.ask import Row

Draw = Literal["main", "thin", "dash", "told", ""]

_DASHED: Final = re.compile(r"(threshold|expected|thumbs)\b")
_THIN: Final = re.compile(r"(low|high)\b")
_TOLD: Final = re.compile(r"n\b")


@dataclass(frozen=True)
class Column:
    """One column of a panel's table.

    Attributes:
        name: Its name.
        unit: Unit of its values, in Grafana's words.
        draw: How it is plotted: ``main``, ``thin``, ``dash``, ``told`` beside the point;
            empty where it is not.
    """

    name: str
    unit: str
    draw: Draw = ""


@dataclass(frozen=True)
class Cell:
    """One value.

    Attributes:
        value: As the store gave it.
        link: Where it leads, or empty.
        level: How dark it is in a heat map, 0 to 9; -1 elsewhere.
    """

    value: Any
    link: str = ""
    level: int = -1


@dataclass(frozen=True)
class Frame:
    """A panel's table.

    Attributes:
        columns: Its columns; of a chart, the first is the time.
        rows: Its cells.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


def frame(panel: Mapping[str, Any], rows: Sequence[Row], choices: Choices) -> Frame:
    """The table of a panel.

    Args:
        panel: Grafana's JSON of it.
        rows: The answer to its query.
        choices: For the links of its values.
    """
    if not rows:
        return Frame((), ())
    if panel["type"] == "table":
        return _table(panel, rows, choices)
    if panel["type"] == "heatmap":
        return _heatmap(panel, rows, choices)
    return _series(panel, rows, choices)


def unit_of(panel: Mapping[str, Any], column: str) -> str:
    """The unit of a column, from the panel's defaults and overrides."""
    config = panel["fieldConfig"]
    unit = str(config["defaults"].get("unit", "none"))
    for override in config["overrides"]:
        if _matches(override["matcher"], column):
            unit = next((p["value"] for p in override["properties"] if p["id"] == "unit"), unit)
    return unit


def _matches(matcher: Mapping[str, Any], column: str) -> bool:
    """Whether an override is about a column: a pattern without slashes must fit the whole name."""
    options = str(matcher["options"])
    if matcher["id"] == "byName":
        return options == column
    if options.startswith("/"):
        return re.search(options.strip("/"), column) is not None
    return re.fullmatch(options, column) is not None


def _link_of(panel: Mapping[str, Any], column: str) -> str:
    for override in panel["fieldConfig"]["overrides"]:
        if _matches(override["matcher"], column):
            for field in override["properties"]:
                if field["id"] == "links":
                    return str(field["value"][0]["url"])
    return ""


def _milliseconds(time: Any) -> int:
    if isinstance(time, datetime):
        aware = time if time.tzinfo else time.replace(tzinfo=timezone.utc)
        return round(aware.timestamp() * 1000)
    assert isinstance(time, date)
    return round(datetime(time.year, time.month, time.day, tzinfo=timezone.utc).timestamp() * 1000)


def _table(panel: Mapping[str, Any], rows: Sequence[Row], choices: Choices) -> Frame:
    columns = [Column(name, unit_of(panel, name)) for name in rows[0]]
    links = {name: _link_of(panel, name) for name in rows[0]}
    return Frame(
        columns,
        [
            [
                Cell(
                    value,
                    choices.filled(links[name], {}, None, str(value)) if links[name] else "",
                )
                for name, value in row.items()
            ]
            for row in rows
        ],
    )


def _heatmap(panel: Mapping[str, Any], rows: Sequence[Row], choices: Choices) -> Frame:
    names = [name for name in rows[0] if name != "time"]
    most = max((row[name] for row in rows for name in names), default=0) or 1
    link = _link_of(panel, "")
    made = []
    for row in rows:
        at = _milliseconds(row["time"])
        to = choices.filled(link, {}, at, "") if link else ""
        cells = [Cell(row[name], level=min(9, int(10 * row[name] / most))) for name in names]
        made.append([Cell(row["time"], to), *cells])
    return Frame([Column("time", "time"), *(Column(n, unit_of(panel, n)) for n in names)], made)


def _series(panel: Mapping[str, Any], rows: Sequence[Row], choices: Choices) -> Frame:
    """Long rows made wide: a column for each label and number, a row for each time."""
    label = next((name for name, value in rows[0].items() if isinstance(value, str)), "")
    numbers = [name for name in rows[0] if name not in ("time", label)]
    seen = list(dict.fromkeys(str(row.get(label, "")) for row in rows))
    at: dict[Any, dict[str, Row]] = {}
    for row in rows:
        at.setdefault(row["time"], {})[str(row.get(label, ""))] = row
    plotted_alone = numbers == ["n"]
    columns = [Column("time", "time")]
    keys = []
    for key in seen:
        for number in numbers:
            name = f"{number} {key}".strip()
            columns.append(
                Column(name, unit_of(panel, name), "main" if plotted_alone else _draw(number))
            )
            keys.append((key, number))
    link = _link_of(panel, "")
    made = []
    gap_ms = float(panel["fieldConfig"]["defaults"]["custom"].get("insertNulls") or 0)
    before: Any = None
    for time in sorted(at):
        if before is not None and gap_ms and _milliseconds(time) - _milliseconds(before) > gap_ms:
            middle = before + (time - before) / 2
            made.append([Cell(middle), *(Cell(None) for _ in keys)])
        before = time
        cells = [Cell(time)]
        for key, number in keys:
            row = at[time].get(key, {})
            value = row.get(number)
            leads = link and value is not None and not _THIN.match(number)
            to = choices.filled(link, {label: key}, _milliseconds(time), "") if leads else ""
            cells.append(Cell(value, to))
        made.append(cells)
    return Frame(columns, made)


def _draw(number: str) -> Draw:
    if _TOLD.match(number):
        return "told"
    if _THIN.match(number):
        return "thin"
    return "dash" if _DASHED.match(number) else "main"
