"""The middleware for WSGI applications: Flask, Django, Bottle, Pyramid ..."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context

from otel_ai_feedback.capture.exchange import Exchange
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.span_state import placeholder_span
from otel_ai_feedback.capture.web import responses
from otel_ai_feedback.capture.web.beacon import MAX_BYTES
from otel_ai_feedback.capture.web.endpoint import HttpAnswer, HttpRequest
from otel_ai_feedback.capture.web.middleware import Middleware
from otel_ai_feedback.capture.web.recorder import now_ns
from otel_ai_feedback.capture.web.responses import Headers, Sse

WSGIEnvironment = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
WSGIApplication = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class FeedbackMiddleware(Middleware[WSGIApplication]):
    """Hands handles out with responses, serves the script and takes what it reports.

    Its arguments are those of :class:`.middleware.Middleware`.
    """

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or have the application answer."""
        below = self._endpoint.path_below(environ.get("PATH_INFO", ""))
        if below is not None:
            found = self._answer(_request(below, environ), environ)
            start_response(found.reason, found.headers)
            return [found.body]
        try:
            exchange = responses.new_exchange(partial(_header, environ))
            answering = _Answering(exchange, environ, start_response, self._sse)
        except Exception:
            GUARD.failed("the middleware")
            return self._app(environ, start_response)
        try:
            with exchange.current():
                body = self._app(environ, answering.start_response)
        except BaseException:
            exchange.end()
            raise
        return answering.body(body)

    def _answer(self, request: HttpRequest, environ: WSGIEnvironment) -> HttpAnswer:
        try:
            early = self._endpoint.before_body(request)
            return self._endpoint.take(request, _read(environ)) if early is None else early
        except OSError:
            # The client went away; no one receives this.
            return HttpAnswer(400, [("Content-Length", "0")], b"")
        except Exception:
            GUARD.failed("answering a beacon")
            return HttpAnswer(500, [("Content-Length", "0")], b"")


class _Answering:
    """Stands between the application and the server for one request."""

    def __init__(
        self,
        exchange: Exchange,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        sse: Sse,
    ) -> None:
        self.exchange: Final = exchange
        self.headers: Headers = []
        self.preamble = b""
        self._context: Context | None = None
        self.has_body: Final = environ.get("REQUEST_METHOD") != "HEAD"
        self._cross_origin = "HTTP_ORIGIN" in environ
        self._start_response = start_response
        self._started = False
        self._sse: Sse = sse

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: _ExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        """What the application calls before its body."""
        try:
            headers = self._start(status, headers)
        except Exception:
            GUARD.failed("putting a handle on a response")
        if exc_info is None:
            return self._start_response(status, headers)
        return self._start_response(status, headers, exc_info)

    def _start(self, status: str, given: list[tuple[str, str]]) -> list[tuple[str, str]]:
        self._started = True
        self.headers = headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in given]
        handle = responses.handle_for(self.exchange, int(status[:3]), headers)
        if handle is None:
            return given
        self._context = self._context_of_the_body()
        self.preamble = responses.preamble(headers, handle, self._sse)
        headers = responses.with_handle(headers, handle, self._cross_origin)
        return [(n.decode("latin-1"), v.decode("latin-1")) for n, v in headers]

    def _context_of_the_body(self) -> Context:
        """Where the body is made, so that calls of a model in there belong to the request.

        Instrumentations end the request's span, or leave it, before a streamed body is asked for.
        """
        context = otel_context.get_current()
        request = self.exchange.request
        if request is None or trace.get_current_span().get_span_context().is_valid:
            return context
        return trace.set_span_in_context(placeholder_span(request), context)

    @contextmanager
    def making_the_body(self) -> Iterator[None]:
        """Be where the body is made, for a ``with`` block."""
        token = None if self._context is None else otel_context.attach(self._context)
        try:
            with self.exchange.current():
                yield
        finally:
            if token is not None:
                otel_context.detach(token)

    def body(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """The body to give to the server."""
        if self._started and not self.exchange.handed_out and self.exchange.observed:
            # Untouched, so that the server still knows files and lists when it sees them.
            self.exchange.end()
            return body
        return _SizedBody(body, self) if hasattr(body, "__len__") else _Body(body, self)


class _Body:
    """A body that carries a handle, or may come to."""

    def __init__(self, body: Iterable[bytes], answering: _Answering) -> None:
        self._body = body
        self._answering = answering
        self._parts: Iterator[bytes] | None = None
        self._sent = 0
        self._over = False

    def __iter__(self) -> _Body:
        return self

    def __next__(self) -> bytes:
        answering = self._answering
        try:
            with answering.making_the_body():
                if self._parts is None:
                    self._parts = iter(self._body)
                part = next(self._parts, None)
        except BaseException:
            self._end()
            raise
        if part is None:
            self._end()
            raise StopIteration
        if answering.preamble:
            part, answering.preamble = answering.preamble + part, b""
        self._sent += len(part)
        answering.exchange.part_sent(now_ns(), part)
        return part

    def _end(self) -> None:
        self._over = True
        self._answering.exchange.end()

    def close(self) -> None:
        """Called by the server, also when the client has gone."""
        answering = self._answering
        exchange = answering.exchange
        if not self._over and answering.has_body and self._parts is not None:
            share = responses.share_sent(answering.headers, self._sent)
            if share != 1:
                exchange.client_left(now_ns(), share)
        try:
            with answering.making_the_body():
                close = getattr(self._body, "close", None)
                if close is not None:
                    close()
        finally:
            exchange.end()


class _SizedBody(_Body):
    """A body of a known number of parts; servers set the length of a single one themselves."""

    def __len__(self) -> int:
        return len(self._body)  # type: ignore[arg-type]


def _request(below: str, environ: WSGIEnvironment) -> HttpRequest:
    headers = {
        name[5:].lower().replace("_", "-"): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.lower().replace("_", "-")] = environ[name]
    return HttpRequest(
        environ["REQUEST_METHOD"],
        below,
        environ.get("QUERY_STRING", ""),
        headers,
        environ.get("REMOTE_ADDR", ""),
    )


def _header(environ: WSGIEnvironment, name: str) -> str | None:
    return environ.get("HTTP_" + name.upper().replace("-", "_"))


def _read(environ: WSGIEnvironment) -> bytes:
    """The body, or one byte more of it than is allowed."""
    stream: Any = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    if length:
        left = int(length)
    elif environ.get("wsgi.input_terminated"):
        left = MAX_BYTES + 1
    else:
        return b""
    parts = []
    while left > 0 and (part := stream.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
