"""Handing out handles and tying keys, which makes an output a delivered one."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.trace import SpanContext

from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.linking.answer_choice import NONE, choose
from otel_ai_feedback.capture.linking.handles import Handle, mint
from otel_ai_feedback.capture.linking.output import Output, handle_of
from otel_ai_feedback.capture.linking.request import Request
from otel_ai_feedback.capture.linking.search import RefusedActionError, key_of
from otel_ai_feedback.capture.scope import scope_of
from otel_ai_feedback.capture.span_state import SpanPosition, known_of, state_of

_NANOSECONDS: Final = 1_000_000_000


def output_handle(capture: Capture, span: Any, response_id: str | None) -> str | None:
    """A handle for one output; see :func:`otel_ai_feedback.output_handle`."""
    handle = _deliver_named(capture, span, response_id, "output_handle()")
    return None if handle is None else mint(handle, capture.handle_key)


def link_key(capture: Capture, key: object, span: Any, response_id: str | None) -> bool:
    """Tie the application's own key to one output; see :func:`otel_ai_feedback.link_key`."""
    try:
        known = key_of(key)
    except RefusedActionError as refused:
        capture.guard.refused(refused.reason, refused.remedy)
        return False
    handle = _deliver_named(capture, span, response_id, "link_key()")
    if handle is None or known is None:
        return False
    capture.outputs.tie(known, handle)
    shared = capture.shared
    if shared is not None:
        capture.worker.submit(partial(shared.tie, known, handle), 0)
    return True


def request_handle(capture: Capture, span: Any) -> str | None:
    """A handle for the request; see :func:`otel_ai_feedback.request_handle`."""
    span = trace.get_current_span() if span is None else span
    state = state_of(span)
    if _opted_out(capture, state):
        return None
    if state is not None and state.request.opted_out:
        capture.guard.counts.add("opted_out")
        return None
    context: SpanContext = span.get_span_context()
    if not context.is_valid:
        capture.guard.refused(
            "handle_unknown_request",
            "request_handle() needs a span: instrument the web framework, or "
            "open a span around the request",
        )
        return None
    if state is None:
        sampled = context.trace_flags.sampled
        now = (getattr(span, "start_time", None) or capture.clock()) // _NANOSECONDS
        handle = Handle("request", context.trace_id, context.span_id, now, sampled)
    else:
        announce_request(capture, state.request)
        handle = _of_request(state.request)
    return mint(handle, capture.handle_key)


def unannounced_handle(capture: Capture, request: Request) -> str:
    """A handle for a request that may turn out to have no output to deliver."""
    return mint(_of_request(request), capture.handle_key)


def deliver_answer(capture: Capture, request: Request) -> None:
    """Say which output a handle for the request means, when its response has ended."""
    choice = choose(request.outputs)
    shared = capture.shared
    if shared is not None and choice != NONE:
        capture.worker.submit(partial(shared.answered, request.key, choice), 0)
    if choice.output is not None:
        _deliver(capture, choice.output)
    elif choice.ambiguous:
        announce_request(capture, request)


def announce_request(capture: Capture, request: Request) -> None:
    """Say that a handle for the request has left, the first time."""
    if not request.delivered:
        request.delivered = True
        if request.context.trace_flags.sampled:
            # Through the worker, as a log processor may block.
            capture.worker.submit(_of_request(request), 0)


def _of_request(request: Request) -> Handle:
    sampled = request.context.trace_flags.sampled
    return Handle("request", *request.key, request.time, sampled)


def opt_out_request() -> None:
    """Give no handle for the current request."""
    state = state_of(trace.get_current_span())
    if state is not None:
        state.request.opted_out = True


def _opted_out(capture: Capture, place: SpanPosition | None) -> bool:
    scope = scope_of()
    found = scope is not None and not scope.observed
    if place is not None and not found:
        scope = place.scope
        found = scope is not None and not scope.observed
    if found:
        capture.guard.counts.add("opted_out")
    return found


def _deliver_named(
    capture: Capture, span: Any, response_id: str | None, caller: str
) -> Handle | None:
    """What names an output, which is a delivered one from now on."""
    place, output = known_of(span)
    if _opted_out(capture, place):
        return None
    handle: Handle | None = None
    if response_id is not None:
        found = capture.outputs.of_response(response_id)
        output = None if found is None else found.output
    elif span is None:
        output = _newest()
    elif output is None:
        handle = _deliver_span(capture, span)
    if output is not None:
        return _deliver(capture, output)
    if handle is None:
        capture.guard.refused(
            "handle_unknown_output",
            f"{caller} found no output. Call it after the model answered, "
            "inside the request's span or conversation(), or pass span= or response_id=",
        )
    return handle


def _newest() -> Output | None:
    state = state_of(trace.get_current_span())
    if state is not None and state.request.newest is not None:
        return state.request.newest
    scope = scope_of()
    return None if scope is None else scope.newest


def _deliver_span(capture: Capture, span: Any) -> Handle | None:
    """A handle for a span that has not ended, or of which no more is known than its ids."""
    context: SpanContext = span if isinstance(span, SpanContext) else span.get_span_context()
    if not context.is_valid:
        return None
    state = state_of(span)
    if state is not None and state.handle_kind is None:
        # If the span is open, the processor finds this when it ends.
        state.handle_kind = "output"
    output = capture.outputs.of_span(context.trace_id, context.span_id)
    if output is None:
        # It may have ended meanwhile, on another thread.
        _, output = known_of(span)
    if output is not None:
        return _deliver(capture, output)
    start = getattr(span, "start_time", None)
    sampled = context.trace_flags.sampled
    if sampled and (state is None or start is None or not span.is_recording()):
        # Nothing tagged it, and nothing will.
        return None
    time = (start or capture.clock()) // _NANOSECONDS
    return Handle("output", context.trace_id, context.span_id, time, sampled)


def _deliver(capture: Capture, output: Output) -> Handle:
    handle = handle_of(output)
    if not output.delivered:
        output.delivered = True
        worker = capture.worker
        if output.waits != worker.generation:
            # Through the worker, as a log processor may block.
            worker.submit(handle, 0)
    return handle
