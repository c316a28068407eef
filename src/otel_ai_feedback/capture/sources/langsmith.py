"""LangSmith's OpenTelemetry export: its runs become spans after the fact, from a thread."""

from __future__ import annotations

from typing import Final

from otel_ai_feedback.capture.sources.answer import TRUNCATED, Answer, is_cut
from otel_ai_feedback.capture.sources.chat import answer_of_response, last_user_turn_of_request
from otel_ai_feedback.capture.sources.messages import decode
from otel_ai_feedback.capture.sources.source import Recorded, Source

_KIND: Final = "langsmith.span.kind"
_OUTPUT: Final = "gen_ai.completion"
_INPUT: Final = "gen_ai.prompt"
# Any of these in a run's metadata makes it part of a thread.
_SESSIONS: Final = (
    "langsmith.metadata.session_id",
    "langsmith.metadata.thread_id",
    "langsmith.metadata.conversation_id",
)


def _is_llm(span: Recorded) -> bool:
    return span.attributes.get(_KIND) == "llm"


def _answer(span: Recorded) -> Answer | None:
    value = span.attributes.get(_OUTPUT)
    if not isinstance(value, str):
        return None
    response = decode(value)
    if response is None:
        return TRUNCATED if is_cut(value, span.limit) else Answer(value)
    return answer_of_response(response)


def _last_user_turn(span: Recorded) -> str | None:
    value = span.attributes.get(_INPUT)
    return last_user_turn_of_request(decode(value)) if isinstance(value, str) else None


def _session_id(span: Recorded) -> str | None:
    for name in _SESSIONS:
        value = span.attributes.get(name)
        if isinstance(value, str):
            return value
    return None


SOURCE: Final = Source(
    name="LangSmith",
    markers=frozenset({_KIND}),
    is_llm=_is_llm,
    answer=_answer,
    last_user_turn=_last_user_turn,
    session_id=_session_id,
    text_attributes=(_INPUT, _OUTPUT),
)
