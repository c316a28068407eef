"""Finds the text of an output in what the store kept of its spans and log records.

Where each convention has it, capture knows; here its readers are given rows instead of spans.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final

from otel_ai_feedback.capture.sources import SOURCES, find_answer, find_last_user_turn
from otel_ai_feedback.capture.sources.chat import answer_of_message, last_user_turn_of_chat
from otel_ai_feedback.capture.sources.messages import (
    answer_of,
    answer_of_parts,
    decode,
)
from otel_ai_feedback.capture.sources.parts import get, is_list
from otel_ai_feedback.capture.sources.source import Recorded
from otel_ai_feedback.review.conversation_text import Exchange, Turn, readable
from otel_ai_feedback.store.ask import Row

_INPUT: Final = "gen_ai.input.messages"
_OUTPUT: Final = "gen_ai.output.messages"
_DETAILS: Final = "gen_ai.client.inference.operation.details"
_CHOICE: Final = "gen_ai.choice"
_ROLES: Final = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
}


def read(spans: Sequence[Row], logs: Sequence[Row]) -> Exchange:
    """What an output said, and to what.

    Args:
        spans: Rows of ``raw_spans``, the output's own first.
        logs: Rows of ``raw_logs``.
    """
    answer: str | None = None
    turns: tuple[Turn, ...] = ()
    for row in spans:
        span = _recorded(row)
        answer = answer if answer is not None else find_answer(SOURCES, span).text
        turns = turns or _turns_of_span(span)
    for row in logs:
        if answer is None:
            answer = _answer_of_log(row)
    turns = turns or tuple(_turns_of_logs(logs))
    return Exchange(
        None if answer is None else readable(answer),
        tuple(Turn(readable(turn.role), readable(turn.text)) for turn in turns),
    )


def _recorded(row: Row) -> Recorded:
    events = [
        SimpleNamespace(name=name, attributes=attributes)
        for name, attributes in zip(row["event_names"], row["event_attributes"], strict=True)
    ]
    return Recorded(dict(row["attributes"]), events, scope=row["scope"])


def _turns_of_span(span: Recorded) -> tuple[Turn, ...]:
    messages = tuple(_turns(decode(str(span.attributes.get(_INPUT, "")))))
    if messages:
        return messages
    asked = find_last_user_turn(SOURCES, span)
    return (Turn("user", asked),) if asked else ()


def _turns(messages: Any) -> Iterator[Turn]:
    """Messages in the shape of the GenAI conventions."""
    for message in messages if is_list(messages) else ():
        text = answer_of_parts(get(message, "parts")).text
        if text:
            yield Turn(str(get(message, "role")), text)


def _answer_of_log(row: Row) -> str | None:
    body = _body(row)
    if row["event"] == _DETAILS:
        output = row["attributes"].get(_OUTPUT) or body.get(_OUTPUT)
        return None if output is None else answer_of(output, None).text
    if row["event"] == _CHOICE and body.get("index", 0) == 0:
        return answer_of_message(body.get("message") or body.get("content")).text
    return None


def _turns_of_logs(logs: Sequence[Row]) -> Iterator[Turn]:
    for row in logs:
        body = _body(row)
        if row["event"] == _DETAILS:
            given = row["attributes"].get(_INPUT) or body.get(_INPUT)
            yield from _turns(decode(given) if isinstance(given, str) else given)
        elif row["event"] in _ROLES:
            content = body.get("content")
            if isinstance(content, Mapping):
                content = content.get("parts")
            text = last_user_turn_of_chat(({"role": "user", "content": content},))
            if text:
                yield Turn(_ROLES[row["event"]], text)


def _body(row: Row) -> Mapping[str, Any]:
    try:
        body = json.loads(row["body"])
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
