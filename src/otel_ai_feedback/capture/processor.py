"""The span processor that turns LLM spans into outputs that actions can be linked to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context, get_current
from opentelemetry.sdk.trace import Span, SpanProcessor
from opentelemetry.trace import StatusCode, TraceFlags

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.capture import EXIT_MILLISECONDS, Capture
from otel_ai_feedback.capture.details import MAX_CHARACTERS, Details, InputKeys
from otel_ai_feedback.capture.exchange import current_exchange
from otel_ai_feedback.capture.feature import feature_of
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.linking.request import Request
from otel_ai_feedback.capture.probe import is_probe, is_synthetic
from otel_ai_feedback.capture.sampling import UNKNOWN, Sampling
from otel_ai_feedback.capture.scope import Scope, opted_out, scope_of
from otel_ai_feedback.capture.sources import (
    MARKERS,
    USUAL,
    find_answer,
    find_model,
    find_response_id,
    find_session_id,
    recognise,
)
from otel_ai_feedback.capture.sources.answer import UNPARSEABLE
from otel_ai_feedback.capture.sources.source import Recorded, Source, attributes_of
from otel_ai_feedback.capture.span_attributes import add as add_attributes
from otel_ai_feedback.capture.span_state import (
    SpanPosition,
    SpanState,
    begin,
    begin_beneath_unknown,
    place_of,
    set_output,
    state_of,
)
from otel_ai_feedback.capture.text.hashing import hash_subject
from otel_ai_feedback.capture.text.normalise import normalise, scrub
from otel_ai_feedback.capture.text.removal import remove_text
from otel_ai_feedback.capture.text.review_text import unrecorded_text

NANOSECONDS: Final = 1_000_000_000
_NOWHERE: Final = Context()
# Under which a context has its span: get_current_span() takes four times as long to look there.
_SPAN: Final = next(iter(trace.set_span_in_context(trace.INVALID_SPAN, _NOWHERE)))
_SAMPLED: Final = TraceFlags.SAMPLED
_SESSION: Final = names.SESSION_ID
_CONVERSATION: Final = names.CONVERSATION_ID
_RESPONSE_ID: Final = names.RESPONSE_ID
_REQUEST_MODEL: Final = "gen_ai.request.model"
_RESPONSE_MODEL: Final = "gen_ai.response.model"
_MODELS: Final = frozenset({_REQUEST_MODEL, "llm.model_name"})
# How a named tuple makes itself; its constructor takes twice as long.
_new: Final = tuple.__new__
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
        self._removes: Final = capture.review_text.removes
        self._when_ending = self._tag_and_remove_text if self._removes else self._tag
        self._sampling = sampling
        self._feature: Final = capture.settings.feature
        self._channel: Final = capture.settings.channel
        self._min_length: Final = capture.settings.hash_min_length

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
        if parent is None or parent[2]:
            self._begin_request(span, parent_context, scope)
            return
        holder = parent_context.get(_SPAN, trace.INVALID_SPAN)
        above = holder.get_span_context()  # type: ignore[attr-defined]
        if above is parent or above[1] == parent[1]:
            begin(span, scope, holder, self._when_ending)
        else:
            begin_beneath_unknown(span, scope, self._when_ending)

    def _begin_request(self, span: Span, context: Context, scope: Scope | None) -> None:
        """Put the first span of a request into its place."""
        begin(span, scope, None, self._when_ending)
        if is_probe(context):
            span.set_attribute(names.PROBE, True)
        exchange = None if self._concurrent else current_exchange()
        state = None if exchange is None else state_of(span)
        if exchange is not None and state is not None:
            exchange.bind(state.request)

    def _tag(self, span: Span) -> bool:
        """Tag the span if it is an LLM span; whether its text is in the sample for review.

        What this raises is stopped by its caller.
        """
        attributes = attributes_of(span)
        # Most spans are none, and have cost next to nothing when that is clear.
        if MARKERS.isdisjoint(attributes) or not self._capture.active or not span.is_recording():
            return False
        recorded = _recorded(span, attributes)
        sources = recognise(recorded)
        place = place_of(span) if sources else None
        if place is None:
            return False
        if sources is not USUAL:
            recorded = recorded.copied()
        return self._tag_output(span, place, sources, recorded)

    def _tag_and_remove_text(self, span: Span) -> None:
        """Tag the span and leave it without its text, unless that is in the sample."""
        in_lot = False
        try:
            in_lot = self._tag(span)
        finally:
            if not in_lot and self._capture.active and span.is_recording():
                remove_text(span, self._capture.guard)

    def _tag_output(
        self, span: Span, place: SpanPosition, sources: tuple[Source, ...], recorded: Recorded
    ) -> bool:
        """Make an output of an LLM span; whether its text is in the sample for review."""
        capture = self._capture
        request: Request = place.request  # type: ignore[assignment]
        attributes = recorded.attributes
        scope, unobserved = place.scope, False
        if self._concurrent:
            scope, unobserved = scope or scope_of(), opted_out()
        if unobserved or (scope is not None and not scope.observed):
            capture.guard.counts.add("opted_out")
            return False
        answer = place.answer
        if answer is None:
            try:
                answer = find_answer(sources, recorded)
            except Exception:
                # The span is an output all the same.
                capture.guard.failed("reading an answer")
                answer = UNPARSEABLE
        trace_id, span_id = span.get_span_context()[:2]
        time = (span.start_time or capture.clock()) // NANOSECONDS
        handle_kind = place.handle_kind
        text, missing = answer
        output = Output(trace_id, span_id, time, missing == "truncated", handle_kind is not None)
        own: dict[str, Any] = {
            names.OUTPUT_TIME: time,
            names.REQUEST_SPAN_ID: request.hex,
            names.REQUEST_SEQ: request.next_place(),
        }
        if text is None:
            capture.guard.counts.add(missing or "not_recorded")
        else:
            self._describe(text, output, span, own)
        self._identify(output, sources, recorded, own)
        root = request.root
        above = attributes_of(root())
        channel: str = self._channel
        turn = place.user_turn
        if scope is not None:
            channel = scope.channel or channel
            turn = scope.question or turn
            self._place(output, scope, attributes, own)
        feature = self._feature or feature_of(scope, place, attributes, root, above)
        if feature is not None:
            own[names.FEATURE] = output.feature = scrub(feature[:_MAX_ID])
        if channel != "text":
            own[names.CHANNEL] = channel
        ratio = self._sampling.ratio(request.parent)
        if ratio is not None:
            own[names.SAMPLING_RATIO] = ratio
        if is_probe() or is_synthetic(above):
            own[names.PROBE] = True
        if handle_kind is not None:
            own[names.HANDLE_KIND] = handle_kind
        written = own
        in_lot = self._removes and capture.review_text.keeps(trace_id, span_id)
        if in_lot:
            own[names.TEXT_RATE] = capture.review_text.rate
            written = own | unrecorded_text(attributes, place.messages)
        if type(place) is SpanState:
            # Not for longer than the span: what holds a span holds its state.
            place.messages = None

        fits = add_attributes(span, written)
        set_output(span, output)
        if missing != "no_text":
            # An answer of tool calls alone is a step on the way, not what the user gets.
            output.request_span_id = request.context[1]
            request.newest = output
            if scope is not None:
                scope.newest = output
            if request.exchange is not None:
                request.exchange.output_ended(capture, request, output)
        capture.outputs.remember(output, text)
        if capture.input_keys is not None or not fits:
            retried = request.exchange is not None and request.exchange.retry
            keys = None if retried else capture.input_keys
            self._send_details(output, None if fits else own, keys, turn, sources, recorded)
        return in_lot

    def _describe(self, text: str, output: Output, span: Span, own: dict[str, Any]) -> None:
        """Hash and length of the text."""
        capture = self._capture
        normalised = normalise(text)
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
        if length < self._min_length:
            capture.guard.counts.add("too_short")
            return
        capture.guard.counts.add("tagged")
        own[names.OUTPUT_HASH] = output.hash = capture.hash(normalised)

    @staticmethod
    def _identify(
        output: Output, sources: tuple[Source, ...], recorded: Recorded, own: dict[str, Any]
    ) -> None:
        """Ids and model, with the store's own names for what a convention calls otherwise."""
        attributes = recorded.attributes
        get = attributes.get
        response_id = get(_RESPONSE_ID)
        if type(response_id) is str:
            # The usual one, at the cost of a comparison.
            usual = 0 < len(response_id) <= _MAX_ID and response_id.isascii()
            output.response_id = response_id if usual else _id(response_id)
        else:
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
        if output.session_id is None and sources is not USUAL:
            session_id = find_session_id(sources, recorded)
            if session_id is not None:
                output.session_id = _id(session_id)
            if output.session_id is not None:
                own[names.SESSION_ID] = output.session_id
        if _RESPONSE_MODEL not in attributes and attributes.keys().isdisjoint(_MODELS):
            model = _id(find_model(sources, recorded))
            if model is not None:
                own[_REQUEST_MODEL] = model

    def _place(
        self,
        output: Output,
        scope: Scope,
        attributes: Mapping[str, Any],
        own: dict[str, Any],
    ) -> None:
        """What the conversation says: its id, the user and the prompt."""
        if scope.conversation_id is not None and names.CONVERSATION_ID not in attributes:
            own[names.CONVERSATION_ID] = output.conversation_id = scope.conversation_id
        if scope.subject is not None:
            own[names.SUBJECT] = output.subject = hash_subject(scope.subject, self._capture.secret)
        if scope.prompt_version is not None:
            own[names.PROMPT_VERSION] = scope.prompt_version

    def _send_details(
        self,
        output: Output,
        own: dict[str, Any] | None,
        keys: InputKeys | None,
        turn: str | None,
        sources: tuple[Source, ...],
        recorded: Recorded,
    ) -> None:
        """Have the worker send what the span had no room for, and what the user had said."""
        capture = self._capture
        asked: str | Recorded | None = None
        characters = 0
        if keys is None:
            # A question that says nothing new, or that may not leave.
            turn = None
        elif turn is not None:
            characters = len(turn)
        else:
            # The less is kept for the worker, the less it takes to keep it.
            name = sources[0].asked if len(sources) == 1 else None
            found = None if name is None else recorded.attributes.get(name)
            if type(found) is str:
                asked, characters = found, len(found)
            else:
                asked, characters = recorded.copied(), recorded.characters()
        if characters > MAX_CHARACTERS:
            capture.guard.counts.add("input_too_long")
            keys, turn, asked, characters = None, None, None, 0
        if keys is None and own is None:
            return
        details = _new(Details, (output, output.delivered, own, keys, turn, sources, asked))
        worker = capture.worker
        # Before it is handed over, as the worker may come to it at once.
        output.waits = worker.generation
        if not worker.submit(details, characters):
            output.waits = 0


def _recorded(span: Any, attributes: Mapping[str, Any]) -> Recorded:
    scope = span.instrumentation_scope
    name = "" if scope is None else scope.name
    try:
        kept, limit = span._events._dq, span._limits.max_span_attribute_length
        dropped = span._attributes.dropped
    except AttributeError:
        # A span that is not made like the SDK's.
        limit = getattr(getattr(span, "_limits", None), "max_span_attribute_length", None)
        dropped = getattr(getattr(span, "_attributes", None), "dropped", 0)
        return Recorded(attributes, span.events, limit, name, dropped)
    # Asking an SDK span for its events makes a copy, though most have none.
    return _new(Recorded, (attributes, span.events if kept else (), limit, name, dropped))


def _id(value: Any) -> str | None:
    return scrub(value) if isinstance(value, str) and 0 < len(value) <= _MAX_ID else None
