"""Strands Agents: the messages are events of the span."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import TRUNCATED, UNPARSEABLE, Answer, is_cut
from otel_ai_feedback.capture.sources.messages import (
    answer_of,
    answer_of_parts,
    decode,
    last_user_turn_of,
    turn_of_parts,
)
from otel_ai_feedback.capture.sources.source import Recorded, Source

# It stamps each of its spans with this, whichever form the events have.
_MARKER: Final = "gen_ai.event.start_time"
_OPERATION: Final = "gen_ai.operation.name"
_DETAILS: Final = "gen_ai.client.inference.operation.details"


def _is_llm(span: Recorded) -> bool:
    return _MARKER in span.attributes and span.attributes.get(_OPERATION) == "chat"


def _answer(span: Recorded) -> Answer | None:
    message = _last(span, "gen_ai.choice", "message")
    if isinstance(message, str):
        parts = decode(message)
        if parts is None:
            return TRUNCATED if is_cut(message, span.limit) else UNPARSEABLE
        return answer_of_parts(parts)
    messages = _last(span, _DETAILS, "gen_ai.output.messages")
    return None if messages is None else answer_of(messages, span.limit)


def _last_user_turn(span: Recorded) -> str | None:
    for event in reversed(span.events):
        if getattr(event, "name", None) != "gen_ai.user.message":
            continue
        content = _attribute(event, "content")
        if isinstance(content, str):
            turn = turn_of_parts(decode(content))
            if turn:
                return turn
    messages = _last(span, _DETAILS, "gen_ai.input.messages")
    return None if messages is None else last_user_turn_of(messages)


def _last(span: Recorded, name: str, key: str) -> Any:
    """The attribute of the last event of that name that has it."""
    for event in reversed(span.events):
        if getattr(event, "name", None) == name:
            value = _attribute(event, key)
            if value is not None:
                return value
    return None


def _attribute(event: Any, key: str) -> Any:
    attributes = getattr(event, "attributes", None)
    return attributes.get(key) if isinstance(attributes, Mapping) else None


SOURCE: Final = Source(
    name="Strands Agents",
    markers=frozenset({_MARKER}),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    text_attributes=("system_prompt",),
)
