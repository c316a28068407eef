"""Handing out handles, which makes an output a delivered one."""

from __future__ import annotations

from typing import Any

from opentelemetry import trace
from opentelemetry.trace import SpanContext

from otel_ai_feedback import attributes as names
from otel_ai_feedback.attributes import HandleKind
from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.details import Details
from otel_ai_feedback.capture.events import Event
from otel_ai_feedback.capture.handles import Handle, mint
from otel_ai_feedback.capture.output import Output
from otel_ai_feedback.capture.scope import scope_of
from otel_ai_feedback.capture.span_state import state_of

_NANOSECONDS = 1_000_000_000


def output_handle(capture: Capture, span: Any, response_id: str | None) -> str | None:
    """A handle for one output; see :func:`otel_ai_feedback.output_handle`."""
    if response_id is not None:
        output = capture.outputs.get(response_id)
    elif span is not None:
        return _handle_of_span(capture, span)
    else:
        output = _newest()
    if output is None:
        capture.guard.refused(
            "handle_unknown_output",
            "output_handle() found no output. Call it after the model answered, "
            "inside the request's span or conversation(), or pass span= or response_id=",
        )
        return None
    return _deliver(capture, output)


def request_handle(capture: Capture, span: Any) -> str | None:
    """A handle for the request; see :func:`otel_ai_feedback.request_handle`."""
    span = trace.get_current_span() if span is None else span
    context: SpanContext = span.get_span_context()
    if not context.is_valid:
        capture.guard.refused(
            "handle_unknown_request",
            "request_handle() needs a span: instrument the web framework, or "
            "open a span around the request",
        )
        return None
    state = state_of(span)
    if state is None:
        now = (getattr(span, "start_time", None) or capture.clock()) // _NANOSECONDS
        return _mint(capture, "request", context.trace_id, context.span_id, now,
                     context.trace_flags.sampled)  # fmt: skip
    request = state.request
    if not request.delivered:
        request.delivered = True
        capture.requests.put(request.key, request)
        if request.context.trace_flags.sampled:
            _announce(capture, "request", *request.key, request.time)
    sampled = request.context.trace_flags.sampled
    return _mint(capture, "request", *request.key, request.time, sampled)


def _newest() -> Output | None:
    state = state_of(trace.get_current_span())
    if state is not None and state.request.newest is not None:
        return state.request.newest
    scope = scope_of()
    return None if scope is None else scope.newest


def _handle_of_span(capture: Capture, span: Any) -> str | None:
    context: SpanContext = span if isinstance(span, SpanContext) else span.get_span_context()
    if not context.is_valid:
        capture.guard.refused("handle_unknown_output")
        return None
    state = state_of(span)
    if state is not None and state.handle_kind is None:
        # If the span is open, the processor finds this when it ends; if not, it is an output.
        state.handle_kind = "output"
    output = capture.outputs.get((context.trace_id, context.span_id))
    if output is not None:
        return _deliver(capture, output)
    start = getattr(span, "start_time", None)
    if start is None and context.trace_flags.sampled:
        capture.guard.refused("handle_unknown_output")
        return None
    time = (start or capture.clock()) // _NANOSECONDS
    if context.trace_flags.sampled and not span.is_recording():
        # Ended longer ago than this process remembers.
        _announce(capture, "output", context.trace_id, context.span_id, time)
    return _mint(capture, "output", context.trace_id, context.span_id, time,
                 context.trace_flags.sampled)  # fmt: skip


def _deliver(capture: Capture, output: Output) -> str:
    if not output.delivered:
        output.delivered = True
        _announce(capture, "output", output.trace_id, output.span_id, output.time)
    return _mint(capture, "output", output.trace_id, output.span_id, output.time, output.sampled)


def _announce(capture: Capture, kind: HandleKind, trace_id: int, span_id: int, time: int) -> None:
    """Say that a handle has left; through the worker, as a log processor may block."""
    span = SpanContext(
        trace_id, span_id, is_remote=False, trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED)
    )
    attributes = {names.HANDLE_KIND: kind, names.OUTPUT_TIME: time}
    capture.worker.submit(Details(Event(names.EVENT_OUTPUT_DELIVERED, span, attributes)), 0)


def _mint(
    capture: Capture, kind: HandleKind, trace_id: int, span_id: int, time: int, sampled: bool
) -> str:
    return mint(Handle(kind, trace_id, span_id, time, sampled), capture.handle_key)
