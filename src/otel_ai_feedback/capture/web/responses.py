"""What the middlewares of both kinds do to a response."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Literal, get_args

from opentelemetry import trace

from otel_ai_feedback.capture.exchange import Exchange
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.install.switch import SWITCH
from otel_ai_feedback.capture.linking.handle_issuing import deliver_answer, unannounced_handle
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.linking.request import Request
from otel_ai_feedback.capture.scope import opted_out
from otel_ai_feedback.capture.server_actions import record_seen_by_server
from otel_ai_feedback.capture.span_state import state_of
from otel_ai_feedback.capture.web.recorder import opted_out_here
from otel_ai_feedback.capture.web.retries import HEADER as IDEMPOTENCY_KEY
from otel_ai_feedback.capture.web.retries import Retries

HEADER: Final = "AI-Feedback-Handle"
Headers = list[tuple[bytes, bytes]]
Sse = Literal["comment", "event", "off"]
SSE: Final[tuple[str, ...]] = get_args(Sse)
_EXPOSE: Final = b"access-control-expose-headers"
_RETRIES: Final = Retries()
_NO_BODY: Final = frozenset({204, 205, 304})


def new_exchange(header: Callable[[str], str | None]) -> Exchange:
    """The exchange of a request that has just come in.

    Args:
        header: Gives the value of a request header by its name in lower case.
    """
    retry = _RETRIES.is_retry(header(IDEMPOTENCY_KEY), time.monotonic_ns())
    exchange = Exchange(_record_leaving, _deliver_answer, not opted_out_here(header), retry)
    state = state_of(trace.get_current_span())
    if state is not None:
        exchange.bind(state.request)
    return exchange


def handle_for(exchange: Exchange, status: int, headers: Headers) -> str | None:
    """The handle that a response should carry, if it may show an output to someone.

    A response whose length is known has been made already: it has no part in calls of a model that
    have not ended yet. One whose length is not known may be waiting for them.

    Args:
        exchange: The request.
        status: Status code of the response.
        headers: Its headers, names in any case.
    """
    if exchange.request is None:
        # A framework instrumentation that is called by us makes its span in here.
        state = state_of(trace.get_current_span())
        if state is not None:
            exchange.bind(state.request)
    capture, request = SWITCH.capture, exchange.request
    if capture is None or request is None or not exchange.observed:
        return None
    if request.opted_out or opted_out():
        return None
    if not request.context.trace_flags.sampled:
        return None
    if request.newest is None and (status in _NO_BODY or is_complete(headers)):
        return None
    exchange.handed_out = True
    return unannounced_handle(capture, request)


def with_handle(headers: Headers, handle: str, cross_origin: bool) -> Headers:
    """The headers of a response and the handle.

    Args:
        headers: The headers so far.
        handle: The handle.
        cross_origin: Whether a page of another origin may have asked; it sees only the headers
            that are named to it.
    """
    found = [*headers, (HEADER.lower().encode(), handle.encode())]
    if cross_origin:
        exposed = [value for name, value in headers if name.lower() == _EXPOSE]
        found = [(name, value) for name, value in found if name.lower() != _EXPOSE]
        found.append((_EXPOSE, b", ".join([*exposed, HEADER.encode()])))
    return found


def preamble(headers: Headers, handle: str, sse: Sse) -> bytes:
    """What goes before the body of a stream of server-sent events: the handle, for a page that
    does not see the headers. Empty for any other response.

    Args:
        headers: Headers of the response.
        handle: The handle.
        sse: As an event named ``ai-feedback``, for which an ``EventSource`` can listen; as a
            comment, with no blank line behind it, of which parsers in use make an empty message; or
            not at all.
    """
    if sse == "off" or _find(headers, b"content-encoding") or _find(headers, b"content-length"):
        return b""
    kind = _find(headers, b"content-type").partition(b";")[0].strip().lower()
    if kind != b"text/event-stream":
        return b""
    if sse == "comment":
        return f": ai-feedback {handle}\n".encode()
    return f"event: ai-feedback\ndata: {handle}\n\n".encode()


def is_complete(headers: Headers) -> bool:
    """Whether the body of a response has been made before its headers leave."""
    return bool(_find(headers, b"content-length"))


def share_sent(headers: Headers, sent: int) -> float | None:
    """Which share of a response has been sent, if it is known.

    Args:
        headers: Its headers.
        sent: Bytes of its body that have been sent.
    """
    if not sent:
        return 0.0
    length = _find(headers, b"content-length")
    return min(sent / int(length), 1.0) if length.isdigit() and int(length) else None


def _find(headers: Headers, name: bytes) -> bytes:
    return next((value for known, value in headers if known.lower() == name), b"")


def _deliver_answer(request: Request) -> None:
    try:
        capture = SWITCH.capture
        if capture is not None:
            deliver_answer(capture, request)
    except Exception:
        GUARD.failed("recording which output a response delivered")


def _record_leaving(exchange: Exchange, output: Output) -> None:
    """Record that the client went away while the output was being made."""
    capture = SWITCH.capture
    if capture is None or not output.sampled:
        return
    capture.guard.counts.add("clients_left")
    share, at = exchange.read_share, exchange.left_at
    record_seen_by_server(capture, output, "close", "client left", share, at)
