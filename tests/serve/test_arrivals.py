"""What arrives and is of no use is shown on the page that waits for answers, and in health."""

import time

import pytest

from . import otlp

NOW = {"resource": {"service.name": "shop"}}


@pytest.fixture
def pages(clean, web):
    return lambda: (web.get("/").text, web.get("/health").text)


def recent(number=1, **fields):
    return otlp.span(number, start=time.time_ns() - 10**10, **fields)


def test_a_service_without_an_instrumentation(pages, post):
    post(recent(name="GET /"), **NOW)
    waiting, health = pages()
    assert "Telemetry arrives, but no tagged answer yet" in waiting
    for page in (waiting, health):
        assert "No span of a model call" in page
        assert "otel-ai-feedback[openai]" in page


def test_model_calls_that_are_not_tagged(pages, post):
    post(recent(attributes={"gen_ai.operation.name": "chat"}), **NOW)
    for page in pages():
        assert "1 model call without our tags" in page
        assert "otel_ai_feedback.instrument()" in page


def test_actions_that_match_nothing(pages, post):
    answer = otlp.output(1, start=time.time_ns() - 10**10)
    action = otlp.action(2, answer, "copy")
    del action.links[:]
    post(answer, action, **NOW)
    _, health = pages()
    assert "1 of 1 user action matched no answer" in health


def test_an_empty_store_only_waits(pages):
    waiting, _ = pages()
    assert "No telemetry received yet" in waiting
    assert "LLM instrumentation is missing" not in waiting
