"""Messages and responses as the models' own APIs have them, decoded.

OpenAI's chat completions, completions and responses, and Anthropic's messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import ABSENT, NO_TEXT, UNPARSEABLE, Answer
from otel_ai_feedback.capture.sources.messages import answer_of_parts, is_list

_OTHERS: Final = ("tool_calls", "function_call", "refusal", "audio")


def answer_of_message(message: Any) -> Answer:
    """The answer in ``{"role": "assistant", "content": ..., "tool_calls": ...}``."""
    if not isinstance(message, Mapping):
        return UNPARSEABLE
    others = any(message.get(name) for name in _OTHERS)
    if "content" not in message:
        return NO_TEXT if others else ABSENT
    answer = _answer_of_content(message["content"])
    silent = answer.text is not None and not answer.text.strip()
    return NO_TEXT if silent and others else answer


def answer_of_response(response: Any) -> Answer:
    """The first choice's answer in a whole response."""
    if not isinstance(response, Mapping):
        return UNPARSEABLE
    choices = response.get("choices")
    if is_list(choices) and choices:
        choice = choices[0]
        if not isinstance(choice, Mapping):
            return UNPARSEABLE
        if "message" in choice:
            return answer_of_message(choice["message"])
        text = choice.get("text")
        return Answer(text) if isinstance(text, str) else UNPARSEABLE
    if is_list(response.get("output")):
        return _answer_of_items(response["output"])
    return answer_of_message(response) if response.get("role") == "assistant" else UNPARSEABLE


def last_user_turn_of_chat(messages: Any) -> str | None:
    """Text of the last message with the role ``user``, if there is one with text."""
    if not is_list(messages):
        return None
    for message in reversed(messages):
        if isinstance(message, Mapping) and message.get("role") == "user":
            text = _answer_of_content(message.get("content")).text
            if text:
                return text
    return None


def _answer_of_content(content: Any) -> Answer:
    if content is None:
        return Answer("")
    return Answer(content) if isinstance(content, str) else answer_of_parts(content)


def _answer_of_items(items: Any) -> Answer:
    """The answer in a response's output: messages among tool calls and reasoning."""
    parts: list[Any] = []
    for item in items:
        if isinstance(item, Mapping) and is_list(item.get("content")):
            # A reasoning item has content of its own, which is not said to the user.
            parts += item["content"] if item.get("type") == "message" else ()
        else:
            parts.append(item)
    return answer_of_parts(parts)
