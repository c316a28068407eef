"""OpenInference: flattened messages, and the whole response as JSON in ``output.value``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import (
    ABSENT,
    NO_TEXT,
    TRUNCATED,
    UNPARSEABLE,
    Answer,
    is_cut,
)
from otel_ai_feedback.capture.sources.chat import answer_of_response
from otel_ai_feedback.capture.sources.messages import decode
from otel_ai_feedback.capture.sources.source import Recorded, Source

_KIND: Final = "openinference.span.kind"
_OUTPUTS: Final = "llm.output_messages."
_INPUTS: Final = "llm.input_messages."
_VALUE: Final = "output.value"
_MIME: Final = "output.mime_type"
# No attribute carries the response's id. It opens the response, or follows a stream's choices;
# inside of texts the quotes are escaped.
_ID_FIRST: Final = re.compile(r'\{\s*"id"\s*:\s*"([^"\\]{1,256})"')
_ID_LATE: Final = re.compile(r'"id"\s*:\s*"([^"\\]{1,256})"\s*,\s*"created"')
_PARAMETERS: Final = "llm.invocation_parameters"
_MODEL: Final = re.compile(r'"model"\s*:\s*"([^"\\]{1,256})"')
# What its TraceConfig(hide_outputs=True) puts in place of the text.
_REDACTED: Final = "__REDACTED__"


def _is_llm(span: Recorded) -> bool:
    # The kind is set only when the span ends.
    return span.attributes.get(_KIND) == "LLM"


def _answer(span: Recorded) -> Answer | None:
    attributes, limit = span.attributes, span.limit
    output = _output(attributes)
    texts = _texts(attributes, output)
    if any(texts):
        if _REDACTED in texts:
            return ABSENT
        if any(is_cut(text, limit) for text in texts):
            return TRUNCATED
        return Answer("\n".join(texts))
    if any(key.startswith(output) and _is_other(key[len(output) :]) for key in attributes):
        return NO_TEXT
    value = attributes.get(_VALUE)
    if isinstance(value, str):
        return _answer_of_value(value, attributes.get(_MIME), limit)
    return Answer("") if output + "role" in attributes else None


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
    value = span.attributes.get(_VALUE)
    if not isinstance(value, str) or span.attributes.get(_MIME) != "application/json":
        return None
    found = _ID_FIRST.match(value) or _ID_LATE.search(value)
    return None if found is None else found.group(1)


def _model(span: Recorded) -> str | None:
    # The name proper comes with the response, so a call that failed has none.
    value = span.attributes.get(_PARAMETERS)
    found = _MODEL.search(value) if isinstance(value, str) else None
    return None if found is None else found.group(1)


def _output(attributes: Mapping[str, Any]) -> str:
    """Prefix of the first output message that is not a thought: some record these on their own."""
    index = 0
    while True:
        prefix = f"{_OUTPUTS}{index}.message."
        if attributes.get(prefix + "contents.0.message_content.type") != "reasoning":
            return prefix
        if (
            any(_texts(attributes, prefix))
            or f"{_OUTPUTS}{index + 1}.message.role" not in attributes
        ):
            return prefix
        index += 1


def _texts(attributes: Mapping[str, Any], prefix: str) -> list[str]:
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


def _is_other(rest: str) -> bool:
    """Whether a key beneath a message belongs to a tool call or to media."""
    if rest.startswith(("tool_calls.", "function_call")):
        return True
    unseen = (".message_content.type", ".message_content.text", ".message_content.signature")
    return rest.startswith("contents.") and not rest.endswith(unseen)


def _answer_of_value(value: str, mime: Any, limit: int | None) -> Answer:
    if value == _REDACTED:
        return ABSENT
    if mime != "application/json":
        return TRUNCATED if is_cut(value, limit) else Answer(value)
    response = decode(value)
    if response is None:
        return TRUNCATED if is_cut(value, limit) else UNPARSEABLE
    return answer_of_response(response)


SOURCE: Final = Source(
    name="OpenInference",
    markers=frozenset({_KIND}),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    response_id=_response_id,
    model=_model,
    text_attributes=(
        "input.value",
        _VALUE,
        _INPUTS,
        _OUTPUTS,
        "llm.prompts.",
        "llm.choices.",
        "llm.prompt_template.variables",
        "retrieval.documents.",
        "tool.parameters",
    ),
)
