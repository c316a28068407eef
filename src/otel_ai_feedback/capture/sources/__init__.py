"""Where each convention keeps the output text, the last user turn and what marks an LLM span.

A convention is a module with one :class:`Source`; adding one is adding it to :data:`SOURCES`.
"""

from __future__ import annotations

from typing import Final

from otel_ai_feedback.capture.sources import (
    gen_ai,
    google_adk,
    haystack,
    langfuse,
    langsmith,
    litellm,
    logfire,
    mlflow,
    openinference,
    openllmetry,
    strands,
    vercel,
)
from otel_ai_feedback.capture.sources.answer import ABSENT, TRUNCATED, Answer, without_thoughts
from otel_ai_feedback.capture.sources.source import Recorded, Source

# In the order in which they are asked: where several recorded an answer, the first is taken.
SOURCES: Final[tuple[Source, ...]] = (
    gen_ai.SOURCE,
    openinference.SOURCE,
    openllmetry.SOURCE,
    litellm.SOURCE,
    strands.SOURCE,
    logfire.SOURCE,
    vercel.SOURCE,
    langsmith.SOURCE,
    langfuse.SOURCE,
    mlflow.SOURCE,
    google_adk.SOURCE,
    haystack.SOURCE,
)

MARKERS: Final = frozenset[str]().union(*(source.markers for source in SOURCES))
# What most spans are recorded by alone, and what they have none of then. It looks names up only.
USUAL: Final = SOURCES[:1]
_BESIDES: Final = MARKERS - SOURCES[0].markers

# Which sources to ask by which markers are there. Bounded by what instrumentations set together;
# the limit is for those that set markers at random.
_MAX_COMBINATIONS: Final = 1024
_by_markers: dict[frozenset[str], tuple[Source, ...]] = {}


def recognise(span: Recorded) -> tuple[Source, ...]:
    """The conventions that may have recorded something, or none when this is no LLM span."""
    if _BESIDES.isdisjoint(span.attributes):
        return USUAL if USUAL[0].is_llm(span) else ()
    found = MARKERS.intersection(span.attributes)
    sources = _by_markers.get(found)
    if sources is None:
        sources = tuple(source for source in SOURCES if source.markers & found)
        if len(_by_markers) < _MAX_COMBINATIONS:
            _by_markers[found] = sources
    for source in sources:
        if source.is_llm(span):
            return sources
    return ()


def find_answer(sources: tuple[Source, ...], span: Recorded) -> Answer:
    """The answer as the first convention that recorded one has it."""
    for source in sources:
        answer = source.answer(span)
        if answer is not None:
            # Where the SDK dropped attributes, the text may have been among them.
            if span.dropped and answer.text is not None and not answer.text.strip():
                return TRUNCATED
            return without_thoughts(answer)
    return TRUNCATED if span.dropped else ABSENT


def find_last_user_turn(sources: tuple[Source, ...], span: Recorded) -> str | None:
    """The last user turn as the first convention that recorded one has it."""
    for source in sources:
        turn = source.last_user_turn(span)
        if turn is not None:
            return turn
    return None


def find_response_id(sources: tuple[Source, ...], span: Recorded) -> str | None:
    """The model's id for the answer as the first convention that recorded one has it."""
    for source in sources:
        found = source.response_id(span)
        if found is not None:
            return found
    return None


def find_model(sources: tuple[Source, ...], span: Recorded) -> str | None:
    """Name of the model, where no common attribute has it."""
    for source in sources:
        found = source.model(span)
        if found is not None:
            return found
    return None


def find_session_id(sources: tuple[Source, ...], span: Recorded) -> str | None:
    """The session, where no common attribute has it."""
    for source in sources:
        found = source.session_id(span)
        if found is not None:
            return found
    return None
