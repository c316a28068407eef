"""What is remembered of an output after its span has ended: ids and numbers, in the end no text."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.linking.handles import Handle
from otel_ai_feedback.capture.text.hashing import hash_normalised
from otel_ai_feedback.capture.text.normalise import normalise

# One for all outputs, as it is held for less than a millisecond. Re-entrant: a finalizer that ends
# a span may run while it is held.
_lock = threading.RLock()


class Question(Protocol):
    """What the user had said before an answer."""

    def described(self) -> dict[str, str]:
        """Its hash and sketch, as far as there are any."""


class Late(NamedTuple):
    """What is left to compute of an output, until its span is read.

    Attributes:
        held: The attributes of its span.
        text: The answer, unless it is hashed already.
        key: Key of its hash, or ``None`` for plain.
        question: What the user had said, as far as that may leave.
        guard: Where failures are counted.
    """

    held: dict[str, Any]
    text: str | None
    key: bytes | None
    question: Question | None
    guard: Guard


@dataclass(eq=False, slots=True)
class Output:
    """One ended LLM span.

    Attributes:
        trace_id: Its trace.
        span_id: Its span.
        time: Its start in whole seconds since the epoch.
        sampled: Whether it is recorded.
        has_text: Whether its text is known not to be empty.
        known_hash: Hash of its text, once it is computed, if it gets one.
        response_id: The model's id for the answer.
        conversation_id: The conversation, if known.
        session_id: The session, if known.
        subject: Keyed hash of the user, if known.
        feature: Feature of the service, if known.
        delivered: Whether a handle for it has left.
        request_span_id: Local root span of the request that it may be the answer of; 0 for a step
            on the way, such as a tool call.
        calls: Whether it calls tools, so that it is a step when another model call follows.
        streamed: Whether parts of the response were sent while it was being made.
        open: Whether the response that it may be the answer of has not ended, so that it is too
            early to tell.
        marked: Whether the application said that it is the answer, or the response holds it.
        waits: The generation of the worker from which on something will still say that a handle
            has left: who reads its span first, or the worker that sends its event; 0 when
            nothing will.
        late: What is left to compute of it.
        text: Its text, for the moment until its fingerprints are made.
    """

    trace_id: int
    span_id: int
    time: int
    has_text: bool
    delivered: bool
    known_hash: str | None = None
    response_id: str | None = None
    conversation_id: str | None = None
    session_id: str | None = None
    subject: str | None = None
    feature: str | None = None
    request_span_id: int = 0
    sampled: bool = True
    calls: bool = False
    streamed: bool = False
    open: bool = False
    marked: bool = False
    waits: int = 0
    text: str | None = None
    late: Late | None = None

    @property
    def hash(self) -> str | None:
        """Hash of its text, if it gets one."""
        self.settle()
        return self.known_hash

    def settle(self) -> None:
        """Compute what is left, if anything is, and put it on the span; never raises."""
        if self.late is None:
            return
        with _lock:
            late: Late | None = self.late
            if late is None:
                return
            own: dict[str, Any] = {}
            try:
                if late.text is not None:
                    own = described(late.text, late.key)
                    self.known_hash = own[names.OUTPUT_HASH]
                if late.question is not None:
                    own.update(late.question.described())
            except Exception:
                late.guard.failed("computing what was left")
            # In this order: who hands out a handle says so first, and then looks whether it waits.
            self.waits = 0
            if self.delivered and names.HANDLE_KIND not in late.held:
                own[names.HANDLE_KIND] = "output"
            late.held.update(own)
            # Readers look at it without the lock, so it comes last.
            self.late = None


def described(text: str, key: bytes | None) -> dict[str, Any]:
    """Hash and length of an answer."""
    normalised = normalise(text)
    length = len(normalised) if normalised.isascii() else len(normalised.decode())
    return {names.OUTPUT_LENGTH: length, names.OUTPUT_HASH: hash_normalised(normalised, key)}


def after_fork() -> None:
    """Replace the lock, which another thread may have held when the process forked."""
    global _lock
    _lock = threading.RLock()


# How a named tuple makes itself; its constructor takes twice as long.
_new: Final = tuple.__new__


def handle_of(output: Output) -> Handle:
    """What names the output."""
    return _new(Handle, ("output", output.trace_id, output.span_id, output.time, output.sampled))
