"""The last user turn as hash and sketch, and the event about what a span has no room for."""

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


class Question(NamedTuple):
    """What the user had said before an answer.

    Attributes:
        keys: How to hash it.
        turn: The turn itself, when a hook delivered it.
        sources: The conventions to look for it by, where none did.
        asked: What to look in: what the instrumentation recorded, or the one attribute that the
            one convention looks at.
    """

    keys: InputKeys
    turn: str | None
    sources: tuple[Source, ...]
    asked: str | Recorded | None

    def described(self) -> dict[str, str]:
        """Its hash and sketch, as far as there are any."""
        turn = self.turn or self._find()
        return describe(turn, self.keys) if turn else {}

    def _find(self) -> str | None:
        asked, sources = self.asked, self.sources
        if isinstance(asked, str):
            name = sources[0].asked
            asked = None if name is None else Recorded({name: asked})
        return None if asked is None else find_last_user_turn(sources, asked)


class Details(NamedTuple):
    """A job: send the event about an output whose span has no room for our attributes.

    Attributes:
        output: The output.
        delivered: Whether a handle for it had left when its span ended.
        own: Our attributes.
        question: What the user had said, as far as that may leave.
    """

    output: Output
    delivered: bool
    own: dict[str, Any]
    question: Question | None


def event_of(details: Details) -> Event | None:
    """The event to send, or ``None`` when there is nothing to say."""
    output, attributes = details.output, details.own
    if details.question is not None:
        attributes.update(details.question.described())
    if not attributes:
        # The time alone says nothing that the span does not say.
        return None
    attributes[names.OUTPUT_TIME] = output.time
    span = sampled_context(output.trace_id, output.span_id)
    return Event(names.EVENT_OUTPUT_DETAILS, span, attributes)


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
