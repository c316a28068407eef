"""OpenTelemetry GenAI conventions: util-genai instrumentations, OpenLLMetry, LiteLLM and others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.attributes import RESPONSE_ID
from otel_ai_feedback.capture.sources.answer import Answer
from otel_ai_feedback.capture.sources.messages import answer_of, decode, last_user_turn_of
from otel_ai_feedback.capture.sources.parts import is_list
from otel_ai_feedback.capture.sources.source import Recorded, Source

_OPERATION: Final = "gen_ai.operation.name"
_OUTPUT: Final = "gen_ai.output.messages"
_INPUT: Final = "gen_ai.input.messages"
_REASONS: Final = "gen_ai.response.finish_reasons"
# A fetched response is one that was made in the background. "realtime" is OpenLLMetry's, for voice.
_FETCH: Final = "fetch_response"
_LLM_OPERATIONS: Final = ("chat", "text_completion", "generate_content", _FETCH, "realtime")
# What the ids of OpenAI's responses begin with, each of which has one answer of several items.
_OF_ITEMS: Final = "resp_"


def _is_llm(span: Recorded) -> bool:
    return span.attributes.get(_OPERATION) in _LLM_OPERATIONS


def _answer(span: Recorded) -> Answer | None:
    value = span.attributes.get(_OUTPUT)
    return None if value is None else answer_of(value, span.limit, has_items(span.attributes))


def has_items(attributes: Mapping[str, Any]) -> bool:
    """Whether a span's output messages are the items of one response, not choices."""
    response_id = attributes.get(RESPONSE_ID)
    return isinstance(response_id, str) and response_id.startswith(_OF_ITEMS)


def is_fetched(attributes: Mapping[str, Any]) -> bool:
    """Whether the span fetches a response that was, or is being, made by an earlier call."""
    return attributes.get(_OPERATION) == _FETCH


def is_unfinished(attributes: Mapping[str, Any]) -> bool:
    """Whether all choices ended without a reason, as those of a stream that was closed do."""
    reasons = attributes.get(_REASONS)
    if isinstance(reasons, str):
        reasons = decode(reasons) if reasons.startswith("[") else (reasons,)
    return is_list(reasons) and bool(reasons) and all(one in ("error", "", None) for one in reasons)


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
