"""The AI SDK of Vercel, where it does not follow the GenAI conventions.

It is JavaScript: its spans are read here when a Python process sends them on.
"""

from __future__ import annotations

from typing import Final

from otel_ai_feedback.capture.sources.answer import (
    CALLS_ONLY,
    TRUNCATED,
    Answer,
    is_cut,
)
from otel_ai_feedback.capture.sources.chat import last_user_turn_of_request
from otel_ai_feedback.capture.sources.messages import decode
from otel_ai_feedback.capture.sources.parts import Parts, is_list
from otel_ai_feedback.capture.sources.source import Recorded, Source

_OPERATION: Final = "ai.operationId"
# The model calls; the spans around them repeat the last one's text.
_LLM_OPERATIONS: Final = (
    "ai.generateText.doGenerate",
    "ai.streamText.doStream",
    "ai.generateObject.doGenerate",
    "ai.streamObject.doStream",
)
_TEXT: Final = "ai.response.text"
_OBJECT: Final = "ai.response.object"
_CALLS: Final = "ai.response.toolCalls"
_MESSAGES: Final = "ai.prompt.messages"
_ID: Final = "ai.response.id"
_MODEL: Final = "ai.model.id"
_SESSION: Final = "ai.telemetry.metadata.sessionId"


def _is_llm(span: Recorded) -> bool:
    return span.attributes.get(_OPERATION) in _LLM_OPERATIONS


def _answer(span: Recorded) -> Answer | None:
    attributes = span.attributes
    text = attributes.get(_TEXT, attributes.get(_OBJECT))
    if isinstance(text, str) and text.strip():
        if is_cut(text, span.limit):
            return TRUNCATED
        return Answer(text, None, _CALLS in attributes)
    if _CALLS in attributes:
        written = attributes[_CALLS]
        calls = decode(written) if isinstance(written, str) else None
        said = Parts()
        for call in calls if is_list(calls) else ():
            said.call(call)
        return said.answer() if said.called else CALLS_ONLY
    return Answer("") if isinstance(text, str) else None


def _last_user_turn(span: Recorded) -> str | None:
    value = span.attributes.get(_MESSAGES)
    return last_user_turn_of_request(decode(value)) if isinstance(value, str) else None


def _string(span: Recorded, name: str) -> str | None:
    value = span.attributes.get(name)
    return value if isinstance(value, str) else None


def _response_id(span: Recorded) -> str | None:
    return _string(span, _ID)


def _model(span: Recorded) -> str | None:
    return _string(span, _MODEL)


def _session_id(span: Recorded) -> str | None:
    return _string(span, _SESSION)


SOURCE: Final = Source(
    name="Vercel AI SDK",
    markers=frozenset({_OPERATION}),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    response_id=_response_id,
    model=_model,
    session_id=_session_id,
    text_attributes=(
        "ai.prompt",
        "ai.prompt.",
        _TEXT,
        _OBJECT,
        _CALLS,
        "ai.response.reasoning",
        "ai.response.files",
        "ai.toolCall.args",
        "ai.toolCall.result",
        "ai.value",
        "ai.values",
        "ai.documents",
    ),
)
