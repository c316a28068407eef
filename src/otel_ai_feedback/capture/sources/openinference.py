"""OpenInference: flattened messages, and the whole response as JSON in ``output.value``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import (
    ABSENT,
    TRUNCATED,
    UNPARSEABLE,
    Answer,
    is_cut,
)
from otel_ai_feedback.capture.sources.chat import answer_of_response
from otel_ai_feedback.capture.sources.messages import decode, joined
from otel_ai_feedback.capture.sources.parts import Parts, is_thought
from otel_ai_feedback.capture.sources.source import Recorded, Source

_KIND: Final = "openinference.span.kind"
_OUTPUTS: Final = "llm.output_messages."
_INPUTS: Final = "llm.input_messages."
_VALUE: Final = "output.value"
_MIME: Final = "output.mime_type"
# Of an answer that is spoken.
_TRANSCRIPT: Final = "output.audio.transcript"
_ASKED_ALOUD: Final = "input.audio.transcript"
# Of a decimal index, and nothing that int() would take long over.
_OF_OUTPUT: Final = re.compile(r"llm\.output_messages\.(\d{1,6})\.message\.")
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
    said = _messages(attributes)
    response_id = _response_id(span)
    items = response_id is not None and response_id.startswith("resp_")
    whole = joined(said, items)
    if _REDACTED in whole.texts:
        return ABSENT
    value = attributes.get(_VALUE)
    if not whole.silent or whole.calls:
        return whole.answer(limit)
    transcript = attributes.get(_TRANSCRIPT)
    if isinstance(transcript, str):
        return TRUNCATED if is_cut(transcript, limit) else Answer(transcript)
    if whole.called or whole.others:
        return whole.answer()
    if isinstance(value, str):
        return _answer_of_value(value, attributes.get(_MIME), limit)
    return Answer("") if f"{_OUTPUTS}0.message.role" in attributes else None


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
    spoken = attributes.get(_ASKED_ALOUD)
    whole = isinstance(spoken, str) and not is_cut(spoken, limit)
    return spoken if whole else None


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


def _messages(attributes: Mapping[str, Any]) -> list[Parts]:
    """What each output message says, in order."""
    said: dict[int, Parts] = {}
    for key, value in attributes.items():
        found = _OF_OUTPUT.match(key)
        if found is None:
            continue
        index = int(found.group(1))
        one = said.get(index)
        if one is None:
            one = said[index] = Parts()
            for text in _texts(attributes, f"{_OUTPUTS}{index}.message."):
                one.say(text)
        rest = key[found.end() :]
        if rest.startswith(("tool_calls.", "function_call")):
            one.called = True
            if rest.endswith(("function.arguments", "function_call_arguments_json")):
                one.call({"arguments": value})
        elif _is_media(rest, value):
            one.others = True
    return [said[index] for index in sorted(said)]


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


def _is_media(rest: str, value: Any) -> bool:
    """Whether a key beneath a message says that a part of it is neither text nor thought."""
    return (
        rest.startswith("contents.")
        and rest.endswith("message_content.type")
        and (value != "text" and not is_thought({}, value))
    )


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
        _TRANSCRIPT,
        _ASKED_ALOUD,
    ),
)
