"""MLflow Tracing: every attribute is a JSON document, the answer what the traced call returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import TRUNCATED, UNPARSEABLE, Answer, is_cut
from otel_ai_feedback.capture.sources.chat import answer_of_response, last_user_turn_of_request
from otel_ai_feedback.capture.sources.messages import decode
from otel_ai_feedback.capture.sources.source import Recorded, Source

_TYPE: Final = "mlflow.spanType"
_OUTPUT: Final = "mlflow.spanOutputs"
_INPUT: Final = "mlflow.spanInputs"
_MODEL: Final = "mlflow.llm.model"
_LLM_TYPES: Final = ('"CHAT_MODEL"', '"LLM"')


def _is_llm(span: Recorded) -> bool:
    return span.attributes.get(_TYPE) in _LLM_TYPES


def _answer(span: Recorded) -> Answer | None:
    value = span.attributes.get(_OUTPUT)
    if not isinstance(value, str):
        return None
    response = decode(value)
    if response is not None:
        return answer_of_response(response)
    if value == "null":
        return None
    return TRUNCATED if is_cut(value, span.limit) else UNPARSEABLE


def _last_user_turn(span: Recorded) -> str | None:
    request = _decoded(span, _INPUT)
    turn = last_user_turn_of_request(request)
    if turn is None and isinstance(request, Mapping) and len(request) == 1:
        # A function of the application's own with one argument.
        (argument,) = request.values()
        turn = last_user_turn_of_request(argument)
    return turn


def _response_id(span: Recorded) -> str | None:
    response = _decoded(span, _OUTPUT)
    value = response.get("id") if isinstance(response, Mapping) else None
    return value if isinstance(value, str) else None


def _model(span: Recorded) -> str | None:
    value = _decoded(span, _MODEL)
    if value is None:
        # Of a call that failed.
        request = _decoded(span, _INPUT)
        value = request.get("model") if isinstance(request, Mapping) else None
    return value if isinstance(value, str) else None


def _decoded(span: Recorded, name: str) -> Any:
    value = span.attributes.get(name)
    return decode(value) if isinstance(value, str) else None


SOURCE: Final = Source(
    name="MLflow",
    markers=frozenset({_TYPE}),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    response_id=_response_id,
    model=_model,
    text_attributes=(_INPUT, _OUTPUT, "mlflow.chat.messages", "mlflow.chunk.value"),
)
