"""Answers that instrumentations record as log events instead of on the span.

The events of the GenAI conventions are emitted while the LLM span lives, on its own thread: by
``opentelemetry-util-genai`` when content goes to events only, and by instrumentations of the time
when a conversation was one event a message (``opentelemetry-instrumentation-openai-v2``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from opentelemetry.sdk._logs import LogRecordProcessor

from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.open_calls import span_of_record
from otel_ai_feedback.capture.sources.answer import UNPARSEABLE, Answer
from otel_ai_feedback.capture.sources.chat import answer_of_message, last_user_turn_of_chat
from otel_ai_feedback.capture.sources.messages import answer_of, last_user_turn_of
from otel_ai_feedback.capture.span_state import SpanState, state_of

_OUTPUT: Final = "gen_ai.output.messages"
_INPUT: Final = "gen_ai.input.messages"
# What Google's ADK puts in place of content when capture is off.
_ELIDED: Final = "<elided>"
# Their answers are one choice of several blocks, of which OpenLLMetry makes an event each.
_PROVIDERS_WITHOUT_CHOICES: Final = frozenset({"anthropic", "aws.bedrock"})


class AnswerFromLogs(LogRecordProcessor):
    """Keeps the answer and the last user turn with the span to which a log record belongs.

    Records pass through it unchanged.

    Args:
        guard: Counters and log.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard: Final = guard

    def on_emit(self, log_record: Any) -> None:
        """Look at a record.

        Args:
            log_record: What the SDK passes around, with the record as its ``log_record``.
        """
        try:
            record = log_record.log_record
            read = _READERS.get(event_of(record))
            if read is not None:
                state = state_of(span_of_record(log_record))
                if state is not None:
                    read(record, state, _limit(log_record))
        except Exception:
            self._guard.failed("reading a log record")

    # Its name in older SDKs.
    emit = on_emit

    def shutdown(self) -> None:
        """Nothing: it holds nothing."""

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Nothing: it holds nothing."""
        return True


def event_of(record: Any) -> str | None:
    """Name of the event; before records had one, it was an attribute."""
    name = getattr(record, "event_name", None)
    if name is None and record.attributes and "event.name" in record.attributes:
        name = record.attributes["event.name"]
    return name if isinstance(name, str) else None


def _limit(log_record: Any) -> int | None:
    """The length at which the SDK cuts the record's attributes, if it does; never the body."""
    limits = getattr(log_record, "limits", None)
    for name in ("max_log_record_attribute_length", "max_attribute_length"):
        limit = getattr(limits, name, None)
        if isinstance(limit, int):
            return limit
    return None


def _read_details(record: Any, state: SpanState, limit: int | None) -> None:
    """Both in one record, as attributes or in the body."""
    body = record.body if isinstance(record.body, Mapping) else {}
    attributes = record.attributes or {}
    output = attributes.get(_OUTPUT, body.get(_OUTPUT))
    if output is not None:
        _keep(answer_of(output, limit), state)
    turn = last_user_turn_of(attributes.get(_INPUT, body.get(_INPUT)))
    if turn is not None:
        state.user_turn = turn


def _read_choice(record: Any, state: SpanState, _: int | None) -> None:
    """One choice: ``{"index", "message": {"content", "tool_calls"}, "finish_reason"}``."""
    body = record.body
    if not isinstance(body, Mapping):
        return
    message = body.get("message")
    if body.get("tool_calls") and isinstance(message, Mapping):
        # OpenLLMetry has them beside the message.
        message = {**message, "tool_calls": body["tool_calls"]}
    if body.get("index", 0) != 0:
        if _PROVIDERS_WITHOUT_CHOICES.intersection(map(str, (record.attributes or {}).values())):
            _read_block(answer_of_message(message), state)
    elif "message" not in body and "content" in body:
        _read_content(body["content"], state)
    else:
        _keep(answer_of_message(message), state)


def _read_block(block: Answer, state: SpanState) -> None:
    """A further block of the one answer: a text after a thought, a tool call after a text."""
    before = state.answer
    if before is None or not (before.text or "").strip():
        state.answer = block
    elif block.structured and before.structured:
        # Tools that are called at once.
        state.answer = before._replace(text=f"{before.text}\n{block.text}")
    elif block.calls:
        state.answer = before._replace(calls=True)
    elif (block.text or "").strip():
        # The first may be a thought, which these events do not tell from a text.
        state.answer = block._replace(calls=True) if before.structured else UNPARSEABLE


def _read_content(content: Any, state: SpanState) -> None:
    """One choice as Google's ADK has it: ``{"content": {"parts"}}``, or a stream's next piece."""
    if content == _ELIDED:
        return
    answer, before = answer_of_message(content), state.answer
    if before is None or not before.text:
        state.answer = answer
    elif answer.text and answer.text != before.text:
        state.answer = Answer(before.text + answer.text)


def _read_user_message(record: Any, state: SpanState, _: int | None) -> None:
    """One message of the conversation: the last one is the turn."""
    body = record.body
    if isinstance(body, Mapping):
        content = body.get("content")
        if isinstance(content, Mapping):
            content = content.get("parts")
        turn = last_user_turn_of_chat(({"role": "user", "content": content},))
        if turn is not None and turn != _ELIDED:
            state.user_turn = turn


def _keep(answer: Answer, state: SpanState) -> None:
    # With content capture off the events come without it; the span may have more.
    if state.answer is None and answer.missing != "not_recorded":
        state.answer = answer


_READERS: Final[Mapping[str | None, Callable[[Any, SpanState, int | None], None]]] = {
    "gen_ai.client.inference.operation.details": _read_details,
    "gen_ai.choice": _read_choice,
    "gen_ai.user.message": _read_user_message,
}
