"""The web application of ``serve``: which address is answered by which part."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.pages import People
from otel_ai_feedback.serve import openapi
from otel_ai_feedback.serve.access import needs
from otel_ai_feedback.serve.beacons import Beacons
from otel_ai_feedback.serve.clickhouse.endpoint import ClickHouse
from otel_ai_feedback.serve.headers import SafeHeaders
from otel_ai_feedback.serve.heartbeat import Counted, Heartbeats
from otel_ai_feedback.serve.hosts import KnownHosts
from otel_ai_feedback.serve.limits import Admission, Limits
from otel_ai_feedback.serve.otlp.receiver import Endpoint
from otel_ai_feedback.serve.otlp.wrong_path import KnownPaths, WrongPath
from otel_ai_feedback.serve.path_prefix import PathPrefix


def build(
    *,
    host: str,
    names: Iterable[str],
    url: str | None,
    state_dir: Path,
    otlp: Mapping[str, Endpoint],
    grpc: str | None,
    limits: Limits,
    admission: Admission,
    people: People,
    pages: Sequence[BaseRoute],
    beacons: Beacons,
    clickhouse: ClickHouse | None,
    heartbeats: Heartbeats,
) -> ASGIApp:
    """Put the application together.

    Args:
        host: The host on which the server listens.
        names: Other names under which it is reached.
        url: Address by which people reach it, where it is set.
        state_dir: Where this process keeps its own state.
        otlp: What takes ``traces``, ``logs`` and ``metrics``.
        grpc: ``host:port`` on which it takes OTLP over gRPC as well.
        limits: The bounds of one request.
        admission: The bounds of all requests together.
        people: Let through who may.
        pages: Routes of the pages, the one of ``/`` among them.
        beacons: What answers pages that report what their users did.
        clickhouse: The ClickHouse endpoint; none when the store is a ClickHouse itself.
        heartbeats: Counts what the receiver takes and refuses.

    Raises:
        ConfigError: The path of ``url`` cannot be one, or grpcio is not installed.
    """
    routes: list[BaseRoute] = [
        *(Route(f"/v1/{name}", Counted(one, heartbeats, "receiver")) for name, one in otlp.items()),
        Route("/healthz", _healthy(state_dir)),
        Route(beacons.prefix + "/{below:path}", beacons),
        *pages,
    ]
    described = [*routes, openapi.route(routes, urlsplit(url or "").path)]
    application = Starlette(
        routes=people.guard(described, needs(beacons.prefix)),
        lifespan=_over_grpc(grpc, otlp, limits, heartbeats) if grpc else None,
    )
    # It would redirect to an absolute address, which is another one behind a proxy.
    application.router.redirect_slashes = False
    app: ASGIApp = application
    if clickhouse is not None:
        app = _ClickHouseAtRoot(app, clickhouse)
    app = KnownPaths(app, described, WrongPath(limits, admission))
    app = PathPrefix(app, url, described)
    return SafeHeaders(KnownHosts(app, host, names))


def _over_grpc(
    address: str, otlp: Mapping[str, Endpoint], limits: Limits, heartbeats: Heartbeats
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """The gRPC receiver for as long as the application runs, in its event loop.

    Raises:
        ConfigError: grpcio is not installed.
    """
    try:
        from otel_ai_feedback.serve.otlp import grpc_receiver
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "grpc":
            raise
        raise ConfigError(
            ["OTEL_AI_FEEDBACK_GRPC_LISTEN needs grpcio; set it to none, or run:\n"
             "  pip install 'otel-ai-feedback[serve,grpc]'"]
        ) from None  # fmt: skip
    return lambda _: grpc_receiver.serving(address, otlp, limits, heartbeats)


class _ClickHouseAtRoot:
    """Sends to the ClickHouse endpoint what ClickHouse clients send: they know no other path."""

    def __init__(self, app: ASGIApp, clickhouse: ClickHouse) -> None:
        self._app = app
        self._clickhouse = clickhouse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/ping":
            await PlainTextResponse("Ok.\n")(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/" and _is_statement(Request(scope)):
            await self._clickhouse(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_statement(request: Request) -> bool:
    return request.method == "POST" or "query" in request.query_params


def _healthy(state_dir: Path) -> Callable[[Request], Awaitable[Response]]:
    """Says whether the process answers and can keep its state, without which no rule runs."""

    async def answer(_: Request) -> Response:
        # a read-only mount or a volume of another user; a full disk is for health checks to report
        if os.access(state_dir, os.W_OK | os.X_OK):
            return PlainTextResponse("ok\n")
        what = f"the state directory {state_dir} cannot be written by user {os.getuid()}"
        return PlainTextResponse(f"{what}\n", 503)

    return answer
