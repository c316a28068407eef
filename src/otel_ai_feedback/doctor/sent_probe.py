"""A probe that was made: one output with one action on it."""

from __future__ import annotations

from dataclasses import dataclass

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext

from otel_ai_feedback import attributes as names


@dataclass(frozen=True)
class Probe:
    """The spans of a probe.

    Attributes:
        output: The LLM span.
        action: The span of the action on it.
        subject: The key under which both are stored, and can be erased.
        has_details: Whether an event about the output was sent as well.
    """

    output: ReadableSpan
    action: ReadableSpan
    subject: str
    has_details: bool

    @property
    def trace_id(self) -> str:
        """Trace of the output, in hexadecimal digits."""
        return f"{context_of(self.output).trace_id:032x}"

    @property
    def span_id(self) -> str:
        """Span of the output."""
        return f"{context_of(self.output).span_id:016x}"

    @property
    def action_trace_id(self) -> str:
        """Trace of the action."""
        return f"{context_of(self.action).trace_id:032x}"

    @property
    def output_hash(self) -> str:
        """The hash that the output was tagged with."""
        return str((self.output.attributes or {})[names.OUTPUT_HASH])


def context_of(span: ReadableSpan) -> SpanContext:
    """The context of a span that was recorded."""
    found = span.get_span_context()
    assert found is not None
    return found
