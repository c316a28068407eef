"""Pydantic's Logfire and pydantic-ai before they followed the GenAI conventions.

Logfire wrote the request and the response as JSON; both wrote the messages as a JSON list of the
log events that the conventions had before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import TRUNCATED, UNPARSEABLE, Answer, is_cut
from otel_ai_feedback.capture.sources.chat import (
    answer_of_message,
    last_user_turn_of_chat,
    last_user_turn_of_request,
)
from otel_ai_feedback.capture.sources.messages import decode
from otel_ai_feedback.capture.sources.parts import get, is_list
from otel_ai_feedback.capture.sources.source import Recorded, Source

_REQUEST: Final = "request_data"
_RESPONSE: Final = "response_data"
_EVENTS: Final = "events"
_ANTHROPIC: Final = "logfire.anthropic"
_TEMPLATE: Final = "logfire.msg_template"
_OTHERS: Final = ("Embedding Creation", "Image Generation")


def _is_llm(span: Recorded) -> bool:
    attributes = span.attributes
    template = attributes.get(_TEMPLATE)
    return (
        span.scope in ("logfire.openai", _ANTHROPIC)
        and (_REQUEST in attributes or _EVENTS in attributes)
        and not (isinstance(template, str) and template.startswith(_OTHERS))
    )


def _answer(span: Recorded) -> Answer | None:
    response = span.attributes.get(_RESPONSE)
    if isinstance(response, str):
        return _answer_of_response(response, span.limit, span.scope == _ANTHROPIC)
    events = span.attributes.get(_EVENTS)
    return _answer_of_events(events, span.limit) if isinstance(events, str) else None


def _answer_of_response(value: str, limit: int | None, wrapped: bool) -> Answer:
    response = decode(value)
    if not isinstance(response, Mapping):
        return TRUNCATED if is_cut(value, limit) else UNPARSEABLE
    # Of a stream, of a completion.
    for name in ("combined_chunk_content", "text"):
        text = response.get(name)
        if isinstance(text, str):
            return Answer(text)
    message = response.get("message")
    return answer_of_message(_unwrapped(message) if wrapped else message)


def _unwrapped(message: Any) -> Any:
    """A message whose calls have their arguments as such, and not as ``{"input": arguments}``."""
    if not isinstance(message, Mapping) or not is_list(calls := message.get("tool_calls")):
        return message
    return {**message, "tool_calls": [_unwrapped_call(call) for call in calls]}


def _unwrapped_call(call: Any) -> Any:
    function = get(call, "function")
    written = get(function, "arguments")
    arguments = decode(written) if isinstance(written, str) else None
    if not isinstance(arguments, Mapping) or list(arguments) != ["input"]:
        return call
    return {"function": {"arguments": arguments["input"]}}


def _answer_of_events(value: str, limit: int | None) -> Answer | None:
    events = decode(value)
    if not is_list(events):
        return TRUNCATED if is_cut(value, limit) else None
    for event in reversed(events):
        name = event.get("event.name") if isinstance(event, Mapping) else None
        if name == "gen_ai.choice":
            return answer_of_message(event.get("message"))
        if name == "gen_ai.assistant.message":
            return answer_of_message(event)
        if name in ("gen_ai.user.message", "gen_ai.tool.message"):
            # The model has not answered yet: a stream's answer comes with a later span.
            return None
    return None


def _last_user_turn(span: Recorded) -> str | None:
    turn = last_user_turn_of_request(_request(span))
    if turn is not None:
        return turn
    events = span.attributes.get(_EVENTS)
    return last_user_turn_of_chat(decode(events)) if isinstance(events, str) else None


def _model(span: Recorded) -> str | None:
    request = _request(span)
    model = request.get("model") if isinstance(request, Mapping) else None
    return model if isinstance(model, str) else None


def _request(span: Recorded) -> Any:
    value = span.attributes.get(_REQUEST)
    return decode(value) if isinstance(value, str) else None


SOURCE: Final = Source(
    name="Logfire",
    markers=frozenset({_REQUEST, _EVENTS}),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    model=_model,
    text_attributes=(
        _REQUEST,
        _RESPONSE,
        _EVENTS,
        "final_result",
        "pydantic_ai.all_messages",
        "all_messages_events",
        "model_request_parameters",
        "tool_arguments",
        "tool_response",
    ),
)
