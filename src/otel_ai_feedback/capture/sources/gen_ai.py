"""OpenTelemetry GenAI conventions: util-genai instrumentations, OpenLLMetry, LiteLLM and others."""

from __future__ import annotations

from typing import Any, Final

from otel_ai_feedback.attributes import RESPONSE_ID
from otel_ai_feedback.capture.sources.answer import Answer
from otel_ai_feedback.capture.sources.messages import answer_of, last_user_turn_of

_OPERATION: Final = "gen_ai.operation.name"
_OUTPUT: Final = "gen_ai.output.messages"
_INPUT: Final = "gen_ai.input.messages"
_LLM_OPERATIONS: Final = ("chat", "text_completion", "generate_content")


def is_llm(attributes: dict[str, Any]) -> bool:
    """Whether the operation is an inference."""
    return attributes.get(_OPERATION) in _LLM_OPERATIONS


def answer(attributes: dict[str, Any], limit: int | None) -> Answer | None:
    """From ``gen_ai.output.messages``."""
    value = attributes.get(_OUTPUT)
    return None if value is None else answer_of(value, limit)


def last_user_turn(attributes: dict[str, Any], limit: int | None) -> str | None:
    """From ``gen_ai.input.messages``; cut JSON does not parse, so the limit says nothing more."""
    value = attributes.get(_INPUT)
    return None if value is None else last_user_turn_of(value)


def response_id(attributes: dict[str, Any]) -> str | None:
    """From ``gen_ai.response.id``."""
    value = attributes.get(RESPONSE_ID)
    return value if isinstance(value, str) else None
