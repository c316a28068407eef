"""The middleware for ASGI applications: Starlette, FastAPI, Django, Quart, Litestar ..."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any, Final

from otel_ai_feedback.capture.exchange import Exchange
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.web import responses
from otel_ai_feedback.capture.web.beacon import MAX_BYTES
from otel_ai_feedback.capture.web.endpoint import Endpoint, HttpAnswer, HttpRequest
from otel_ai_feedback.capture.web.middleware import Middleware
from otel_ai_feedback.capture.web.recorder import now_ns
from otel_ai_feedback.capture.web.responses import Headers, Sse

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_DISCONNECT: Final = "http.disconnect"


class FeedbackMiddleware(Middleware[ASGIApp]):
    """Hands handles out with responses, serves the script and takes what it reports.

    Its arguments are those of :class:`.middleware.Middleware`.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have the application answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        below = self._endpoint.path_below(_path(scope))
        if below is not None:
            await answer(self._endpoint, below, scope, receive, send)
            return
        try:
            exchange = responses.new_exchange(partial(_header, scope))
            answering = _Answering(exchange, scope, receive, send, self._sse)
        except Exception:
            GUARD.failed("the middleware")
            await self._app(scope, receive, send)
            return
        try:
            with exchange.current():
                await self._app(scope, answering.receive, answering.send)
        finally:
            exchange.end()


class _Answering:
    """Stands between the application and the server for one request."""

    def __init__(
        self, exchange: Exchange, scope: Scope, receive: Receive, send: Send, sse: Sse
    ) -> None:
        self._exchange = exchange
        self._cross_origin = any(name == b"origin" for name, _ in scope["headers"])
        self._receive = receive
        self._send = send
        self._sse: Sse = sse
        self._headers: Headers = []
        self._preamble = b""
        self._sent = 0
        self._asked = False
        self._held: Message | None = None

    async def receive(self) -> Message:
        """The next message of the client."""
        if self._held is not None:
            message = self._held
            if message["type"] != _DISCONNECT:
                self._held = None
            return message
        message = await self._receive()
        if message["type"] == _DISCONNECT:
            self._left()
        elif message["type"] == "http.request":
            self._asked = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """A part of the response."""
        kind = message["type"]
        if kind == "http.response.start":
            message = self._started(message)
            await self._look_for_the_client()
        elif kind == "http.response.body" and self._preamble:
            body = self._preamble + message.get("body", b"")
            message = {**message, "body": body}
            self._preamble = b""
        try:
            await self._send(message)
        except OSError:
            # How servers of ASGI 2.4 say that the client has gone.
            self._left()
            raise
        if kind == "http.response.body":
            part = message.get("body", b"")
            self._sent += len(part)
            self._exchange.part_sent(now_ns(), part)
            if not message.get("more_body", False):
                # What the application goes on to do, such as a background task, is not sent.
                self._exchange.end()

    def _started(self, message: Message) -> Message:
        try:
            self._headers = headers = list(message.get("headers", ()))
            handle = responses.handle_for(self._exchange, message["status"], headers)
            if handle is None:
                return message
            self._preamble = responses.preamble(headers, handle, self._sse)
            headers = responses.with_handle(headers, handle, self._cross_origin)
        except Exception:
            GUARD.failed("putting a handle on a response")
            return message
        return {**message, "headers": headers}

    async def _look_for_the_client(self) -> None:
        """Notice a client that did not wait for an answer that is complete.

        Few applications ask for messages while they make one. The next can only be that the client
        has gone, as all that it had to say has been read, and is handed to anyone who asks later.
        """
        request = self._exchange.request
        output = None if request is None else request.newest
        if output is None or not self._asked or not responses.is_complete(self._headers):
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            # Another kind of event loop, such as trio's.
            return
        asking = loop.create_task(_awaited(self._receive()))
        await asyncio.sleep(0)
        if not asking.done():
            asking.cancel()
            await asyncio.wait([asking])
        elif asking.exception() is None:
            self._held = asking.result()
            if self._held["type"] == _DISCONNECT:
                self._left(output)

    def _left(self, made: Output | None = None) -> None:
        try:
            share = responses.share_sent(self._headers, self._sent)
            self._exchange.client_left(now_ns(), share, made)
        except Exception:
            GUARD.failed("recording that a client disconnected")


async def _awaited(message: Awaitable[Message]) -> Message:
    return await message


async def _at_once(take: Callable[[], HttpAnswer]) -> HttpAnswer:
    return take()


async def answer(
    endpoint: Endpoint,
    below: str,
    scope: Scope,
    receive: Receive,
    send: Send,
    run: Callable[[Callable[[], HttpAnswer]], Awaitable[HttpAnswer]] = _at_once,
) -> None:
    """Answer a request under the prefix.

    Args:
        endpoint: What knows the answer.
        below: The path below the prefix.
        scope: Of the request.
        receive: Of the request.
        send: Of the request.
        run: Has a beacon recorded, for an endpoint whose recording waits.
    """
    try:
        found = await _answer(endpoint, _request(below, scope), receive, run)
    except Exception:
        GUARD.failed("answering a beacon")
        found = HttpAnswer(500, [("Content-Length", "0")], b"")
    if found is None:
        return
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in found.headers]
    await send({"type": "http.response.start", "status": found.status, "headers": headers})
    await send({"type": "http.response.body", "body": found.body})


def _header(scope: Scope, name: str) -> str | None:
    wanted = name.encode()
    return next((v.decode("latin-1") for n, v in scope["headers"] if n.lower() == wanted), None)


async def _answer(
    endpoint: Endpoint,
    request: HttpRequest,
    receive: Receive,
    run: Callable[[Callable[[], HttpAnswer]], Awaitable[HttpAnswer]],
) -> HttpAnswer | None:
    """The answer, or ``None`` when the client has gone."""
    early = endpoint.before_body(request)
    if early is not None:
        return early
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == _DISCONNECT:
            return None
        body += message.get("body", b"")
        if len(body) > MAX_BYTES:
            return endpoint.too_large(request)
        if not message.get("more_body", False):
            return await run(partial(endpoint.take, request, bytes(body)))


def _request(below: str, scope: Scope) -> HttpRequest:
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1").lower()
        text = value.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    client = scope.get("client")
    return HttpRequest(
        scope["method"],
        below,
        scope.get("query_string", b"").decode("latin-1"),
        headers,
        str(client[0]) if client else "",
    )


def _path(scope: Scope) -> str:
    """The path within the application, also where that is mounted under another."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path.removeprefix(root) if root and path.startswith(root + "/") else path
