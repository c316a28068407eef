"""Haystack: a span for each component; those that reply are the generators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import TRUNCATED, UNPARSEABLE, Answer, is_cut
from otel_ai_feedback.capture.sources.chat import answer_of_response, last_user_turn_of_request
from otel_ai_feedback.capture.sources.messages import decode
from otel_ai_feedback.capture.sources.parts import is_list
from otel_ai_feedback.capture.sources.source import Recorded, Source

_SPEC: Final = "haystack.component.output_spec"
_OUTPUT: Final = "haystack.component.output"
_INPUT: Final = "haystack.component.input"
# An agent calls its generator without the component around it.
_STEP_OUTPUT: Final = "haystack.agent.step.llm.output"
_STEP_INPUT: Final = "haystack.agent.step.llm.input"


def _is_llm(span: Recorded) -> bool:
    attributes = span.attributes
    # The specification is there with content capture off, too.
    spec = attributes.get(_SPEC)
    generator = isinstance(spec, str) and '"replies":' in spec
    return generator or _STEP_OUTPUT in attributes or _STEP_INPUT in attributes


def _answer(span: Recorded) -> Answer | None:
    value = _first(span, _OUTPUT, _STEP_OUTPUT)
    if value is None:
        return None
    response = decode(value)
    if response is None:
        return TRUNCATED if is_cut(value, span.limit) else UNPARSEABLE
    return answer_of_response(response)


def _last_user_turn(span: Recorded) -> str | None:
    value = _first(span, _INPUT, _STEP_INPUT)
    return None if value is None else last_user_turn_of_request(decode(value))


def _model(span: Recorded) -> str | None:
    value = _first(span, _OUTPUT, _STEP_OUTPUT)
    output = None if value is None else decode(value)
    if not isinstance(output, Mapping):
        return None
    # With a message; of texts the metadata is beside them.
    for found in (output.get("replies"), output.get("meta")):
        first = found[0] if is_list(found) and found else None
        if isinstance(first, Mapping):
            meta: Any = first.get("meta", first)
            model = meta.get("model") if isinstance(meta, Mapping) else None
            if isinstance(model, str):
                return model
    return None


def _first(span: Recorded, *names: str) -> str | None:
    for name in names:
        value = span.attributes.get(name)
        if isinstance(value, str):
            return value
    return None


SOURCE: Final = Source(
    name="Haystack",
    markers=frozenset({_SPEC, _STEP_OUTPUT, _STEP_INPUT}),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    model=_model,
    text_attributes=(
        _INPUT,
        _OUTPUT,
        "haystack.agent.input",
        "haystack.agent.output",
        "haystack.agent.step.",
        "haystack.pipeline.input_data",
        "haystack.pipeline.output_data",
    ),
)
