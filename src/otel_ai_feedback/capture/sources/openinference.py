"""OpenInference: flattened messages, and the whole response as JSON in ``output.value``."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import (
    ABSENT,
    NO_TEXT,
    TRUNCATED,
    UNPARSEABLE,
    Answer,
    is_cut,
)
from otel_ai_feedback.capture.sources.source import Recorded, Source

_KIND: Final = "openinference.span.kind"
_OUTPUT: Final = "llm.output_messages.0.message."
_INPUTS: Final = "llm.input_messages."
_VALUE: Final = "output.value"
_MIME: Final = "output.mime_type"
_ID_FIRST: Final = re.compile(r'\{\s*"id"\s*:\s*"([^"\\]{1,256})"')
# What its TraceConfig(hide_outputs=True) puts in place of the text.
_REDACTED: Final = "__REDACTED__"


def _is_llm(span: Recorded) -> bool:
    # The kind is set only when the span ends.
    return span.attributes.get(_KIND) == "LLM"


def _answer(span: Recorded) -> Answer | None:
    attributes, limit = span.attributes, span.limit
    texts = _texts(attributes, _OUTPUT)
    if any(texts):
        if _REDACTED in texts:
            return ABSENT
        if any(is_cut(text, limit) for text in texts):
            return TRUNCATED
        return Answer("\n".join(texts))
    if any(key.startswith(_OUTPUT) and _is_other(key) for key in attributes):
        return NO_TEXT
    value = attributes.get(_VALUE)
    if isinstance(value, str):
        return _answer_of_value(value, attributes.get(_MIME), limit)
    return Answer("") if _OUTPUT + "role" in attributes else None


def _last_user_turn(span: Recorded) -> str | None:
    attributes, limit = span.attributes, span.limit
    turns = [
        int(index)
        for key, value in attributes.items()
        if value == "user" and key.startswith(_INPUTS) and key.endswith(".message.role")
        # A decimal index, and nothing that int() would take long over.
        if (index := key[len(_INPUTS) : -len(".message.role")]).isdecimal() and len(index) < 10
    ]
    for turn in sorted(turns, reverse=True):
        texts = _texts(attributes, f"{_INPUTS}{turn}.message.")
        if any(texts):
            whole = not any(is_cut(text, limit) or text == _REDACTED for text in texts)
            return "\n".join(texts) if whole else None
    return None


def _response_id(span: Recorded) -> str | None:
    # From the beginning of the response: no attribute carries it.
    value = span.attributes.get(_VALUE)
    found = _ID_FIRST.match(value) if isinstance(value, str) else None
    return None if found is None else found.group(1)


def _texts(attributes: dict[str, Any], prefix: str) -> list[str]:
    content = attributes.get(prefix + "content")
    if isinstance(content, str):
        return [content]
    texts: list[str] = []
    index = 0
    while True:
        part = f"{prefix}contents.{index}.message_content."
        text = attributes.get(part + "text")
        if isinstance(text, str) and attributes.get(part + "type", "text") == "text":
            texts.append(text)
        elif part + "type" not in attributes:
            return texts
        index += 1


def _is_other(key: str) -> bool:
    """Whether the key belongs to a tool call or to media in the first output message."""
    rest = key[len(_OUTPUT) :]
    if rest.startswith(("tool_calls.", "function_call")):
        return True
    return rest.startswith("contents.") and not rest.endswith(("content.type", "content.text"))


def _answer_of_value(value: str, mime: Any, limit: int | None) -> Answer:
    if value == _REDACTED:
        return ABSENT
    if mime != "application/json":
        return TRUNCATED if is_cut(value, limit) else Answer(value)
    try:
        choice = json.loads(value)["choices"][0]
    except (ValueError, RecursionError):
        return TRUNCATED if is_cut(value, limit) else UNPARSEABLE
    except (LookupError, TypeError):
        return UNPARSEABLE
    if not isinstance(choice, dict):
        return UNPARSEABLE
    message = choice.get("message")
    if not isinstance(message, dict):
        text = choice.get("text")
        return Answer(text) if isinstance(text, str) else UNPARSEABLE
    text = message.get("content")
    if text is not None and not isinstance(text, str):
        return UNPARSEABLE
    others = ("tool_calls", "function_call", "refusal", "audio")
    if not text and any(message.get(name) for name in others):
        return NO_TEXT
    return Answer(text or "")


SOURCE: Final = Source(
    name="OpenInference",
    markers=frozenset({_KIND}),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    response_id=_response_id,
    text_attributes=(
        "input.value",
        _VALUE,
        _INPUTS,
        "llm.output_messages.",
        "llm.prompts.",
        "llm.choices.",
        "llm.prompt_template.variables",
        "retrieval.documents.",
        "tool.parameters",
    ),
)
