"""Which address shows which page."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from clickhouse_connect.driver.exceptions import ClickHouseError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from otel_ai_feedback.pages import waiting
from otel_ai_feedback.pages.health import Health
from otel_ai_feedback.pages.outputs import Output, Outputs
from otel_ai_feedback.pages.overview import Overview
from otel_ai_feedback.pages.questions import Questions
from otel_ai_feedback.pages.render import Pages, style
from otel_ai_feedback.pages.traffic import Traffic

_logger = logging.getLogger(__name__)

Page = Callable[[Request], Awaitable[Response]]


def routes(questions: Questions, pages: Pages) -> list[BaseRoute]:
    """The routes of the pages about signals and outputs, and of the style sheet.

    Args:
        questions: Asks the store.
        pages: Renders.
    """
    return [
        page(pages, "/", Overview(questions, pages)),
        page(pages, "/outputs", Outputs(questions, pages)),
        page(pages, "/outputs/{output_id}", Output(questions, pages)),
        page(pages, "/health", Health(questions, pages)),
        page(pages, "/traffic", Traffic(questions, pages)),
        Route("/style.css", style, methods=["GET"]),
        Route("/waiting.js", waiting.script, methods=["GET"]),
    ]


def page(pages: Pages, path: str, show: Page, *, methods: Sequence[str] = ("GET",)) -> BaseRoute:
    """A route whose page says so when the store does not answer.

    Args:
        pages: Renders.
        path: Starlette's path, from the root.
        show: Answers a request.
        methods: HTTP methods that it answers.
    """

    async def answer(request: Request) -> Response:
        try:
            return await show(request)
        except ClickHouseError as error:
            _logger.exception("page %s failed", request.url.path)
            why = str(error).partition("\n")[0]
            return pages.render("trouble.html", 503, why=why)

    return Route(path, answer, methods=list(methods))
