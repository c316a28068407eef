"""Langfuse's SDK: the output is a text, a message, or whatever the observed function returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import TRUNCATED, UNPARSEABLE, Answer, is_cut
from otel_ai_feedback.capture.sources.chat import answer_of_response, last_user_turn_of_request
from otel_ai_feedback.capture.sources.messages import decode
from otel_ai_feedback.capture.sources.source import Recorded, Source

_TYPE: Final = "langfuse.observation.type"
_OUTPUT: Final = "langfuse.observation.output"
_INPUT: Final = "langfuse.observation.input"
_MODEL: Final = "langfuse.observation.model.name"


def _is_llm(span: Recorded) -> bool:
    return span.attributes.get(_TYPE) == "generation"


def _answer(span: Recorded) -> Answer | None:
    value = span.attributes.get(_OUTPUT)
    if not isinstance(value, str):
        return None
    response = decode(value)
    if isinstance(response, (Mapping, list)):
        answer = answer_of_response(response)
        # What is no response is an answer that happens to be JSON.
        return Answer(value) if answer == UNPARSEABLE else answer
    return TRUNCATED if is_cut(value, span.limit) else Answer(value)


def _last_user_turn(span: Recorded) -> str | None:
    value = span.attributes.get(_INPUT)
    if not isinstance(value, str):
        return None
    request = decode(value)
    if not isinstance(request, (Mapping, list)):
        return None if is_cut(value, span.limit) else value
    return last_user_turn_of_request(_argument(request))


def _argument(request: Any) -> Any:
    """The one argument of an observed function, or the request as it is."""
    if isinstance(request, Mapping) and request.keys() == {"args", "kwargs"}:
        args, kwargs = request["args"], request["kwargs"]
        if isinstance(args, list) and isinstance(kwargs, Mapping):
            arguments = [*args, *kwargs.values()]
            return arguments[0] if len(arguments) == 1 else kwargs
    return request


def _model(span: Recorded) -> str | None:
    value = span.attributes.get(_MODEL)
    return value if isinstance(value, str) else None


SOURCE: Final = Source(
    name="Langfuse",
    markers=frozenset({_TYPE}),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    model=_model,
    text_attributes=(_INPUT, _OUTPUT, "langfuse.trace.input", "langfuse.trace.output"),
)
