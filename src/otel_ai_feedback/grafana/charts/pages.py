"""The pages ``/charts``, one a dashboard, and one a runbook."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from clickhouse_connect.driver.exceptions import ClickHouseError
from starlette.requests import Request
from starlette.responses import Response

from otel_ai_feedback import formats
from otel_ai_feedback.alerts.macros import ALL, expand
from otel_ai_feedback.alerts.webhook import slug
from otel_ai_feedback.grafana.charts.choices import DAYS, Choices, variables
from otel_ai_feedback.grafana.charts.definitions import dashboards, runbook
from otel_ai_feedback.grafana.charts.files import address
from otel_ai_feedback.grafana.charts.frames import Frame, frame
from otel_ai_feedback.grafana.charts.plot import Plot, plot
from otel_ai_feedback.pages import Pages, Questions

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PanelView:
    """A panel on the page.

    Attributes:
        place: Its address within the page.
        panel: Grafana's JSON of it.
        frame: Its data; may be empty.
        trouble: Why the query failed, if it did.
        plot: Its chart, where it is one.
    """

    place: str
    panel: Mapping[str, Any]
    frame: Frame
    trouble: str = ""
    plot: Plot | None = None

    def plotted(self, changes: Sequence[Mapping[str, Any]]) -> PanelView:
        """The same with its chart, on which changes are marked."""
        if self.panel["type"] != "timeseries" or not self.frame.rows:
            return self
        return replace(self, plot=plot(self.panel, self.frame, changes, _cell))


class Charts:
    """The pages.

    Args:
        questions: Asks the store.
        pages: Renders.
    """

    def __init__(self, questions: Questions, pages: Pages) -> None:
        self._questions = questions
        self._pages = pages

    async def index(self, _: Request) -> Response:
        """Which dashboards there are."""
        return self._pages.render("grafana/index.html", boards=dashboards())

    async def board(self, request: Request) -> Response:
        """One dashboard."""
        name = request.path_params["name"]
        board = dashboards().get(name)
        if board is None:
            return self._pages.render("grafana/missing.html", 404, what=f"dashboard {name}")
        # the same questions within a minute, which may have the same answers
        minute = datetime.now(timezone.utc).replace(second=0, microsecond=0) + timedelta(minutes=1)
        choices = Choices.parse(board, request.query_params, minute)
        known, changes, *shown = await asyncio.gather(
            self._options(board, choices),
            self._changes(board, choices),
            *(self._shown(panel, choices) for panel in board["panels"]),
        )
        return self._pages.render(
            "grafana/board.html",
            name=name,
            board=board,
            boards=dashboards(),
            variables=variables(board),
            options=known,
            choices=choices,
            windows=DAYS,
            changes=changes,
            shown=[one.plotted(changes) for one in shown],
            all=ALL,
            file=address,
            show=_cell,
            names_of_signals=_NAMES_OF_SIGNALS,
        )

    async def runbook(self, request: Request) -> Response:
        """The runbook of an alert."""
        name = request.path_params["name"]
        text = runbook(name)
        if text is None:
            return self._pages.render("grafana/missing.html", 404, what=f"runbook {name}")
        return self._pages.render("grafana/runbook.html", name=name, text=text)

    async def _options(self, board: Mapping[str, Any], choices: Choices) -> dict[str, list[str]]:
        asked = [variable for variable in variables(board) if variable["type"] == "query"]
        answers = await asyncio.gather(
            *(
                self._questions.rows(expand(variable["query"], choices.window, choices.values))
                for variable in asked
            )
        )
        return {
            variable["name"]: [str(next(iter(row.values()))) for row in rows]
            for variable, rows in zip(asked, answers, strict=True)
        }

    async def _changes(self, board: Mapping[str, Any], choices: Choices) -> list[dict[str, Any]]:
        answers = await asyncio.gather(
            *(
                self._questions.rows(
                    expand(annotation["target"]["rawSql"], choices.window, choices.values)
                )
                for annotation in board["annotations"]["list"]
            )
        )
        return sorted((row for rows in answers for row in rows), key=lambda row: row["time"])

    async def _shown(self, panel: Mapping[str, Any], choices: Choices) -> PanelView:
        place = slug(panel["title"])
        sql = panel["targets"][0]["rawSql"]
        try:
            rows = await self._questions.rows(expand(sql, choices.window, choices.values))
        except ClickHouseError as error:
            _logger.exception("panel %s failed", panel["title"])
            return PanelView(place, panel, Frame((), ()), str(error).partition("\n")[0])
        return PanelView(place, panel, frame(panel, rows, choices))


# Columns whose values are names of signals or outcomes, shown by their labels.
_NAMES_OF_SIGNALS: Final = ("signal", "series", "class", "outcome", "stratum")


def _cell(value: Any, unit: str) -> str:
    """A value as people read it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        if unit == "percentunit":
            return formats.percent(value)
        if unit == "s":
            return formats.duration(value)
        return formats.number(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return str(value)
