"""Messages in the shape of the GenAI conventions: ``[{"role", "parts": [{"type", ...}]}]``.

They come as a JSON string, as nested sequences of mappings, or as the dataclasses of
``opentelemetry-util-genai``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import (
    NO_TEXT,
    TRUNCATED,
    UNPARSEABLE,
    Answer,
    is_cut,
)

# Tuples, not sets: what is looked up is foreign and need not be hashable.
_UNSEEN: Final = ("reasoning", "thinking", "compaction")


def answer_of(value: Any, limit: int | None) -> Answer:
    """The first choice's answer in an output-messages value."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return TRUNCATED if is_cut(value, limit) else UNPARSEABLE
    return first_choice(value)


def first_choice(messages: Any) -> Answer:
    """The answer in already decoded output messages."""
    if not _is_list(messages):
        return UNPARSEABLE
    if not messages:
        return Answer("")
    return answer_of_parts(_get(messages[0], "parts"))


def answer_of_parts(parts: Any) -> Answer:
    """The text parts joined by newlines; reasoning is left out, as nobody sees it."""
    if not _is_list(parts):
        return UNPARSEABLE
    texts: list[str] = []
    others = False
    for part in parts:
        kind = _get(part, "type")
        if kind == "text":
            texts.append(_text(part))
        elif kind not in _UNSEEN:
            others = True
    text = "\n".join(texts)
    return NO_TEXT if others and not text.strip() else Answer(text)


def last_user_turn_of(value: Any) -> str | None:
    """Text of the last message with the role ``user``, if there is one with text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not _is_list(value):
        return None
    for message in reversed(value):
        role = _get(message, "role")
        if getattr(role, "value", role) == "user":
            text = answer_of_parts(_get(message, "parts")).text
            if text:
                return text
            # A user message without text (a tool result, an image) is no turn of its own.
    return None


def _text(part: Any) -> str:
    content = _get(part, "content")
    if content is None:
        content = _get(part, "text")
    return content if isinstance(content, str) else ""


def _get(holder: Any, name: str) -> Any:
    if isinstance(holder, Mapping):
        return holder.get(name)
    return getattr(holder, name, None)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))
