"""Google's Agent Development Kit in its first form: the span ``call_llm`` with Gemini's JSON.

The later form follows the GenAI conventions, and is read as these are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from otel_ai_feedback.capture.sources.answer import (
    ABSENT,
    TRUNCATED,
    UNPARSEABLE,
    Answer,
    is_cut,
)
from otel_ai_feedback.capture.sources.chat import answer_of_response, last_user_turn_of_request
from otel_ai_feedback.capture.sources.messages import decode
from otel_ai_feedback.capture.sources.source import Recorded, Source

_RESPONSE: Final = "gcp.vertex.agent.llm_response"
_REQUEST: Final = "gcp.vertex.agent.llm_request"
_SESSION: Final = "gcp.vertex.agent.session_id"
_OPERATION: Final = "gen_ai.operation.name"
_NOTHING: Final = "{}"


def _is_llm(span: Recorded) -> bool:
    # Tools have the same attributes, empty, and name their operation; model calls do not.
    attributes = span.attributes
    return _REQUEST in attributes and _OPERATION not in attributes


def _answer(span: Recorded) -> Answer | None:
    value = span.attributes.get(_RESPONSE)
    if not isinstance(value, str) or value == _NOTHING:
        return None
    response = decode(value)
    if response is None:
        return TRUNCATED if is_cut(value, span.limit) else UNPARSEABLE
    if isinstance(response, Mapping) and response.get("partial") is True:
        # Of a stream that was left alone it has the last piece.
        return ABSENT
    return answer_of_response(response)


def _last_user_turn(span: Recorded) -> str | None:
    value = span.attributes.get(_REQUEST)
    return last_user_turn_of_request(decode(value)) if isinstance(value, str) else None


def _session_id(span: Recorded) -> str | None:
    value = span.attributes.get(_SESSION)
    return value if isinstance(value, str) else None


SOURCE: Final = Source(
    name="Google ADK",
    markers=frozenset({_REQUEST, _RESPONSE, _SESSION}),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    session_id=_session_id,
    text_attributes=(
        _REQUEST,
        _RESPONSE,
        "gcp.vertex.agent.data",
        "gcp.vertex.agent.tool_call_args",
        "gcp.vertex.agent.tool_response",
    ),
)
