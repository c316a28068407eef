"""Which address shows which page."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from otel_ai_feedback.config import Settings
from otel_ai_feedback.local.pages.outputs import Output, Outputs
from otel_ai_feedback.local.pages.overview import Overview
from otel_ai_feedback.local.pages.questions import Questions
from otel_ai_feedback.local.pages.render import Pages, style

_logger = logging.getLogger(__name__)

Page = Callable[[Request], Awaitable[Response]]


def routes(clients: Sequence[Client], settings: Settings, url: str) -> list[BaseRoute]:
    """The routes of all pages.

    Args:
        clients: Read-only clients of the store, used by the pages alone.
        settings: For the time zone.
        url: Address of this server.
    """
    questions = Questions(clients)
    pages = Pages(settings.timezone, url)

    def page(path: str, show: Page) -> Route:
        async def answer(request: Request) -> Response:
            try:
                return await show(request)
            except ClickHouseError as error:
                _logger.exception("page %s failed", request.url.path)
                why = str(error).partition("\n")[0]
                return pages.render("trouble.html", 503, why=why)

        return Route(path, answer, methods=["GET"])

    return [
        page("/", Overview(questions, pages)),
        page("/outputs", Outputs(questions, pages)),
        page("/outputs/{output_id}", Output(questions, pages)),
        Route("/style.css", style, methods=["GET"]),
    ]
