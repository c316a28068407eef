"""OpenTelemetry GenAI conventions: util-genai instrumentations, OpenLLMetry, LiteLLM and others."""

from __future__ import annotations

from typing import Final

from otel_ai_feedback.attributes import RESPONSE_ID
from otel_ai_feedback.capture.sources.answer import Answer
from otel_ai_feedback.capture.sources.messages import answer_of, last_user_turn_of
from otel_ai_feedback.capture.sources.source import Recorded, Source

_OPERATION: Final = "gen_ai.operation.name"
_OUTPUT: Final = "gen_ai.output.messages"
_INPUT: Final = "gen_ai.input.messages"
_LLM_OPERATIONS: Final = ("chat", "text_completion", "generate_content")


def _is_llm(span: Recorded) -> bool:
    return span.attributes.get(_OPERATION) in _LLM_OPERATIONS


def _answer(span: Recorded) -> Answer | None:
    value = span.attributes.get(_OUTPUT)
    return None if value is None else answer_of(value, span.limit)


def _last_user_turn(span: Recorded) -> str | None:
    # Cut JSON does not parse, so the limit says nothing more.
    value = span.attributes.get(_INPUT)
    return None if value is None else last_user_turn_of(value)


def _response_id(span: Recorded) -> str | None:
    value = span.attributes.get(RESPONSE_ID)
    return value if isinstance(value, str) else None


SOURCE: Final = Source(
    name="OpenTelemetry GenAI",
    markers=frozenset({_OPERATION, _OUTPUT, _INPUT, RESPONSE_ID}),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    asked=_INPUT,
    response_id=_response_id,
    text_attributes=(
        _INPUT,
        _OUTPUT,
        "gen_ai.system_instructions",
        "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result",
    ),
)
