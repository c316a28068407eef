"""Haystack's tracing: in version 3 with deepset's opentelemetry-haystack, before by itself."""

import pytest

from .models import QUESTION
from .programs import HASH, QUESTION_HASH

PACKAGE = "haystack-ai"
CONTENT = {"HAYSTACK_CONTENT_TRACING_ENABLED": "true", "HAYSTACK_TELEMETRY_ENABLED": "false"}
NO_CONTENT = {"HAYSTACK_TELEMETRY_ENABLED": "false"}
HAYSTACK = f"""
import haystack.tracing
from haystack import Pipeline
from haystack.components.agents import Agent
from haystack.components.builders import ChatPromptBuilder
from haystack.components.generators.chat import OpenAIChatGenerator, OpenAIResponsesChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import tool
QUESTION = {QUESTION!r}

@tool
def search() -> str:
    "Search."
    return "found"

def ask(model, generator=OpenAIChatGenerator, **options):
    pipeline = Pipeline()
    template = [ChatMessage.from_system("Be brief."), ChatMessage.from_user("{{{{question}}}}")]
    pipeline.add_component("prompt", ChatPromptBuilder(template=template))
    pipeline.add_component("llm", generator(model=model, **options))
    pipeline.connect("prompt.prompt", "llm.messages")
    return pipeline.run({{"question": QUESTION}})
"""
ON = """
from haystack_integrations.tracing.opentelemetry import OpenTelemetryTracer
haystack.tracing.enable_tracing(OpenTelemetryTracer(trace.get_tracer("haystack")))
"""
CASES = """
ask("whole")
ask("streamed", streaming_callback=lambda chunk: None)
ask("tools")
ask("two", generation_kwargs={"n": 2})
ask("empty")
ask("response", OpenAIResponsesChatGenerator)
ask("thinks", OpenAIResponsesChatGenerator)
generator = OpenAIChatGenerator(model="agent")
Agent(chat_generator=generator, tools=[search]).run(messages=[ChatMessage.from_user(QUESTION)])
"""
TEXTS = """
from haystack.components.generators import OpenAIGenerator
pipeline = Pipeline()
pipeline.add_component("llm", OpenAIGenerator(model="texts"))
pipeline.run({"llm": {"prompt": QUESTION}})
"""
ANSWERS = {
    "whole": [HASH],
    "streamed": [HASH],
    "tools": [None],
    "two": [HASH],
    "empty": ["empty"],
    "response": [HASH],
    "thinks": [HASH],
    # The spans of pipelines and agents have the text too: they are no model calls.
    "agent": [None, HASH],
}


@pytest.fixture(scope="module")
def python(environment):
    return environment("current")


@pytest.fixture(scope="module")
def last_of_2(environment):
    return environment("before")


def test_every_case(run, python):
    ran = run(python, HAYSTACK + ON + CASES, **CONTENT)
    assert ran.answers == ANSWERS
    assert ran.questions == {QUESTION_HASH}


def test_last_of_version_2(run, last_of_2):
    ran = run(last_of_2, HAYSTACK + CASES + TEXTS, **CONTENT)
    assert ran.answers == ANSWERS | {"texts": [HASH]}
    assert ran.questions == {QUESTION_HASH}


def test_content_off(run, python):
    """As it is by default: the output is seen, and what it says only by the pipeline's span."""
    ran = run(python, HAYSTACK + ON + 'ask("whole")', **NO_CONTENT)
    assert ran.answers == {None: [None]}


def test_recorded(record, python, last_of_2):
    record(
        "haystack",
        python,
        PACKAGE,
        HAYSTACK + ON + 'ask("gpt-4o")',
        variables=CONTENT,
        response_ids=[""],
    )
    record(
        "haystack-2",
        last_of_2,
        PACKAGE,
        HAYSTACK + TEXTS,
        variables=CONTENT,
        model="texts",
        response_ids=[""],
    )
