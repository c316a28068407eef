"""Which address shows which chart."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from otel_ai_feedback.grafana.charts import files
from otel_ai_feedback.grafana.charts.pages import Charts
from otel_ai_feedback.pages import Pages, Questions, page

ROOM = {"grafana": "otel_ai_feedback.grafana"}
"""Where the templates are, for ``Pages``."""

TABS = {"charts": "/charts"}
"""Entry in the navigation, for ``Pages``."""


def routes(questions: Questions, pages: Pages) -> list[BaseRoute]:
    """The routes of the charts, their files and the runbooks.

    Args:
        questions: Asks the store.
        pages: Renders, with the room ``ROOM``.
    """
    charts = Charts(questions, pages)
    return [
        page(pages, "/charts", charts.index),
        page(pages, "/charts/{name}", charts.board),
        page(pages, "/runbooks/{name}", charts.runbook),
        Route("/charts-files/{name}", files.serve, methods=["GET"]),
    ]
