"""The span processor that turns LLM spans into outputs that actions can be linked to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context, get_current
from opentelemetry.sdk.trace import Span, SpanProcessor
from opentelemetry.trace import SpanContext, StatusCode, TraceFlags

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.capture import EXIT_MILLISECONDS, Capture
from otel_ai_feedback.capture.details import MAX_CHARACTERS, Details
from otel_ai_feedback.capture.exchange import current_exchange
from otel_ai_feedback.capture.feature import feature_of
from otel_ai_feedback.capture.hashing import DIGITS, hash_normalised, hash_subject
from otel_ai_feedback.capture.normalise import normalise, scrub
from otel_ai_feedback.capture.output import Output
from otel_ai_feedback.capture.probe import is_probe, is_synthetic
from otel_ai_feedback.capture.request import Request
from otel_ai_feedback.capture.review_text import unrecorded_text
from otel_ai_feedback.capture.sampling import UNKNOWN, Sampling
from otel_ai_feedback.capture.scope import Scope, opted_out, scope_of
from otel_ai_feedback.capture.sources import (
    MARKERS,
    find_answer,
    find_model,
    find_response_id,
    find_session_id,
    recognise,
)
from otel_ai_feedback.capture.sources.answer import UNPARSEABLE, Answer
from otel_ai_feedback.capture.sources.source import Recorded, Source, attributes_of
from otel_ai_feedback.capture.span_state import (
    SpanState,
    begin,
    begin_beneath_unknown,
    claim_ending,
    state_of,
)
from otel_ai_feedback.capture.text_removal import remove_text

NANOSECONDS: Final = 1_000_000_000
_NOWHERE: Final = Context()
# Under which a context has its span: get_current_span() takes four times as long to look there.
_SPAN: Final = next(iter(trace.set_span_in_context(trace.INVALID_SPAN, _NOWHERE)))
_SAMPLED: Final = TraceFlags.SAMPLED
_LONGEST_VALUE: Final = len("hmac-sha256:") + DIGITS
_SESSION: Final = names.SESSION_ID
_CONVERSATION: Final = names.CONVERSATION_ID
_RESPONSE_ID: Final = names.RESPONSE_ID
_REQUEST_MODEL: Final = "gen_ai.request.model"
_MODELS: Final = frozenset({"gen_ai.response.model", _REQUEST_MODEL, "llm.model_name"})
# Longer ones are not remembered: what is remembered must not grow with what others send.
_MAX_ID: Final = 512


class OutputProcessor(SpanProcessor):
    """Tags every LLM span just before it ends.

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
        removes = capture.review_text.removes
        self._when_ending = self._tag_and_remove_text if removes else self._tag
        self._sampling = sampling

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Note where the span stands, and arrange to be called before it ends."""
        try:
            sampled = span.get_span_context().trace_flags & _SAMPLED
            if sampled and self._capture.active:
                self._begin(span, parent_context)
        except Exception:
            self._capture.guard.failed("starting a span")

    def shutdown(self) -> None:
        """Send what is waiting, while the exporters of the provider still run."""
        try:
            self._capture.flush(EXIT_MILLISECONDS)
        except Exception:
            self._capture.guard.failed("shutting down")

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
        if parent is None or parent.is_remote:
            begin(span, scope, None, self._when_ending)
            if is_probe(parent_context):
                span.set_attribute(names.PROBE, True)
            exchange = None if self._concurrent else current_exchange()
            state = None if exchange is None else state_of(span)
            if exchange is not None and state is not None:
                exchange.bind(state.request)
            return
        holder = parent_context.get(_SPAN, trace.INVALID_SPAN)
        above = holder.get_span_context()  # type: ignore[attr-defined]
        if above is parent or above.span_id == parent.span_id:
            begin(span, scope, holder, self._when_ending)
        else:
            begin_beneath_unknown(span, scope, self._when_ending)

    def _tag(self, span: Span) -> bool:
        """Tag the span if it is an LLM span; whether its text is in the lot for review.

        What this raises is stopped by its caller.
        """
        attributes = attributes_of(span)
        # Most spans are none, and have cost next to nothing when that is clear.
        if MARKERS.isdisjoint(attributes) or not self._capture.active or not span.is_recording():
            return False
        recorded = _recorded(span, attributes)
        sources = recognise(recorded)
        state = claim_ending(span) if sources else None
        return state is not None and self._tag_output(span, state, sources, recorded)

    def _tag_and_remove_text(self, span: Span) -> None:
        """Tag the span and leave it without its text, unless that is in the lot."""
        in_lot = False
        try:
            in_lot = self._tag(span)
        finally:
            if not in_lot and self._capture.active and span.is_recording():
                remove_text(span, self._capture.guard)

    def _tag_output(
        self, span: Span, state: SpanState, sources: tuple[Source, ...], recorded: Recorded
    ) -> bool:
        """Make an output of an LLM span; whether its text is in the lot for review."""
        capture = self._capture
        attributes = recorded.attributes
        request = state.request
        scope = state.scope or (scope_of() if self._concurrent else None)
        unobserved = scope is not None and not scope.observed
        if unobserved or (self._concurrent and opted_out()):
            capture.guard.counts.add("opted_out")
            return False
        answer = state.answer or self._find_answer(sources, recorded)
        context = span.get_span_context()
        output = Output(
            context.trace_id,
            context.span_id,
            (span.start_time or capture.clock()) // NANOSECONDS,
            answer.missing == "truncated",
            state.handle_kind is not None,
        )
        own: dict[str, Any] = {
            names.OUTPUT_TIME: output.time,
            names.REQUEST_SPAN_ID: f"{request.context.span_id:016x}",
            names.REQUEST_SEQ: request.next_place(),
        }
        self._describe(answer, output, span, own)
        self._identify(output, sources, recorded, own)
        self._place(output, scope, state, attributes, own)
        ratio = self._sampling.ratio(request.parent)
        if ratio is not None:
            own[names.SAMPLING_RATIO] = ratio
        if is_probe() or is_synthetic(request.root()):
            own[names.PROBE] = True
        if state.handle_kind is not None:
            own[names.HANDLE_KIND] = state.handle_kind
        review_text, written = capture.review_text, own
        in_lot = review_text.keeps(output.trace_id, output.span_id)
        if in_lot:
            own[names.TEXT_RATE] = review_text.rate
            written = own | unrecorded_text(attributes, state.messages)
        # Not for longer than the span: what holds a span holds its state.
        state.messages = None

        fits = self._fits(written, span, recorded)
        if fits:
            span.set_attributes(written)
        state.output = output
        self._remember(output, request, scope, answer)
        self._send_details(context, None if fits else own, output, state, (sources, recorded))
        return in_lot

    def _find_answer(self, sources: tuple[Source, ...], recorded: Recorded) -> Answer:
        try:
            return find_answer(sources, recorded)
        except Exception:
            # The span is an output all the same.
            self._capture.guard.failed("reading an answer")
            return UNPARSEABLE

    def _describe(self, answer: Answer, output: Output, span: Span, own: dict[str, Any]) -> None:
        """Hash and length of the text, as far as there is any."""
        capture = self._capture
        if answer.text is None:
            capture.guard.counts.add(answer.missing or "not_recorded")
            return
        normalised = normalise(answer.text)
        length = len(normalised) if normalised.isascii() else len(normalised.decode())
        if length == 0:
            # A call that failed did not answer with nothing: it did not answer.
            failed = span.status.status_code is StatusCode.ERROR
            capture.guard.counts.add("failed" if failed else "empty")
            if not failed:
                own[names.OUTPUT_LENGTH] = 0
            return
        output.has_text = True
        own[names.OUTPUT_LENGTH] = length
        if length < capture.settings.hash_min_length:
            capture.guard.counts.add("too_short")
            return
        capture.guard.counts.add("tagged")
        own[names.OUTPUT_HASH] = output.hash = hash_normalised(normalised, capture.hash_key)

    @staticmethod
    def _identify(
        output: Output, sources: tuple[Source, ...], recorded: Recorded, own: dict[str, Any]
    ) -> None:
        """Ids and model, with the store's own names for what a convention calls otherwise."""
        attributes = recorded.attributes
        get = attributes.get
        response_id = get(_RESPONSE_ID)
        if type(response_id) is not str:
            response_id = find_response_id(sources, recorded)
        if response_id is not None:
            output.response_id = _id(response_id)
            if output.response_id is not None and _RESPONSE_ID not in attributes:
                own[_RESPONSE_ID] = output.response_id
        conversation_id, session_id = get(_CONVERSATION), get(_SESSION)
        if conversation_id is not None:
            output.conversation_id = _id(conversation_id)
        if session_id is not None:
            output.session_id = _id(session_id)
        if output.session_id is None:
            output.session_id = _id(find_session_id(sources, recorded))
            if output.session_id is not None:
                own[names.SESSION_ID] = output.session_id
        if attributes.keys().isdisjoint(_MODELS):
            model = _id(find_model(sources, recorded))
            if model is not None:
                own[_REQUEST_MODEL] = model

    def _place(
        self,
        output: Output,
        scope: Scope | None,
        state: SpanState,
        attributes: dict[str, Any],
        own: dict[str, Any],
    ) -> None:
        """Conversation, subject, feature and the like: where the output belongs."""
        capture = self._capture
        if scope is not None:
            if scope.conversation_id is not None and names.CONVERSATION_ID not in attributes:
                own[names.CONVERSATION_ID] = output.conversation_id = scope.conversation_id
            if scope.subject is not None:
                own[names.SUBJECT] = output.subject = hash_subject(scope.subject, capture.secret)
        feature = capture.settings.feature or feature_of(scope, state, attributes)
        if feature is not None:
            own[names.FEATURE] = output.feature = scrub(feature[:_MAX_ID])
        channel = (scope and scope.channel) or capture.settings.channel
        if channel != "text":
            own[names.CHANNEL] = channel
        if scope is not None:
            if scope.prompt_version is not None:
                own[names.PROMPT_VERSION] = scope.prompt_version
            if scope.question is not None:
                state.user_turn = scope.question

    @staticmethod
    def _fits(own: dict[str, Any], span: Span, recorded: Recorded) -> bool:
        """Whether the span has room for our attributes, and leaves their values whole.

        A full span makes room by dropping its oldest attributes, such as the instrumentation's.
        """
        limits = getattr(span, "_limits", None)
        most: int | None = getattr(limits, "max_span_attributes", None)
        attributes, limit = recorded.attributes, recorded.limit
        if limit is not None and limit < _LONGEST_VALUE:
            return False
        room = most is None or len(attributes) + len(own) <= most
        return room or len(attributes) + len(own.keys() - attributes.keys()) <= (most or 0)

    def _remember(
        self, output: Output, request: Request, scope: Scope | None, answer: Answer
    ) -> None:
        if answer.missing != "no_text":
            # An answer of tool calls alone is a step on the way, not what the user gets.
            output.request_span_id = request.context.span_id
            request.newest = output
            if scope is not None:
                scope.newest = output
            exchange = request.exchange
            if exchange is not None:
                exchange.output_ended(self._capture, request, output)
        self._capture.outputs.remember(output, answer.text)

    def _send_details(
        self,
        context: SpanContext,
        own: dict[str, Any] | None,
        output: Output,
        state: SpanState,
        found: tuple[tuple[Source, ...], Recorded],
    ) -> None:
        """Have the worker send what the span had no room for, and what the user had said."""
        capture = self._capture
        keys, turn = capture.input_keys, state.user_turn
        exchange = state.request.exchange
        if exchange is not None and exchange.retry:
            keys, turn = None, None
        if keys is None and own is None:
            return
        if turn is not None:
            characters = len(turn)
        else:
            characters = 0
            for value in found[1].attributes.values():
                if type(value) is str:
                    characters += len(value)
        if characters > MAX_CHARACTERS:
            capture.guard.counts.add("input_too_long")
            keys, turn, characters = None, None, 0
            if own is None:
                return
        in_recorded = found if keys is not None and turn is None else None
        capture.worker.submit(
            Details(context, output.time, own, keys, turn, in_recorded), characters
        )


def _recorded(span: Span, attributes: Mapping[str, Any]) -> Recorded:
    scope = span.instrumentation_scope
    events = getattr(span, "_events", None)
    kept = getattr(events, "_dq", events)
    # Several times faster than dict() for a dict from which keys were deleted.
    copy = attributes.copy() if type(attributes) is dict else dict(attributes)
    return Recorded(
        copy,
        # Asking an SDK span for its events makes a copy, though most have none.
        span.events if kept or kept is None else (),
        getattr(getattr(span, "_limits", None), "max_span_attribute_length", None),
        "" if scope is None else scope.name,
        getattr(getattr(span, "_attributes", None), "dropped", 0),
    )


def _id(value: Any) -> str | None:
    return scrub(value) if isinstance(value, str) and 0 < len(value) <= _MAX_ID else None
