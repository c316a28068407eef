"""Finding what an action was done to, by whatever the application knows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from opentelemetry.trace import SpanContext

from otel_ai_feedback.attributes import LinkMethod
from otel_ai_feedback.capture.linking.answer_choice import NONE, Choice
from otel_ai_feedback.capture.linking.handles import Handle, RefusedHandleError, verify
from otel_ai_feedback.capture.linking.lookup import Found, Whose
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.linking.outputs import Outputs
from otel_ai_feedback.capture.text.fragments import fingerprints
from otel_ai_feedback.capture.text.normalise import scrub

if TYPE_CHECKING:
    from otel_ai_feedback.capture.capture import Capture
    from otel_ai_feedback.capture.linking.redis_outputs import RedisOutputs

T = TypeVar("T")

_NANOSECONDS: Final = 1_000_000_000
_MAX_KEY: Final = 512
_NOBODYS: Final = Whose(None, None, None)
_ELSEWHERE: Final = (
    "among the recent outputs of this process; with several workers give the page a handle "
    "instead, or set OTEL_AI_FEEDBACK_REGISTRY to a Redis that they share"
)


class RefusedActionError(ValueError):
    """The action does not count; ``reason`` is what it is counted under."""

    def __init__(self, reason: str, remedy: str | None = None) -> None:
        self.reason = reason
        self.remedy = remedy
        super().__init__(reason)


class LaterError(Exception):
    """Only the worker may look further: it takes I/O, or more than a moment."""


class Text(NamedTuple):
    """A text that was used, whole or in part.

    Attributes:
        start: Its beginning, for fingerprints; it is let go with the search.
        hash: Hash of the whole, as outputs carry it; ``None`` when it is too short for one.
        identity: The same for the same text, whatever the settings; keyed.
        whose: Where to look for it.
    """

    start: str
    hash: str | None
    identity: str
    whose: Whose


class Names(NamedTuple):
    """Everything that the application names the output of an action by.

    Attributes:
        target: A handle, an LLM span or its context.
        response_id: The model's id for the answer.
        key: The application's own key.
        text: What was used of it.
    """

    target: Any
    response_id: Any
    key: str | None
    text: Text | None


class Target(NamedTuple):
    """What an action was done to.

    Attributes:
        trace_id: Trace of the span to link to; 0 when there is none, and the hash is left to the
            store to find.
        span_id: The span to link to.
        time: Start of the LLM span, seconds; ``None`` while it is not known.
        method: How the link was found.
        output: What is remembered of the output.
        ambiguous: Whether another output fits as well.
        sampled: Whether the output is recorded at all.
    """

    trace_id: int
    span_id: int
    time: int | None
    method: LinkMethod | None
    output: Output | None
    ambiguous: bool = False
    sampled: bool = True


class Search:
    """Looks for the output of one action, by one name after the other: the first decides.

    Handle or span, response id, key, hash, fragment: from what names one output for certain to
    what only looks like it.

    Args:
        capture: The parts to work with.
        names: What is known.
        on_worker: Whether it may take its time, ask Redis and make fingerprints.

    Attributes:
        identity: What the application named the output by. Unlike what is found it does not depend
            on what this process remembers, so an action that is told twice keeps its id.
        refused: The names that led nowhere, and why.
    """

    def __init__(self, capture: Capture, names: Names, on_worker: bool = False) -> None:
        self._capture = capture
        self._names = names
        self._on_worker = on_worker
        self.identity = ""
        self.refused: list[RefusedActionError] = []

    def target(self) -> Target | None:
        """What the action was done to, if it is known.

        Raises:
            LaterError: If only the worker may look further.
        """
        names = self._names
        found: Target | None = None
        if names.target is not None:
            found = self._by_handle() if isinstance(names.target, str) else self._by_span()
        # A request whose answer is not known is something to link to, when nothing is better.
        request = found
        if names.response_id is not None and not _is_output(found):
            found = self._by_response_id()
        if names.key is not None and not _is_output(found):
            found = self._by_key(names.key)
        if names.text is not None and not _is_output(found):
            found = self._by_text(names.text)
        if found is None or (request is not None and not found.trace_id):
            return request
        return found

    def _refused(self, reason: str, remedy: str | None = None) -> None:
        self.refused.append(RefusedActionError(reason, remedy))

    def _identified(self, identity: str) -> None:
        self.identity = self.identity or identity

    def _find(self, look: Callable[[Outputs | RedisOutputs], T | None]) -> T | None:
        """What is found among the outputs of all workers, or else of this one.

        All come first, as the newest is meant and another worker may have made it.
        """
        shared = self._capture.shared
        if shared is not None:
            if not self._on_worker:
                raise LaterError
            found = look(shared)
            if found is not None:
                return found
        return look(self._capture.outputs)

    def _by_handle(self) -> Target | None:
        capture = self._capture
        try:
            handle = verify(self._names.target, capture.handle_key, capture.clock() // _NANOSECONDS)
        except RefusedHandleError as refused:
            remedy = (
                "the handle was signed with another key; set one OTEL_AI_FEEDBACK_KEY on all hosts"
                if refused.reason == "foreign"
                else None
            )
            self._refused(f"handle_{refused.reason}", remedy)
            return None
        self._identified(_identity(handle.trace_id, handle.span_id))
        return self._of_handle(handle, "handle" if handle.kind == "output" else "request")

    def _of_handle(self, handle: Handle, method: LinkMethod) -> Target:
        trace_id, span_id = handle.trace_id, handle.span_id
        if not handle.sampled:
            time = handle.time if handle.kind == "output" else None
            return Target(trace_id, span_id, time, method, None, sampled=False)
        if handle.kind == "output":
            known = self._capture.outputs.of_span(trace_id, span_id)
            return Target(trace_id, span_id, handle.time, method, known)
        # One worker makes all outputs of a request, so this one need not ask if it has any.
        choice = self._capture.outputs.of_request(trace_id, span_id)
        if choice == NONE:
            shared = self._find(lambda outputs: _known(outputs.of_request(trace_id, span_id)))
            choice = shared or NONE
        if choice.ambiguous:
            return Target(0, 0, None, None, None, ambiguous=True)
        if choice.output is None:
            return Target(trace_id, span_id, None, method, None)
        return self._target(Found(choice.output, False), method)

    def _by_span(self) -> Target | None:
        given = self._names.target
        context = given if isinstance(given, SpanContext) else None
        if context is None and hasattr(given, "get_span_context"):
            context = given.get_span_context()
        if not isinstance(context, SpanContext) or not context.is_valid:
            self._refused("bad_target", "the target must be a handle, a span or a span context")
            return None
        trace_id, span_id = context.trace_id, context.span_id
        self._identified(_identity(trace_id, span_id))
        if not context.trace_flags.sampled:
            return Target(trace_id, span_id, None, "handle", None, sampled=False)
        output = self._capture.outputs.of_span(trace_id, span_id)
        if output is not None:
            return self._target(Found(output, False), "handle")
        start = getattr(given, "start_time", None)
        if start is None:
            self._refused(
                "unknown_span",
                "the span is not among the recent outputs of this process, so its start is "
                "unknown; use output_handle(), which carries it",
            )
            return None
        return Target(trace_id, span_id, start // _NANOSECONDS, "handle", None)

    def _by_response_id(self) -> Target | None:
        response_id = self._names.response_id
        found = None
        if isinstance(response_id, str):
            self._identified(f"response_id {response_id}")
            found = self._find(lambda outputs: outputs.of_response(response_id))
        if found is None:
            self._refused("unknown_response_id", f"the response id is not {_ELSEWHERE}")
            return None
        return self._target(found, "response_id")

    def _by_key(self, key: str) -> Target | None:
        self._identified(f"key {key}")
        tied = self._find(lambda outputs: outputs.tied(key))
        if tied is None:
            self._refused("unknown_key", f"no link_key() tied the key to an output {_ELSEWHERE}")
            return None
        return self._of_handle(tied, "key")

    def _by_text(self, text: Text) -> Target | None:
        whose, text_hash = text.whose, text.hash
        if whose == _NOBODYS:
            self._refused(
                "unknown_session",
                "a text is looked for only in the user's own outputs: give conversation_id=, "
                "session_id= or subject=, or call record_action() inside conversation()",
            )
            return None
        self._identified(f"text {text.identity}")
        if text_hash is not None:
            found = self._find(lambda outputs: outputs.of_hash(whose, text_hash))
            if found is not None:
                return self._target(found, "hash")
        if not self._on_worker:
            raise LaterError
        fragment = fingerprints(text.start, self._capture.fragment_key)
        found = self._find(lambda outputs: outputs.of_fragment(whose, fragment))
        if found is not None:
            return self._target(found, "fragment")
        if text_hash is not None:
            return Target(0, 0, None, None, None)
        self._refused("unknown_text")
        return None

    def _target(self, found: Found, method: LinkMethod) -> Target:
        output = found.output
        trace_id, span_id = output.trace_id, output.span_id
        # What all workers share has no more than ids; this one may have made it.
        known = self._capture.outputs.of_span(trace_id, span_id) or output
        return Target(trace_id, span_id, output.time, method, known, found.ambiguous)


def key_of(given: object) -> str | None:
    """The application's own key as it is remembered; a UUID or number will do.

    Raises:
        RefusedActionError: If it is too long to be remembered.
    """
    if given is None:
        return None
    key = scrub(str(given))
    if not 0 < len(key) <= _MAX_KEY:
        raise RefusedActionError("bad_key", f"key= must have 1 to {_MAX_KEY} characters")
    return key


def _known(choice: Choice) -> Choice | None:
    return None if choice == NONE else choice


def _is_output(found: Target | None) -> bool:
    """Whether there is nothing more to find: the output, or that nobody recorded it."""
    return found is not None and (found.time is not None or not found.sampled)


def _identity(trace_id: int, span_id: int) -> str:
    return f"{trace_id:032x} {span_id:016x}"
