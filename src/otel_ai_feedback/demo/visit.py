"""One conversation, acted out against the chat service."""

from __future__ import annotations

from typing import Protocol

import httpx

from otel_ai_feedback.demo.chat_service import HANDLE_HEADER
from otel_ai_feedback.demo.clock import DemoClock
from otel_ai_feedback.demo.identifiers import SeededIds
from otel_ai_feedback.demo.people import Act, Conversation, Turn
from otel_ai_feedback.demo.telemetry import Witness
from otel_ai_feedback.demo.truth import Truth


class DemoError(RuntimeError):
    """A part of the demo did not do what the next one relies on."""


class Service(Protocol):
    """What people use: answers questions, and takes what they do with the answers."""

    def ask(self, conversation: Conversation, turn: Turn) -> str | None:
        """Ask the question, read the answer to its end, and return its handle.

        Raises:
            DemoError: It was not answered as it should have been.
        """

    def act(self, handle: str | None, act: Act) -> None:
        """Do something with the answer.

        Raises:
            DemoError: The action was refused.
        """


class RunningService:
    """The chat service over HTTP, as a browser uses it.

    Args:
        service: Client of the chat service.
    """

    def __init__(self, service: httpx.Client) -> None:
        self._service = service

    def ask(self, conversation: Conversation, turn: Turn) -> str | None:
        """See :class:`Service`."""
        question = {
            "conversation_id": conversation.conversation_id,
            "feature": conversation.feature,
            "person": conversation.person,
            "request_id": turn.request_id,
            "model": turn.answer.model,
            "message": turn.message,
            "stream": turn.stream,
        }
        response = self._service.post("/chat", json=question)
        text = ""
        if response.status_code == 200:
            text = response.text if turn.stream else response.json()["text"]
        expected = turn.answer.text if turn.answer.status == 200 else ""
        if text != expected:
            raise DemoError(f"{turn.request_id} was answered {text!r}, not {expected!r}")
        handle: str | None = response.headers.get(HANDLE_HEADER)
        return handle

    def act(self, handle: str | None, act: Act) -> None:
        """See :class:`Service`."""
        report = {
            "handle": handle,
            "action": act.action,
            "value": act.value,
            "id": act.action_id,
        }
        response = self._service.post("/feedback", json=report)
        if response.status_code != 204:
            raise DemoError(f"the chat service refused {report}: {response.text}")


class Visitor:
    """Acts conversations out.

    Args:
        service: What is used.
        clock: Moved to whenever something happens.
        ids: Begun again for every conversation.
        witness: Sees what leaves the service.
    """

    def __init__(
        self, service: Service, clock: DemoClock, ids: SeededIds, witness: Witness
    ) -> None:
        self._service = service
        self._clock = clock
        self._ids = ids
        self._witness = witness

    def visit(self, conversation: Conversation, truth: Truth) -> None:
        """Act the conversation out and add to the truth.

        Raises:
            DemoError: The service left out an output or refused an action.
        """
        self._ids.start(conversation.conversation_id)
        now_ns = conversation.start_ns
        for turn in conversation.turns:
            now_ns += turn.pause_ns
            self._clock.move_to(now_ns)
            handle = self._service.ask(conversation, turn)
            now_ns = self._clock.time_ns()
            output_id = _only(self._witness.take_outputs(), turn)
            truth.made(output_id, turn)
            for act in turn.acts:
                self._clock.move_to(now_ns + act.after_ns)
                self._service.act(handle, act)
                truth.done(_only(self._witness.take_actions(), turn), output_id, act)


def _only(noted: list[str], turn: Turn) -> str:
    if len(noted) != 1:
        raise DemoError(f"{turn.request_id}: {len(noted)} spans left the service, not 1")
    return noted[0]
