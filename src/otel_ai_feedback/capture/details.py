"""The last user turn as hash and sketch, computed by the worker and sent as an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from opentelemetry.trace import SpanContext

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.events import Event
from otel_ai_feedback.capture.hashing import hash_normalised
from otel_ai_feedback.capture.normalise import normalise
from otel_ai_feedback.capture.sketch import sketch
from otel_ai_feedback.capture.sources import find_last_user_turn
from otel_ai_feedback.capture.sources.source import Recorded, Source

# Decoding JSON holds the interpreter lock; a conversation longer than this is not looked at.
MAX_CHARACTERS: Final = 2_000_000


@dataclass(frozen=True)
class InputKeys:
    """How user turns are hashed.

    Attributes:
        hash: Key of the hash, or ``None`` for plain.
        min_length: Turns with fewer code points get no hash.
        sketch: Key of the sketch.
    """

    hash: bytes | None
    min_length: int
    sketch: bytes


class Details(NamedTuple):
    """A job: send the event about an output.

    Attributes:
        span: The LLM span.
        time: Its start in whole seconds.
        own: Our attributes, when the span has no room for them.
        keys: How to hash the user turn, or ``None`` when nothing of it may leave.
        turn: The turn itself, when a hook delivered it.
        found: What else to find it in: the conventions and what the instrumentation recorded.
    """

    span: SpanContext
    time: int
    own: dict[str, Any] | None
    keys: InputKeys | None
    turn: str | None
    found: tuple[tuple[Source, ...], Recorded] | None


def event_of(details: Details) -> Event | None:
    """The event to send, or ``None`` when there is nothing to say."""
    attributes = {} if details.own is None else details.own
    if details.keys is not None:
        turn = details.turn
        if turn is None and details.found is not None:
            turn = find_last_user_turn(*details.found)
        if turn:
            attributes.update(describe(turn, details.keys))
    if not attributes:
        # The time alone says nothing that the span does not say.
        return None
    attributes[names.OUTPUT_TIME] = details.time
    return Event(names.EVENT_OUTPUT_DETAILS, details.span, attributes)


def describe(turn: str, keys: InputKeys) -> dict[str, str]:
    """Hash and sketch of a user turn, as far as it is long enough for each."""
    found: dict[str, str] = {}
    normalised = normalise(turn)
    if normalised and len(normalised.decode()) >= keys.min_length:
        found[names.INPUT_HASH] = hash_normalised(normalised, keys.hash)
    sketched = sketch(turn, keys.sketch)
    if sketched is not None:
        found[names.INPUT_SKETCH] = sketched
    return found
