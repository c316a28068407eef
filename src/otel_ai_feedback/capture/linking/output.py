"""What is remembered of an output after its span has ended: ids and numbers, in the end no text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from otel_ai_feedback.capture.linking.handles import Handle


@dataclass(eq=False, slots=True)
class Output:
    """One ended LLM span.

    Attributes:
        trace_id: Its trace.
        span_id: Its span.
        time: Its start in whole seconds since the epoch.
        sampled: Whether it is recorded.
        has_text: Whether its text is known not to be empty.
        hash: Hash of its text, if it got one.
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
        waits: The generation of the worker that has not come to it yet, and will say then that a
            handle has left; 0 when none will.
        text: Its text, for the moment until its fingerprints are made.
    """

    trace_id: int
    span_id: int
    time: int
    has_text: bool
    delivered: bool
    hash: str | None = None
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


# How a named tuple makes itself; its constructor takes twice as long.
_new: Final = tuple.__new__


def handle_of(output: Output) -> Handle:
    """What names the output."""
    return _new(Handle, ("output", output.trace_id, output.span_id, output.time, output.sampled))
