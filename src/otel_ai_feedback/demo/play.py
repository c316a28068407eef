"""The model server, the chat service and the people, put together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

import httpx
from openai import AsyncOpenAI

from otel_ai_feedback import attributes as names
from otel_ai_feedback.config import Settings
from otel_ai_feedback.demo.chat_service import ChatService
from otel_ai_feedback.demo.clock import DemoClock
from otel_ai_feedback.demo.history import PastService
from otel_ai_feedback.demo.http import serving
from otel_ai_feedback.demo.identifiers import SeededIds
from otel_ai_feedback.demo.model_server import ModelServer
from otel_ai_feedback.demo.people import SECOND_NS, Conversation, plan
from otel_ai_feedback.demo.story import Chapter, Run, Story
from otel_ai_feedback.demo.telemetry import Telemetry, telemetry
from otel_ai_feedback.demo.truth import Truth
from otel_ai_feedback.demo.visit import RunningService, Visitor
from otel_ai_feedback.demo.visit import Service as UsedService

_TIMEOUT_SECONDS: Final = 60.0


def play(
    settings: Settings,
    otlp_url: str,
    story: Story,
    run: Run,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Truth:
    """Let all conversations happen; everything they produced has been sent on return.

    Args:
        settings: For capture.
        otlp_url: OTLP/HTTP receiver, without a slash at the end.
        story: Who answers what.
        run: When, and under which name.
        tell: Called after each conversation: questions asked so far, and all there will be.

    Raises:
        DemoError: A part of the demo did not do what the next one relies on.
    """
    chapters = [(chapter, _planned(chapter, run)) for chapter in story.chapters(run)]
    total = sum(len(talk.turns) for _, talks in chapters for talk in talks)
    clock, ids, truth = DemoClock(run.start * SECOND_NS), SeededIds(), Truth()
    with without_proxy():
        for chapter, conversations in chapters:
            with (
                telemetry(
                    settings, otlp_url, _resource(chapter, run), clock, ids, live=chapter.live
                ) as sent,
                _service(chapter, conversations, sent, clock) as service,
            ):
                visitor = Visitor(service, clock, ids, sent.witness)
                for conversation in conversations:
                    visitor.visit(conversation, truth)
                    tell(len(truth.outputs), total)
                sent.flush()
    return truth


def _planned(chapter: Chapter, run: Run) -> list[Conversation]:
    conversations = [
        conversation
        for corpus in chapter.corpora
        for conversation in plan(
            corpus,
            f"{run.name} {chapter.start}",
            chapter.start * SECOND_NS,
            chapter.end * SECOND_NS,
        )
    ]
    return sorted(conversations, key=lambda conversation: conversation.start_ns)


def _resource(chapter: Chapter, run: Run) -> dict[str, str | bool]:
    first = chapter.corpora[0]
    return {
        "service.name": first.service,
        "service.version": first.version,
        "service.instance.id": run.name,
        "deployment.environment.name": "production",
        names.BACKFILL: True,
    }


@contextmanager
def _service(
    chapter: Chapter, conversations: Sequence[Conversation], sent: Telemetry, clock: DemoClock
) -> Iterator[UsedService]:
    if not chapter.live:
        yield PastService(sent.tracer_provider, clock)
        return
    answers = {turn.request_id: turn.answer for talk in conversations for turn in talk.turns}
    with ExitStack() as stack:
        model_url = stack.enter_context(serving(ModelServer(answers, clock).app))
        model = AsyncOpenAI(base_url=f"{model_url}/v1", api_key="not-needed", max_retries=0)
        chat_url = stack.enter_context(serving(ChatService(model, sent.tracer_provider).app))
        browser = stack.enter_context(httpx.Client(base_url=chat_url, timeout=_TIMEOUT_SECONDS))
        yield RunningService(browser)


@contextmanager
def without_proxy() -> Iterator[None]:
    """The demo talks to itself, where no proxy of the host could reach it."""
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    os.environ.update(dict.fromkeys(before, "127.0.0.1,localhost"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
