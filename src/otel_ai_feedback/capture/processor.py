"""The span processor that turns LLM spans into outputs that actions can be linked to."""

from __future__ import annotations

import weakref
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context, get_current
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import SpanContext, StatusCode

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.capture import EXIT_MILLISECONDS, Capture
from otel_ai_feedback.capture.details import MAX_CHARACTERS, Details
from otel_ai_feedback.capture.events import Event
from otel_ai_feedback.capture.exchange import exchange_of
from otel_ai_feedback.capture.feature import feature_of
from otel_ai_feedback.capture.hashing import DIGITS, hash_normalised, hash_subject
from otel_ai_feedback.capture.normalise import normalise, scrub
from otel_ai_feedback.capture.output import Output
from otel_ai_feedback.capture.request import Request
from otel_ai_feedback.capture.scope import Scope, scope_of
from otel_ai_feedback.capture.sources import (
    find_answer,
    find_model,
    find_response_id,
    find_session_id,
    recognise,
)
from otel_ai_feedback.capture.sources.answer import UNPARSEABLE, Answer
from otel_ai_feedback.capture.sources.source import Recorded, Source
from otel_ai_feedback.capture.span_state import SpanState, state_of

NANOSECONDS: Final = 1_000_000_000
_NOWHERE: Final = Context()
_LONGEST_VALUE: Final = len("hmac-sha256:") + DIGITS
_SESSION: Final = names.SESSION_ID
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
    """

    def __init__(self, capture: Capture, concurrent: bool = False) -> None:
        self._capture = capture
        self._concurrent = concurrent

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Arrange to be called before the span ends."""
        if not self._capture.active:
            return
        try:
            self._start(span, parent_context)
        except Exception:
            self._capture.guard.failed("starting a span")

    def on_end(self, span: ReadableSpan) -> None:
        """Nothing: by now the span is frozen."""

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

    def _start(self, span: Span, parent_context: Context | None) -> None:
        context = span.get_span_context()
        if not context.trace_flags.sampled or state_of(span) is not None:
            return
        if parent_context is None:
            parent_context = _NOWHERE if self._concurrent else get_current()
        parent = span.parent
        request, above = None, None
        if parent is not None and not parent.is_remote:
            holder = trace.get_current_span(parent_context)
            if holder.get_span_context().span_id == parent.span_id:
                over = state_of(holder) or _adopt(holder, parent, span)
                request, above = over.request, over.span
            else:
                # The parent is known by its id only: take it for the root of the request.
                request = Request(parent, span.start_time or 0, _nothing)
        own = weakref.ref(span)
        if request is None:
            request = Request(context, span.start_time or 0, own)
            # Asked for itself: frameworks start their span in a context made from the headers.
            exchange = None if self._concurrent else exchange_of(get_current())
            if exchange is not None:
                exchange.bind(request)
        state = SpanState(own, request, above, scope_of(parent_context))
        state.tag_before_end(span, self._tag)

    def _tag(self, span: Span, state: SpanState) -> None:
        capture = self._capture
        if not capture.active:
            return
        try:
            recorded = _recorded(span)
            sources = recognise(recorded)
            if sources:
                self._tag_output(span, state, sources, recorded)
        except Exception:
            capture.guard.failed("tagging an LLM span")

    def _tag_output(
        self, span: Span, state: SpanState, sources: tuple[Source, ...], recorded: Recorded
    ) -> None:
        capture = self._capture
        attributes = recorded.attributes
        request = state.request
        context = span.get_span_context()
        scope = state.scope or (scope_of() if self._concurrent else None)
        answer = state.answer or self._find_answer(sources, recorded)

        output = Output(
            trace_id=context.trace_id,
            span_id=context.span_id,
            time=(span.start_time or capture.clock()) // NANOSECONDS,
            sampled=True,
            has_text=answer.missing == "truncated",
            hash=None,
            response_id=_id(find_response_id(sources, recorded)),
            conversation_id=_id(attributes.get(names.CONVERSATION_ID)),
            session_id=_id(attributes.get(_SESSION)),
            subject=None,
            feature=None,
            delivered=state.handle_kind is not None,
        )
        own: dict[str, Any] = {
            names.OUTPUT_TIME: output.time,
            names.REQUEST_SPAN_ID: f"{request.context.span_id:016x}",
            names.REQUEST_SEQ: request.next_place(),
        }
        own.update(self._describe(answer, output, span))
        own.update(self._place(output, scope, state, attributes))
        own.update(self._translate(output, sources, recorded))
        if state.handle_kind is not None:
            own[names.HANDLE_KIND] = state.handle_kind

        fits = self._fits(own, span, recorded)
        if fits:
            span.set_attributes(own)
        self._remember(output, request, scope, answer)
        self._send_details(context, {} if fits else own, output, state, (sources, recorded))

    def _find_answer(self, sources: tuple[Source, ...], recorded: Recorded) -> Answer:
        try:
            return find_answer(sources, recorded)
        except Exception:
            # The span is an output all the same.
            self._capture.guard.failed("reading an answer")
            return UNPARSEABLE

    def _describe(self, answer: Answer, output: Output, span: Span) -> dict[str, Any]:
        """Hash and length of the text, as far as there is any."""
        capture = self._capture
        if answer.text is None:
            capture.guard.counts.add(answer.missing or "not_recorded")
            return {}
        normalised = normalise(answer.text)
        length = len(normalised.decode())
        if length == 0:
            # A call that failed did not answer with nothing: it did not answer.
            failed = span.status.status_code is StatusCode.ERROR
            capture.guard.counts.add("failed" if failed else "empty")
            return {} if failed else {names.OUTPUT_LENGTH: 0}
        output.has_text = True
        if length < capture.settings.hash_min_length:
            capture.guard.counts.add("too_short")
            return {names.OUTPUT_LENGTH: length}
        capture.guard.counts.add("tagged")
        output.hash = hash_normalised(normalised, capture.hash_key)
        return {names.OUTPUT_HASH: output.hash, names.OUTPUT_LENGTH: length}

    def _place(
        self, output: Output, scope: Scope | None, state: SpanState, attributes: dict[str, Any]
    ) -> dict[str, Any]:
        """Conversation, subject and feature: where the output belongs."""
        capture = self._capture
        own: dict[str, Any] = {}
        if scope is not None:
            if scope.conversation_id is not None and names.CONVERSATION_ID not in attributes:
                own[names.CONVERSATION_ID] = output.conversation_id = scope.conversation_id
            if scope.subject is not None:
                own[names.SUBJECT] = output.subject = hash_subject(scope.subject, capture.secret)
        feature = capture.settings.feature or feature_of(scope, state, attributes)
        if feature is not None:
            own[names.FEATURE] = output.feature = scrub(feature[:_MAX_ID])
        return own

    @staticmethod
    def _translate(
        output: Output, sources: tuple[Source, ...], recorded: Recorded
    ) -> dict[str, str]:
        """What a convention says by a name of its own, under the names that the store reads."""
        own: dict[str, str] = {}
        if output.response_id is not None and names.RESPONSE_ID not in recorded.attributes:
            own[names.RESPONSE_ID] = output.response_id
        if output.session_id is None:
            output.session_id = _id(find_session_id(sources, recorded))
            if output.session_id is not None:
                own[names.SESSION_ID] = output.session_id
        if _MODELS.isdisjoint(recorded.attributes):
            model = _id(find_model(sources, recorded))
            if model is not None:
                own[_REQUEST_MODEL] = model
        return own

    @staticmethod
    def _fits(own: dict[str, Any], span: Span, recorded: Recorded) -> bool:
        """Whether the span has room for our attributes, and leaves their values whole.

        A full span makes room by dropping its oldest attributes, such as the instrumentation's.
        """
        limits = getattr(span, "_limits", None)
        most: int | None = getattr(limits, "max_span_attributes", None)
        attributes, limit = recorded.attributes, recorded.limit
        if most is not None and len(attributes) + len(own.keys() - attributes.keys()) > most:
            return False
        return limit is None or limit >= _LONGEST_VALUE

    def _remember(
        self, output: Output, request: Request, scope: Scope | None, answer: Answer
    ) -> None:
        if answer.missing != "no_text":
            # An answer of tool calls alone is a step on the way, not what the user gets.
            output.request_span_id = request.context.span_id
            request.newest = output
            if scope is not None:
                scope.newest = output
            if request.exchange is not None:
                request.exchange.output_ended(self._capture, request, output)
        self._capture.outputs.remember(output, answer.text)

    def _send_details(
        self,
        context: SpanContext,
        own: dict[str, Any],
        output: Output,
        state: SpanState,
        found: tuple[tuple[Source, ...], Recorded],
    ) -> None:
        capture = self._capture
        event = Event(names.EVENT_OUTPUT_DETAILS, context, {**own, names.OUTPUT_TIME: output.time})
        turn = state.user_turn
        if turn is not None:
            characters = len(turn)
        else:
            characters = sum(len(v) for v in found[1].attributes.values() if type(v) is str)
        keys = capture.input_keys
        if characters > MAX_CHARACTERS:
            capture.guard.counts.add("input_too_long")
            keys, turn, characters = None, None, 0
        if keys is None:
            if own:
                capture.worker.submit(Details(event), 0)
            return
        job = Details(event, keys, turn, found if turn is None else None)
        capture.worker.submit(job, characters)


def _adopt(holder: Any, parent: SpanContext, child: Span) -> SpanState:
    """State for a parent that started before capture did, or on a provider that we do not see.

    Nothing is known above it, so it stands for the root; its other children will share it.
    """
    own = weakref.ref(holder)
    start = getattr(holder, "start_time", None) or child.start_time or 0
    return SpanState(own, Request(parent, start, own)).attach(holder)


def _nothing() -> None:
    return None


def _recorded(span: Span) -> Recorded:
    attributes = span.attributes
    # A plain dict: each look-up in the SDK's own mapping that misses costs an exception.
    copy = getattr(attributes, "copy", None)
    limits = getattr(span, "_limits", None)
    scope = span.instrumentation_scope
    return Recorded(
        dict(attributes or {}) if copy is None else copy(),
        span.events,
        getattr(limits, "max_span_attribute_length", None),
        "" if scope is None else scope.name,
    )


def _id(value: Any) -> str | None:
    return scrub(value) if isinstance(value, str) and 0 < len(value) <= _MAX_ID else None
