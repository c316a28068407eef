"""From an LLM span that is about to end to an output that actions can be linked to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import Span
from opentelemetry.trace import StatusCode

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.ambient import ambient_id
from otel_ai_feedback.capture.automated import SYNTHETIC, Automated
from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.details import MAX_CHARACTERS, Details, Question
from otel_ai_feedback.capture.feature import agent_of, feature_of
from otel_ai_feedback.capture.identity import MAX_ID, id_of, identify, prompt_of
from otel_ai_feedback.capture.interruptions import note_interruption
from otel_ai_feedback.capture.late import MOST_LATE, MOST_UNREAD_CHARACTERS, defer
from otel_ai_feedback.capture.linking.output import Output, described
from otel_ai_feedback.capture.linking.outputs import MAX_WAITING_CHARACTERS
from otel_ai_feedback.capture.linking.request import Request
from otel_ai_feedback.capture.probe import is_probe, marks_probe
from otel_ai_feedback.capture.sampling import Sampling
from otel_ai_feedback.capture.scope import Scope, opted_out, scope_of
from otel_ai_feedback.capture.sources import (
    MARKERS,
    USUAL,
    find_answer,
    recognise,
)
from otel_ai_feedback.capture.sources.answer import UNPARSEABLE, Answer, without_thoughts
from otel_ai_feedback.capture.sources.gen_ai import is_fetched, is_unfinished
from otel_ai_feedback.capture.sources.source import Recorded, Source, attributes_of, recorded_of
from otel_ai_feedback.capture.span_attributes import add as add_attributes
from otel_ai_feedback.capture.span_attributes import writable
from otel_ai_feedback.capture.span_state import SpanPosition, SpanState, place_of, set_output
from otel_ai_feedback.capture.text.hashing import hash_subject
from otel_ai_feedback.capture.text.normalise import scrub
from otel_ai_feedback.capture.text.review_text import unrecorded_text

NANOSECONDS: Final = 1_000_000_000
_RESPONSE_ID: Final = names.RESPONSE_ID
_PREVIOUS: Final = "gen_ai.request.previous_response.id"
_COMPACTED: Final = "gen_ai.conversation.compacted"
_AGENT_VERSION: Final = "gen_ai.agent.version"
_USER: Final = "user.id"
# Characters from which on a text is left to describe until the span is read.
_BEGINNING: Final = 256
# A step on the way, or nothing at all, is not what the user gets.
_NO_ANSWER: Final = ("no_text", "unfinished")
# How a named tuple makes itself; its constructor takes twice as long.
_new: Final = tuple.__new__


class Tagger:
    """Makes outputs of the LLM spans of one provider.

    Args:
        capture: The parts to work with.
        concurrent: Whether the provider calls its processors on threads of its own, where the
            caller's context is out of sight.
        sampling: With which probability the provider samples.
    """

    def __init__(self, capture: Capture, concurrent: bool, sampling: Sampling) -> None:
        self._capture = capture
        self._concurrent = concurrent
        self._sampling = sampling
        self._removes: Final = capture.review_text.removes
        self._feature: Final = capture.settings.feature
        self._automated: Final = Automated(capture.settings.exclude)
        self._channel: Final = capture.settings.channel
        self._min_length: Final = capture.settings.hash_min_length

    def tag(self, span: Span) -> bool:
        """Tag the span if it is an LLM span; whether its text is in the sample for review.

        What this raises is stopped by its caller.
        """
        attributes = attributes_of(span)
        # Most spans are none, and have cost next to nothing when that is clear.
        if MARKERS.isdisjoint(attributes) or not self._capture.active or not span.is_recording():
            return False
        recorded = recorded_of(span, attributes)
        sources = recognise(recorded)
        place = place_of(span) if sources else None
        if place is None:
            return False
        if sources is not USUAL:
            recorded = recorded.copied()
        return self._tag_llm_span(span, place, sources, recorded)

    def _tag_llm_span(
        self, span: Span, place: SpanPosition, sources: tuple[Source, ...], recorded: Recorded
    ) -> bool:
        capture = self._capture
        request: Request = place.request  # type: ignore[assignment]
        request.asked_a_model = True
        above = attributes_of(request.root())
        agent = agent_of(place, recorded.attributes, request.root, above)
        scope = place.scope
        if scope is None and self._concurrent:
            scope = scope_of()
        user = recorded.attributes.get(_USER) or agent.get(_USER)
        if self._unobserved(scope, user):
            capture.guard.counts.add("opted_out")
            return False
        answer = self._answer(place, sources, recorded)
        if is_fetched(recorded.attributes) and self._is_known(span, answer, request, recorded):
            return False
        trace_id, span_id = span.get_span_context()[:2]
        start = span.start_time or capture.clock()
        time = start // NANOSECONDS
        output = Output(
            trace_id,
            span_id,
            time,
            answer.missing == "truncated",
            place.handle_kind is not None,
            calls=answer.calls,
        )
        own: dict[str, Any] = {
            names.OUTPUT_TIME: time,
            names.REQUEST_SPAN_ID: request.hex,
            names.REQUEST_SEQ: request.next_place(),
        }
        kept = writable(span)
        missing, left = self._describe(answer, output, span, own, kept is not None)
        identify(output, sources, recorded, own)
        self._place(output, scope, user, recorded.attributes, own)
        self._surround(output, scope, agent, above, request, own)
        if place.handle_kind is not None:
            own[names.HANDLE_KIND] = place.handle_kind
        question, unread = self._question(request, scope, place, sources, recorded)
        fits, in_sample = self._write(span, own, place, recorded.attributes, kept)
        if kept is not None and fits:
            unread += 0 if left is None else len(left)
            output.waits = capture.worker.generation
            defer(kept, output, left, question, capture.hash_key, capture.guard)
        else:
            self._send_details(output, fits, own, left, question, unread)
        set_output(span, output)
        if missing not in _NO_ANSWER:
            _account_for(output, answer.text, request, scope, start)
        if capture.outputs.remember(output, answer.text, unread):
            capture.file_outputs()
        note_interruption(capture, output, recorded.attributes)
        if type(place) is SpanState:
            # Not for longer than the span: what holds a span holds its state.
            place.messages = None
        return in_sample

    def _unobserved(self, scope: Scope | None, user: Any) -> bool:
        """Whether the user does not want to be observed."""
        if self._concurrent and opted_out():
            return True
        if scope is not None and not scope.observed:
            return True
        named = scope is not None and scope.subject is not None
        return user is not None and not named and self._capture.opt_out.of_subject(user)

    def _answer(
        self, place: SpanPosition, sources: tuple[Source, ...], recorded: Recorded
    ) -> Answer:
        """What the model answered, as a hook, an event or the span has it."""
        if place.answer is not None:
            return without_thoughts(place.answer)
        try:
            return find_answer(sources, recorded)
        except Exception:
            # The span is an output all the same.
            self._capture.guard.failed("reading an answer")
            return UNPARSEABLE

    def _is_known(self, span: Span, answer: Answer, request: Request, recorded: Recorded) -> bool:
        """Whether a fetched response has no answer yet, or is one that was fetched before."""
        if answer.text is None:
            return True
        response_id = id_of(recorded.attributes.get(_RESPONSE_ID))
        found = None if response_id is None else self._capture.outputs.of_response(response_id)
        if found is None or not found.output.has_text:
            return False
        # It is the same output as before, for anyone who asks for a handle here.
        set_output(span, found.output)
        request.made(found.output)
        self._capture.guard.counts.add("fetched_again")
        return True

    def _describe(
        self, answer: Answer, output: Output, span: Span, own: dict[str, Any], later: bool
    ) -> tuple[str | None, str | None]:
        """Hash and length of the text, or what else can be said of it.

        Returns:
            Why there is no text, if that is so; and a text that is left to describe, which only
            a long one may be.
        """
        capture, text = self._capture, answer.text
        if text is None:
            missing: str = answer.missing or "not_recorded"
            capture.guard.counts.add(missing)
            return missing, None
        if later and self._is_long(text):
            length = self._min_length
        else:
            later = False
            own |= described(text, self._capture.hash_key)
            length, hashed = own[names.OUTPUT_LENGTH], own.pop(names.OUTPUT_HASH)
        if length == 0 and not later:
            del own[names.OUTPUT_LENGTH]
            # A call that failed did not answer with nothing: it did not answer.
            failed = span.status.status_code is StatusCode.ERROR
            unfinished = not failed and is_unfinished(attributes_of(span))
            missing = "failed" if failed else "unfinished" if unfinished else "empty"
            capture.guard.counts.add(missing)
            if missing == "empty":
                own[names.OUTPUT_LENGTH] = 0
            return missing, None
        output.has_text = True
        if answer.structured:
            own[names.OUTPUT_TYPE] = "tool_call"
        if length < self._min_length:
            capture.guard.counts.add("too_short")
            return None, None
        capture.guard.counts.add("tagged")
        if later:
            return None, text
        own[names.OUTPUT_HASH] = output.known_hash = hashed
        return None, None

    def _is_long(self, text: str) -> bool:
        """Whether a text is certain to get a hash, though not of such a length as to be kept."""
        if not _BEGINNING < len(text) <= MAX_WAITING_CHARACTERS:
            return False
        return len("".join(text[:_BEGINNING].split())) >= max(self._min_length, 1)

    def _place(
        self,
        output: Output,
        scope: Scope | None,
        user: Any,
        attributes: Mapping[str, Any],
        own: dict[str, Any],
    ) -> None:
        """The conversation, the user and the prompt."""
        subject, conversation_id, prompt = id_of(user), output.conversation_id, None
        if scope is not None:
            subject = scope.subject or subject
            # What the application says counts more than what a framework made up.
            conversation_id = scope.conversation_id or conversation_id
            prompt = scope.prompt_version
        if conversation_id is None:
            conversation_id = id_of(ambient_id()) or self._of_previous(attributes)
        if conversation_id is not None and conversation_id != output.conversation_id:
            own[names.CONVERSATION_ID] = output.conversation_id = conversation_id
        if subject is not None:
            own[names.SUBJECT] = output.subject = hash_subject(subject, self._capture.secret)
        prompt = prompt_of(attributes) or prompt
        if prompt is not None:
            own[names.PROMPT_VERSION] = prompt

    def _of_previous(self, attributes: Mapping[str, Any]) -> str | None:
        """The conversation that the response before belongs to: by itself, its first response."""
        previous = id_of(attributes.get(_PREVIOUS))
        if previous is None:
            return None
        found = self._capture.outputs.of_response(previous)
        return (None if found is None else found.output.conversation_id) or previous

    def _surround(
        self,
        output: Output,
        scope: Scope | None,
        agent: Mapping[str, Any],
        above: Mapping[str, Any],
        request: Request,
        own: dict[str, Any],
    ) -> None:
        """What the service, the agent and the request say."""
        feature = self._feature or feature_of(scope, agent, above)
        if feature is not None:
            own[names.FEATURE] = output.feature = scrub(feature[:MAX_ID])
        release = agent.get(_AGENT_VERSION)
        if release is not None:
            release = id_of(release)
            if release is not None:
                own[names.RELEASE] = release
        channel: str = self._channel
        if scope is not None:
            channel = scope.channel or channel
        if channel != "text":
            own[names.CHANNEL] = channel
        ratio = self._sampling.ratio(request.parent)
        if ratio is not None:
            own[names.SAMPLING_RATIO] = ratio
        made_by = self._automated.kind(above)
        if made_by is not None:
            own[SYNTHETIC] = made_by
        if made_by is not None or is_probe() or marks_probe(above):
            own[names.PROBE] = True

    def _write(
        self,
        span: Span,
        own: dict[str, Any],
        place: SpanPosition,
        attributes: Mapping[str, Any],
        kept: BoundedAttributes | None,
    ) -> tuple[bool, bool]:
        """Put our attributes on the span.

        Returns:
            Whether it had room for them, and whether its text is in the sample for review.
        """
        written = own
        review_text = self._capture.review_text
        in_sample = self._removes and review_text.keeps(*span.get_span_context()[:2])
        if in_sample:
            own[names.TEXT_RATE] = review_text.rate
            written = own | unrecorded_text(attributes, place.messages)
        return add_attributes(span, written, kept, MOST_LATE), in_sample

    def _question(
        self,
        request: Request,
        scope: Scope | None,
        place: SpanPosition,
        sources: tuple[Source, ...],
        recorded: Recorded,
    ) -> tuple[Question | None, int]:
        """What the user had said, if it may leave and says anything new, and how long it is."""
        capture = self._capture
        keys = capture.input_keys
        retried = request.response is not None and request.response.retry
        if keys is None or retried or recorded.attributes.get(_COMPACTED) is True:
            return None, 0
        turn = scope.question if scope is not None and scope.question else place.user_turn
        asked: str | Recorded | None = None
        if turn is not None:
            characters = len(turn)
        else:
            # The less is kept, the less it takes to keep it.
            name = sources[0].asked if len(sources) == 1 else None
            found = None if name is None else recorded.attributes.get(name)
            if type(found) is str:
                asked, characters = found, len(found)
            else:
                asked, characters = recorded.copied(), recorded.characters()
        if characters > MAX_CHARACTERS:
            capture.guard.counts.add("input_too_long")
            return None, 0
        if capture.outputs.unread.characters + characters > MOST_UNREAD_CHARACTERS:
            capture.guard.counts.add("queue_full")
            return None, 0
        return _new(Question, (keys, turn, sources, asked)), characters

    def _send_details(
        self,
        output: Output,
        fits: bool,
        own: dict[str, Any],
        left: str | None,
        question: Question | None,
        characters: int,
    ) -> None:
        """Have the worker send what the span had no room for."""
        if fits:
            own = {}
        elif left is not None:
            own |= described(left, self._capture.hash_key)
            output.known_hash = own[names.OUTPUT_HASH]
        if fits and question is None:
            return
        worker = self._capture.worker
        # Before it is handed over, as the worker may come to it at once.
        output.waits = worker.generation
        if not worker.submit(Details(output, output.delivered, own, question), characters):
            output.waits = 0


def _account_for(
    output: Output, text: str | None, request: Request, scope: Scope | None, start: int
) -> None:
    """Have the request and the conversation know an output that may be the user's answer."""
    if scope is not None:
        scope.newest = output
        output.marked = scope.answers
    response = request.response
    if response is not None:
        output.streamed = response.began_before_last_part(start)
        response.output_ended(output, text)
        if response.ended:
            # A background task: what it makes is not in the response.
            return
    output.request_span_id = request.context[1]
    request.made(output)
