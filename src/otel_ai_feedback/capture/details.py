"""The last user turn as hash and sketch, computed by the worker and sent as an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.events import Event, sampled_context
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.sources import find_last_user_turn
from otel_ai_feedback.capture.sources.source import Recorded, Source
from otel_ai_feedback.capture.text.hashing import hash_normalised
from otel_ai_feedback.capture.text.normalise import normalise
from otel_ai_feedback.capture.text.sketch import sketch

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
        output: The output.
        delivered: Whether its span says already that a handle for it has left.
        own: Our attributes, when the span has no room for them.
        keys: How to hash the user turn, or ``None`` when nothing of it may leave.
        turn: The turn itself, when a hook delivered it.
        sources: The conventions to look for it by, where none did.
        asked: What to look in: what the instrumentation recorded, or the one attribute that the
            one convention looks at.
    """

    output: Output
    delivered: bool
    own: dict[str, Any] | None
    keys: InputKeys | None
    turn: str | None
    sources: tuple[Source, ...]
    asked: str | Recorded | None


def event_of(details: Details) -> Event | None:
    """The event to send, or ``None`` when there is nothing to say."""
    attributes = {} if details.own is None else details.own
    if details.keys is not None:
        turn = details.turn or _turn_in(details)
        if turn:
            attributes.update(describe(turn, details.keys))
    if not attributes:
        # The time alone says nothing that the span does not say.
        return None
    output = details.output
    attributes[names.OUTPUT_TIME] = output.time
    span = sampled_context(output.trace_id, output.span_id)
    return Event(names.EVENT_OUTPUT_DETAILS, span, attributes)


def _turn_in(details: Details) -> str | None:
    asked, sources = details.asked, details.sources
    if isinstance(asked, str):
        name = sources[0].asked
        asked = None if name is None else Recorded({name: asked})
    return None if asked is None else find_last_user_turn(sources, asked)


def describe(turn: str, keys: InputKeys) -> dict[str, str]:
    """Hash and sketch of a user turn, as far as it is long enough for each.

    A turn too short for a sketch has no hash either: "continue" twice is no regeneration.
    """
    sketched = sketch(turn, keys.sketch)
    if sketched is None:
        return {}
    found = {names.INPUT_SKETCH: sketched}
    normalised = normalise(turn)
    if len(normalised.decode()) >= keys.min_length:
        found[names.INPUT_HASH] = hash_normalised(normalised, keys.hash)
    return found
