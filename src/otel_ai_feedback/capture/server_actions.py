"""What the service itself sees a user do with an output, recorded on the worker's thread."""

from __future__ import annotations

from functools import partial

from opentelemetry.trace import SpanContext, TraceFlags

from otel_ai_feedback.capture.actions import Action, record
from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.linking.output import Output


def record_seen_by_server(
    capture: Capture,
    output: Output,
    name: str,
    given_id: str,
    value: float | None,
    time_ns: int | None,
) -> None:
    """Have an action recorded, once for each output; a span may be about to end on this thread.

    Args:
        capture: The parts to work with.
        output: What it was done with.
        name: Name of the action.
        given_id: What makes it the same action when it is seen again.
        value: Its strength.
        time_ns: When, in nanoseconds since the epoch; now by default.
    """
    action = Action(
        name=name,
        value=value,
        given_id=given_id,
        source="server",
        subject=None,
        conversation_id=None,
        session_id=None,
        time_ns=time_ns,
        label=None,
    )
    target = SpanContext(
        output.trace_id, output.span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )
    capture.worker.submit(partial(_record, capture, action, target), 0)


def _record(capture: Capture, action: Action, target: SpanContext) -> None:
    record(capture, capture.tracer_provider(), action, target, None, None, None)
