"""OpenLLMetry before it adopted ``gen_ai.output.messages``: indexed prompts and completions."""

from __future__ import annotations

from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import NO_TEXT, TRUNCATED, Answer, is_cut

_REQUEST: Final = "llm.request.type"
_COMPLETION: Final = "gen_ai.completion.0."
_PROMPT: Final = "gen_ai.prompt."


def is_llm(attributes: dict[str, Any]) -> bool:
    """Whether the request type, which newer releases no longer set, is an inference."""
    return attributes.get(_REQUEST) in ("chat", "completion")


def answer(attributes: dict[str, Any], limit: int | None) -> Answer | None:
    """From ``gen_ai.completion.0``."""
    text = attributes.get(_COMPLETION + "content")
    if isinstance(text, str) and text:
        return TRUNCATED if is_cut(text, limit) else Answer(text)
    if any(key.startswith(_COMPLETION + "tool_calls.") for key in attributes):
        return NO_TEXT
    recorded = text is not None or _COMPLETION + "role" in attributes
    return Answer("") if recorded else None


def last_user_turn(attributes: dict[str, Any], limit: int | None) -> str | None:
    """From the last of ``gen_ai.prompt`` with the role ``user``."""
    index = 0
    last: str | None = None
    while (role := attributes.get(f"{_PROMPT}{index}.role")) is not None:
        content = attributes.get(f"{_PROMPT}{index}.content")
        if role == "user" and isinstance(content, str) and content:
            last = content
        index += 1
    return None if last is None or is_cut(last, limit) else last


def response_id(attributes: dict[str, Any]) -> None:
    """Nothing of its own: it has always used ``gen_ai.response.id``."""
