"""OTLP that was sent to an address that takes none: 404, with the address that does.

An exporter's address is easily off by its path: ``OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`` is used as
it is, and the general variable must not name ``/v1/traces`` itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from otel_ai_feedback.serve.body import Body
from otel_ai_feedback.serve.otlp import answers
from otel_ai_feedback.serve.otlp.answers import Encoding
from otel_ai_feedback.serve.otlp.receiver import Endpoint, RefusedError, encoding_of

_PATHS: Final = {"log": "/v1/logs", "metric": "/v1/metrics", "trace": "/v1/traces"}


class WrongPath(Endpoint):
    """ASGI application that refuses OTLP, whatever its body is."""

    async def _answer(self, request: Request, body: Body, encoding: Encoding | None) -> Response:
        asked = request.url.path
        meant = [path for word, path in _PATHS.items() if word in asked.lower()]
        right = meant[0] if len(meant) == 1 else "/v1/traces, /v1/logs or /v1/metrics"
        raise RefusedError(
            404,
            f"no OTLP is taken at {asked!r}; send it to {right}. OTEL_EXPORTER_OTLP_ENDPOINT is "
            "the address before /v1, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ends with /v1/traces",
        )


class KnownPaths:
    """Middleware that sends OTLP for an address that is no route's to :class:`WrongPath`.

    Args:
        app: The application behind.
        routes: Its routes.
        wrong: What refuses.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], wrong: WrongPath) -> None:
        self._app = app
        self._routes = routes
        self._wrong = wrong

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or refuse it."""
        lost = scope["type"] == "http" and self._is_lost(Request(scope))
        await (self._wrong if lost else self._app)(scope, receive, send)

    def _is_lost(self, request: Request) -> bool:
        encoding = encoding_of(request)
        if request.method != "POST" or encoding is None:
            return False
        if request.url.path == "/":
            return encoding == answers.PROTOBUF or not _is_clickhouse(request)
        return all(route.matches(request.scope)[0] is Match.NONE for route in self._routes)


def _is_clickhouse(request: Request) -> bool:
    """Whether JSON at the root is rows or a statement for the ClickHouse endpoint."""
    return (
        not {"query", "user"}.isdisjoint(request.query_params)
        or "x-clickhouse-user" in request.headers
        or request.headers.get("authorization", "").lower().startswith("basic ")
    )
