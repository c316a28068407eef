"""OpenLLMetry before it adopted ``gen_ai.output.messages``: indexed prompts and completions."""

from __future__ import annotations

from typing import Final

from otel_ai_feedback.capture.sources.answer import TRUNCATED, Answer, is_cut
from otel_ai_feedback.capture.sources.messages import decode, turn_of_parts
from otel_ai_feedback.capture.sources.parts import Parts
from otel_ai_feedback.capture.sources.source import Recorded, Source

_REQUEST: Final = "llm.request.type"
_COMPLETION: Final = "gen_ai.completion."
_FIRST: Final = _COMPLETION + "0."
_PROMPT: Final = "gen_ai.prompt."
_SESSION: Final = "traceloop.association.properties.session_id"


def _is_llm(span: Recorded) -> bool:
    # Newer releases no longer set the request type, but the GenAI operation.
    return span.attributes.get(_REQUEST) in ("chat", "completion")


def _answer(span: Recorded) -> Answer | None:
    attributes = span.attributes
    index = 0
    # A thought is recorded as if it was a choice.
    while attributes.get(f"{_COMPLETION}{index}.role") == "thinking":
        index += 1
    choice = f"{_COMPLETION}{index}."
    text = attributes.get(choice + "content")
    if isinstance(text, str) and text and is_cut(text, span.limit):
        return TRUNCATED
    said = Parts()
    if isinstance(text, str) and text:
        said.say(text)
    for key in attributes:
        if key.startswith((choice + "tool_calls.", choice + "function_call")):
            said.called = True
            if key.endswith(".arguments"):
                said.call({"arguments": attributes[key]})
    recorded = text is not None or said.called or choice + "role" in attributes
    return said.answer() if recorded else None


def _last_user_turn(span: Recorded) -> str | None:
    attributes = span.attributes
    index = 0
    last: str | None = None
    while (role := attributes.get(f"{_PROMPT}{index}.role")) is not None:
        content = attributes.get(f"{_PROMPT}{index}.content")
        if role == "user" and isinstance(content, str) and content:
            last = content
        index += 1
    if last is None or is_cut(last, span.limit):
        return None
    # A message of several parts is recorded as JSON; one without text is no turn.
    parts = decode(last) if last.startswith('[{"type":') else None
    return last if parts is None else turn_of_parts(parts)


def _session_id(span: Recorded) -> str | None:
    value = span.attributes.get(_SESSION)
    return value if isinstance(value, str) else None


SOURCE: Final = Source(
    name="OpenLLMetry",
    markers=frozenset(
        {
            _REQUEST,
            _FIRST + "role",
            _FIRST + "content",
            _PROMPT + "0.role",
            _SESSION,
        }
    ),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    session_id=_session_id,
    text_attributes=(
        _COMPLETION,
        _PROMPT,
        "traceloop.entity.input",
        "traceloop.entity.output",
    ),
)
