"""The chat service as it was in the past: its spans and actions, recorded without running it.

Four weeks of traffic through HTTP and a real client take minutes. These are the same spans by the
same SDK, tagged by the same capture and sent the same way; what is left out is the network between
the person, the service and the model.
"""

from __future__ import annotations

import json
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode

import otel_ai_feedback
from otel_ai_feedback.demo.clock import DemoClock
from otel_ai_feedback.demo.model_server import response_id, usage
from otel_ai_feedback.demo.people import Act, Conversation, Turn
from otel_ai_feedback.demo.visit import DemoError

_ERROR: Final = "openai.InternalServerError"


class PastService:
    """Records what the chat service would have.

    Args:
        tracer_provider: Where its spans go.
        clock: Moved on by the time that an answer takes.
    """

    def __init__(self, tracer_provider: TracerProvider, clock: DemoClock) -> None:
        self._tracer = tracer_provider.get_tracer(__name__)
        self._clock = clock
        self._conversation = ""
        self._messages: list[dict[str, Any]] = []

    def ask(self, conversation: Conversation, turn: Turn) -> str | None:
        """See :class:`otel_ai_feedback.demo.visit.Service`."""
        if conversation.conversation_id != self._conversation:
            self._conversation, self._messages = conversation.conversation_id, []
        self._messages.append(_message("user", turn.message))
        span = self._tracer.start_span(
            "POST /chat",
            kind=SpanKind.SERVER,
            attributes={"http.request.method": "POST", "http.route": "/chat"},
        )
        handle = otel_ai_feedback.request_handle(span) if turn.stream else None
        with (
            trace.use_span(span, end_on_exit=True),
            otel_ai_feedback.conversation(
                conversation.conversation_id,
                subject=conversation.person,
                feature=conversation.feature,
            ),
        ):
            self._call(turn)
            failed = turn.answer.status != 200
            if not turn.stream and not failed:
                handle = otel_ai_feedback.output_handle()
            span.set_attribute("http.response.status_code", 502 if failed else 200)
        return handle

    def act(self, handle: str | None, act: Act) -> None:
        """See :class:`otel_ai_feedback.demo.visit.Service`."""
        recorded = otel_ai_feedback.record_action(
            handle, act.action, act.value, action_id=act.action_id, source="browser"
        )
        if not recorded:
            raise DemoError(f"capture refused {act}")

    def _call(self, turn: Turn) -> None:
        """The span of the model call, in the shape of the GenAI conventions."""
        answer = turn.answer
        asked = json.dumps(self._messages)
        with self._tracer.start_as_current_span(
            f"chat {answer.model}",
            kind=SpanKind.CLIENT,
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": answer.model,
                "gen_ai.input.messages": asked,
            },
        ) as span:
            self._clock.advance(answer.duration_ns)
            if answer.status != 200:
                span.set_attribute("error.type", _ERROR)
                span.set_status(Status(StatusCode.ERROR, "the model is overloaded"))
                return
            said = _message("assistant", answer.text)
            self._messages.append(said)
            tokens = usage(asked, answer)
            span.set_attributes(
                {
                    "gen_ai.response.model": answer.model,
                    "gen_ai.response.id": response_id(turn.request_id),
                    "gen_ai.response.finish_reasons": ("stop",),
                    "gen_ai.usage.input_tokens": tokens["prompt_tokens"],
                    "gen_ai.usage.output_tokens": tokens["completion_tokens"],
                    "gen_ai.output.messages": json.dumps([{**said, "finish_reason": "stop"}]),
                }
            )


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}
