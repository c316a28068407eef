"""The span processor that has every LLM span tagged just before it ends."""

from __future__ import annotations

from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context, get_current
from opentelemetry.sdk.trace import Span, SpanProcessor
from opentelemetry.trace import SpanKind, TraceFlags

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.exchange import current_exchange
from otel_ai_feedback.capture.open_calls import remember_open
from otel_ai_feedback.capture.probe import is_probe
from otel_ai_feedback.capture.sampling import UNKNOWN, Sampling
from otel_ai_feedback.capture.scope import Scope, scope_of
from otel_ai_feedback.capture.sources import MARKERS
from otel_ai_feedback.capture.sources.source import attributes_of
from otel_ai_feedback.capture.span_state import (
    SpanPosition,
    begin,
    begin_beneath_unknown,
    is_known,
    place_of,
    state_of,
)
from otel_ai_feedback.capture.tagging import Tagger
from otel_ai_feedback.capture.text.removal import remove_text

_NOWHERE: Final = Context()
# Under which a context has its span: get_current_span() takes four times as long to look there.
_SPAN: Final = next(iter(trace.set_span_in_context(trace.INVALID_SPAN, _NOWHERE)))
_SAMPLED: Final = TraceFlags.SAMPLED


class OutputProcessor(SpanProcessor):
    """Puts every span into its place, and has the LLM spans among them tagged.

    Args:
        capture: The parts to work with.
        concurrent: Whether the provider calls its processors on threads of its own, where the
            caller's context is out of sight.
        sampling: With which probability the provider samples.
    """

    def __init__(
        self, capture: Capture, concurrent: bool = False, sampling: Sampling = UNKNOWN
    ) -> None:
        self._capture = capture
        self._concurrent = concurrent
        self._tag: Final = Tagger(capture, concurrent, sampling).tag
        removes = capture.review_text.removes
        self._when_ending = self._tag_and_remove_text if removes else self._tag

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Note where the span stands, and arrange to be called before it ends."""
        try:
            # A tuple, of which each property is a call.
            if span.get_span_context()[3] & _SAMPLED and self._capture.active:
                self._begin(span, parent_context)
        except Exception:
            self._capture.guard.failed("starting a span")

    def shutdown(self) -> None:
        """Send what is waiting, while the exporters of the provider still run."""
        self._capture.close()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Send what is waiting."""
        try:
            return self._capture.flush(timeout_millis)
        except Exception:
            self._capture.guard.failed("flushing")
            return False

    def _begin(self, span: Span, parent_context: Context | None) -> None:
        if parent_context is None:
            parent_context = _NOWHERE if self._concurrent else get_current()
        scope = scope_of(parent_context)
        parent = span.parent
        if parent is None or parent[2]:
            self._begin_request(span, parent_context, scope)
        else:
            holder = parent_context.get(_SPAN, trace.INVALID_SPAN)
            above = holder.get_span_context()  # type: ignore[attr-defined]
            if (above is parent or above[1] == parent[1]) and is_known(holder):
                begin(span, scope, holder, self._when_ending)
            else:
                begin_beneath_unknown(span, scope, holder, self._when_ending)
                self._bind(span)
        if span.kind is SpanKind.CLIENT and not MARKERS.isdisjoint(attributes_of(span)):
            remember_open(span)

    def _begin_request(self, span: Span, context: Context, scope: Scope | None) -> None:
        """Put the first span of a request into its place."""
        begin(span, scope, None, self._when_ending)
        if is_probe(context):
            span.set_attribute(names.PROBE, True)
        self._bind(span)

    def _bind(self, span: Span) -> None:
        """Tell the HTTP request that is being answered that this is it."""
        exchange = None if self._concurrent else current_exchange()
        state = None if exchange is None else state_of(span)
        if exchange is not None and state is not None:
            exchange.bind(state.request)

    def _tag_and_remove_text(self, span: Span) -> None:
        """Tag the span and leave it without its text, unless that is in the sample."""
        in_sample = False
        try:
            in_sample = self._tag(span)
        finally:
            if not in_sample and self._capture.active and span.is_recording():
                place = place_of(span)
                quotes = place is not None and _asked_a_model(place)
                remove_text(span, self._capture.guard, quotes)


def _asked_a_model(place: SpanPosition) -> bool:
    return place.request is not None and place.request.asked_a_model
