"""The last user turn as hash and sketch, computed by the worker and sent as an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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


@dataclass(frozen=True)
class Details:
    """A job: complete an event with what the user had said.

    Attributes:
        event: The event so far.
        keys: How to hash the turn, or ``None`` when nothing of it may leave.
        turn: The turn itself, when a hook delivered it.
        found: What else to find it in: the conventions and what the instrumentation recorded.
    """

    event: Event
    keys: InputKeys | None = None
    turn: str | None = None
    found: tuple[tuple[Source, ...], Recorded] | None = None


def complete(job: Details) -> Event | None:
    """The event to send, or ``None`` when there is nothing to say."""
    if job.keys is None:
        return job.event
    turn = job.turn
    if turn is None and job.found is not None:
        turn = find_last_user_turn(*job.found)
    if turn:
        job.event.attributes.update(describe(turn, job.keys))
    # The time alone says nothing that the span does not say.
    return job.event if len(job.event.attributes) > 1 else None


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
