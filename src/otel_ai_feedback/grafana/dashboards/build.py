"""From a board definition to Grafana's JSON, with Grafana's own builders."""

from __future__ import annotations

import json
from typing import Any, Final

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard, heatmap, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models

from otel_ai_feedback.formats import capital
from otel_ai_feedback.grafana.dashboards import BOARDS
from otel_ai_feedback.grafana.dashboards.board import Board, Panel
from otel_ai_feedback.grafana.options import DATASOURCE, Options
from otel_ai_feedback.store.statements import statement

_ANNOTATIONS: Final = (
    ("Changes", "annotations/changes", "blue"),
    ("Accepted baselines", "annotations/accepted-baselines", "green"),
)
_WIDTH: Final = 24
_DAY_MS: Final = 86_400_000


class Query(Dataquery):  # type: ignore[misc]
    """A query of the ClickHouse data source.

    Args:
        sql: The statement.
        uid: The data source.
        series: Whether rows are points over time rather than a table.
    """

    def __init__(self, sql: str, uid: str, *, series: bool) -> None:
        self._sql = sql
        self._uid = uid
        self._series = series

    def to_json(self) -> dict[str, object]:
        """As it is in a dashboard."""
        return {
            "datasource": {"type": DATASOURCE, "uid": self._uid},
            "editorType": "sql",
            "format": 0 if self._series else 1,
            "queryType": "timeseries" if self._series else "table",
            "rawSql": self._sql,
            "refId": "A",
        }


class _Built(Builder[Dataquery]):  # type: ignore[misc]
    """A query is its own builder."""

    def __init__(self, query: Query) -> None:
        self._query = query

    def build(self) -> Dataquery:
        """The query."""
        return self._query


def build(board: Board, options: Options) -> dict[str, Any]:
    """A dashboard as Grafana's provisioning takes it.

    Args:
        board: The dashboard.
        options: How this Grafana is to have it.
    """
    source = models.DataSourceRef(type_val=DATASOURCE, uid=options.datasource_uid)
    made = (
        dashboard.Dashboard(board.title)
        .uid(options.uid(board.name))
        .description(board.about)
        .tags(["ai-feedback"])
        .readonly()
        .time(f"now-{board.days}d", "now")
        .refresh("5m" if board.days <= 7 else "1h")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(
            dashboard.DashboardLink("Dashboards")
            .type("dashboards")
            .tags(["ai-feedback"])
            .as_dropdown(True)
            .include_vars(True)
            .keep_time(True)
        )
    )
    for name in board.variables:
        made = made.with_variable(
            _query_variable(name, source)
            .multi(True)
            .include_all(True)
            .current(models.VariableOption(selected=True, text="All", value="$__all"))
        )
    for name, values in board.pick.items():
        made = made.with_variable(_pick(name, tuple(values())))
    for name, value in board.single.items():
        made = made.with_variable(
            _query_variable(name, source)
            .multi(False)
            .include_all(False)
            .current(models.VariableOption(selected=True, text=value, value=value))
        )
    for name in board.texts:
        made = made.with_variable(
            dashboard.TextBoxVariable(name).label(_label(name)).default_value("")
        )
    for number, (panel, place) in enumerate(
        zip(board.panels, placed(board.panels), strict=True), 1
    ):
        made = made.with_panel(_panel(panel, number, place, source, options))
    document: dict[str, Any] = json.loads(json.dumps(made.build(), cls=JSONEncoder))
    # The builders know annotations by tag only, not by a query.
    document["annotations"] = {
        "list": [_annotation(*annotation, options) for annotation in _ANNOTATIONS]
    }
    return document


def documents(options: Options) -> dict[str, dict[str, Any]]:
    """Every dashboard by its name."""
    return {board.name: build(board, options) for board in BOARDS}


def placed(panels: tuple[Panel, ...]) -> list[models.GridPos]:
    """Panels in rows from left to right."""
    found = []
    x = y = lowest = 0
    for panel in panels:
        if x + panel.width > _WIDTH:
            x, y = 0, lowest
        found.append(models.GridPos(h=panel.height, w=panel.width, x=x, y=y))
        x += panel.width
        lowest = max(lowest, y + panel.height)
    return found


def panel_id(board_name: str, title: str) -> int:
    """The id that a panel has in its dashboard.

    Raises:
        KeyError: There is no such panel.
    """
    for board in BOARDS:
        for number, panel in enumerate(board.panels, 1):
            if (board.name, panel.title) == (board_name, title):
                return number
    raise KeyError((board_name, title))


def _label(name: str) -> str:
    return "Signal" if name == "series" else capital(name.replace("_", " "))


def _query_variable(name: str, source: models.DataSourceRef) -> dashboard.QueryVariable:
    sql = f"variables/{name}"
    return (
        dashboard.QueryVariable(name)
        .label(_label(name))
        .description(statement(f"grafana/{sql}").question)
        .datasource(source)
        .query(statement(f"grafana/{sql}").text)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.DISABLED)
    )


def _pick(name: str, values: tuple[str, ...]) -> dashboard.CustomVariable:
    first = models.VariableOption(selected=True, text=values[0], value=values[0])
    return (
        dashboard.CustomVariable(name)
        .label(_label(name))
        .values(",".join(values))
        .options(
            [
                models.VariableOption(selected=value == values[0], text=value, value=value)
                for value in values
            ]
        )
        .current(first)
    )


def _panel(
    panel: Panel,
    number: int,
    place: models.GridPos,
    source: models.DataSourceRef,
    options: Options,
) -> Any:
    made: Any = _drawing(panel)
    made = (
        made.id(number)
        .title(panel.title)
        .description(panel.reading)
        .datasource(source)
        .grid_pos(place)
        .unit(panel.unit)
        .no_value("no data")
        .with_target(
            _Built(
                Query(
                    statement(f"grafana/panels/{panel.sql}").text,
                    options.datasource_uid,
                    series=panel.kind != "table",
                )
            )
        )
    )
    if panel.kind in ("lines", "bars"):
        if panel.least is not None:
            made = made.min(panel.least)
        if panel.most is not None:
            made = made.max(panel.most)
    for column, unit in panel.units.items():
        made = made.override_by_name(column, [models.DynamicConfigValue("unit", unit)])
    if panel.link and panel.kind == "table":
        made = made.override_by_name(
            "output_id", [models.DynamicConfigValue("links", [_link(panel.link, options)])]
        )
    elif panel.link:
        made = made.override_by_regexp(
            ".*", [models.DynamicConfigValue("links", [_link(panel.link, options)])]
        )
    return made


def _drawing(panel: Panel) -> Any:
    if panel.kind == "table":
        return table.Panel()
    if panel.kind == "heatmap":
        return (
            heatmap.Panel()
            .calculate(False)
            .color(heatmap.HeatmapColorOptions().mode("scheme").scheme("Blues").steps(32))
        )
    plotted = (
        timeseries.Panel()
        .draw_style(
            common.GraphDrawStyle.BARS if panel.kind == "bars" else common.GraphDrawStyle.LINE
        )
        .line_width(2)
        .fill_opacity(20 if panel.kind == "bars" else 0)
        .show_points(common.VisibilityMode.AUTO)
        # A gap stays a gap: a line across it would suggest that nothing changed.
        .span_nulls(False)
        .insert_nulls(1.5 * panel.step_days * _DAY_MS)
        .tooltip(
            common_builders.VizTooltipOptions()
            .mode(common.TooltipDisplayMode.MULTI)
            .sort(common.SortOrder.NONE)
        )
        .legend(
            common_builders.VizLegendOptions()
            .display_mode(common.LegendDisplayMode.LIST)
            .placement(common.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
    )
    if panel.interval:
        plotted = plotted.override_by_regexp(
            "/^(low|high)\\b/",
            [
                models.DynamicConfigValue("custom.lineWidth", 1),
                models.DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [4, 4]}),
                _hidden(in_plot=False),
            ],
        )
    if panel.dashed:
        plotted = plotted.override_by_regexp(
            f"/^{panel.dashed}\\b/",
            [models.DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [10, 6]})],
        )
    if panel.kind == "lines" and panel.main != "n":
        # n is in the tooltip only: its scale differs.
        plotted = plotted.override_by_regexp(
            "/^n\\b/", [_hidden(in_plot=True), models.DynamicConfigValue("unit", "none")]
        )
    if panel.main:
        # A line is named after its label; Grafana would put the column's name before it.
        plotted = plotted.override_by_regexp(
            f"/^{panel.main}\\b/",
            [models.DynamicConfigValue("displayName", f"${{__field.labels.{panel.label}}}")],
        )
    return plotted


def _hidden(*, in_plot: bool) -> models.DynamicConfigValue:
    return models.DynamicConfigValue(
        "custom.hideFrom", {"viz": in_plot, "legend": True, "tooltip": False}
    )


def _link(link: tuple[str, str], options: Options) -> dict[str, object]:
    board, query = link
    return {
        "title": "Affected answers",
        "url": f"/d/{options.uid(board)}/{board}?{query}",
        "targetBlank": False,
    }


def _annotation(name: str, sql: str, colour: str, options: Options) -> dict[str, object]:
    query = Query(statement(f"grafana/{sql}").text, options.datasource_uid, series=False).to_json()
    return {
        "name": name,
        "datasource": query["datasource"],
        "enable": True,
        "hide": False,
        "iconColor": colour,
        "target": query | {"refId": "Anno"},
    }
