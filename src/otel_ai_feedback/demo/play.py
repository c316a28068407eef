"""The model server, the chat service and the people, put together."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import httpx
from openai import AsyncOpenAI
from tqdm import tqdm

from otel_ai_feedback import attributes as names
from otel_ai_feedback.config import Settings
from otel_ai_feedback.demo.chat_service import ChatService
from otel_ai_feedback.demo.clock import DemoClock
from otel_ai_feedback.demo.corpus import Corpus
from otel_ai_feedback.demo.http import serving
from otel_ai_feedback.demo.identifiers import SeededIds
from otel_ai_feedback.demo.model_server import ModelServer
from otel_ai_feedback.demo.people import SECOND_NS, Conversation, plan
from otel_ai_feedback.demo.schedule import Run
from otel_ai_feedback.demo.telemetry import telemetry
from otel_ai_feedback.demo.truth import Truth
from otel_ai_feedback.demo.visit import Visitor

_TIMEOUT_SECONDS: Final = 60.0


def play(settings: Settings, otlp_url: str, corpus: Corpus, window: Run) -> Truth:
    """Let all conversations happen; everything they produced has been sent on return.

    Args:
        settings: For capture.
        otlp_url: OTLP/HTTP receiver, without a slash at the end.
        corpus: What the models answer.
        window: When, and under which name.

    Raises:
        DemoError: A part of the demo did not do what the next one relies on.
    """
    conversations = plan(corpus, window.name, window.start * SECOND_NS, window.end * SECOND_NS)
    answers = {turn.request_id: turn.answer for talk in conversations for turn in talk.turns}
    clock, ids, truth = DemoClock(window.start * SECOND_NS), SeededIds(), Truth()
    resource: dict[str, str | bool] = {
        "service.name": corpus.service,
        "service.version": corpus.version,
        "service.instance.id": window.name,
        "deployment.environment.name": "production",
        names.BACKFILL: True,
    }
    with ExitStack() as stack:
        stack.enter_context(_without_proxy())
        sent = stack.enter_context(telemetry(settings, otlp_url, resource, clock, ids))
        model_url = stack.enter_context(serving(ModelServer(answers, clock).app))
        model = AsyncOpenAI(base_url=f"{model_url}/v1", api_key="not-needed", max_retries=0)
        chat_url = stack.enter_context(serving(ChatService(model, sent.tracer_provider).app))
        browser = stack.enter_context(httpx.Client(base_url=chat_url, timeout=_TIMEOUT_SECONDS))
        visitor = Visitor(browser, clock, ids, sent.witness)
        for conversation in _with_progress(conversations):
            visitor.visit(conversation, truth)
        sent.flush()
    return truth


def _with_progress(conversations: list[Conversation]) -> Iterator[Conversation]:
    """The conversations, with a bar on the terminal that counts their questions."""
    total = sum(len(conversation.turns) for conversation in conversations)
    with tqdm(
        total=total, unit=" questions", file=sys.stderr, disable=not sys.stderr.isatty()
    ) as bar:
        for conversation in conversations:
            yield conversation
            bar.update(len(conversation.turns))


@contextmanager
def _without_proxy() -> Iterator[None]:
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
