"""Where each convention keeps the output text, the last user turn and what marks an LLM span.

A source is a module with four functions; adding a convention is adding a module to
:data:`SOURCES`. They read a plain copy of the span's attributes and never the span.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from otel_ai_feedback.capture.sources import gen_ai, openinference, openllmetry
from otel_ai_feedback.capture.sources.answer import ABSENT, Answer


class Source(Protocol):
    """What the processor needs to know of a convention."""

    def is_llm(self, attributes: dict[str, Any]) -> bool:
        """Whether the attributes are those of an LLM span in this convention."""
        ...

    def answer(self, attributes: dict[str, Any], limit: int | None) -> Answer | None:
        """The model's answer, or ``None`` when this convention recorded none.

        Args:
            attributes: Attributes of the ended span.
            limit: The length at which the SDK cuts values, if it does.
        """
        ...

    def last_user_turn(self, attributes: dict[str, Any], limit: int | None) -> str | None:
        """Text of the last message of the user, if it was recorded whole."""
        ...

    def response_id(self, attributes: dict[str, Any]) -> str | None:
        """The model's id for the answer."""
        ...


SOURCES: Final[tuple[Source, ...]] = (gen_ai, openinference, openllmetry)


def is_llm(attributes: dict[str, Any]) -> bool:
    """Whether any convention calls this an LLM span."""
    # A plain loop: this runs for every span of the service, and a generator costs twice as much.
    for source in SOURCES:  # noqa: SIM110
        if source.is_llm(attributes):
            return True
    return False


def find_answer(attributes: dict[str, Any], limit: int | None) -> Answer:
    """The answer as the first convention that recorded one has it."""
    for source in SOURCES:
        answer = source.answer(attributes, limit)
        if answer is not None:
            return answer
    return ABSENT


def find_last_user_turn(attributes: dict[str, Any], limit: int | None) -> str | None:
    """The last user turn as the first convention that recorded one has it."""
    for source in SOURCES:
        turn = source.last_user_turn(attributes, limit)
        if turn is not None:
            return turn
    return None


def find_response_id(attributes: dict[str, Any]) -> str | None:
    """The model's id for the answer as the first convention that recorded one has it."""
    for source in SOURCES:
        found = source.response_id(attributes)
        if found is not None:
            return found
    return None
