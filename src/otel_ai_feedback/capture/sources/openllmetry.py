"""OpenLLMetry before it adopted ``gen_ai.output.messages``: indexed prompts and completions."""

from __future__ import annotations

from typing import Final

from otel_ai_feedback.capture.sources.answer import NO_TEXT, TRUNCATED, Answer, is_cut
from otel_ai_feedback.capture.sources.source import Recorded, Source

_REQUEST: Final = "llm.request.type"
_COMPLETION: Final = "gen_ai.completion.0."
_PROMPT: Final = "gen_ai.prompt."
_SESSION: Final = "traceloop.association.properties.session_id"


def _is_llm(span: Recorded) -> bool:
    # Newer releases no longer set the request type, but the GenAI operation.
    return span.attributes.get(_REQUEST) in ("chat", "completion")


def _answer(span: Recorded) -> Answer | None:
    attributes = span.attributes
    text = attributes.get(_COMPLETION + "content")
    if isinstance(text, str) and text:
        return TRUNCATED if is_cut(text, span.limit) else Answer(text)
    if any(key.startswith(_COMPLETION + "tool_calls.") for key in attributes):
        return NO_TEXT
    recorded = text is not None or _COMPLETION + "role" in attributes
    return Answer("") if recorded else None


def _last_user_turn(span: Recorded) -> str | None:
    attributes = span.attributes
    index = 0
    last: str | None = None
    while (role := attributes.get(f"{_PROMPT}{index}.role")) is not None:
        content = attributes.get(f"{_PROMPT}{index}.content")
        if role == "user" and isinstance(content, str) and content:
            last = content
        index += 1
    return None if last is None or is_cut(last, span.limit) else last


def _session_id(span: Recorded) -> str | None:
    value = span.attributes.get(_SESSION)
    return value if isinstance(value, str) else None


SOURCE: Final = Source(
    name="OpenLLMetry",
    markers=frozenset(
        {
            _REQUEST,
            _COMPLETION + "role",
            _COMPLETION + "content",
            _PROMPT + "0.role",
            _SESSION,
        }
    ),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    session_id=_session_id,
    text_attributes=(
        "gen_ai.completion.",
        _PROMPT,
        "traceloop.entity.input",
        "traceloop.entity.output",
    ),
)
