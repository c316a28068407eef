"""Microsoft's Agent Framework: GenAI spans, a chat for each model call beneath the agent's."""

import pytest

from .models import QUESTION
from .programs import HASH, QUESTION_HASH

PACKAGE = "agent-framework-core"
AGENT = f"""
import asyncio, os
from agent_framework import Agent
from agent_framework.observability import enable_instrumentation
from agent_framework.openai import OpenAIChatClient, OpenAIChatCompletionClient
QUESTION = {QUESTION!r}

def search() -> str:
    "Search."
    return "found"

def agent(model, client=OpenAIChatCompletionClient, **options):
    connected = client(model=model, api_key="none", base_url=os.environ["OPENAI_BASE_URL"])
    return Agent(client=connected, name="guide", instructions="Be brief.", **options)
"""
CONTENT = "enable_instrumentation(enable_sensitive_data=True)\n"
CASES = """
async def main():
    await agent("whole").run(QUESTION)
    async for _ in agent("streamed").run(QUESTION, stream=True):
        pass
    await agent("agent", tools=[search]).run(QUESTION)
    await agent("response", OpenAIChatClient).run(QUESTION)
    await agent("thinks", OpenAIChatClient).run(QUESTION)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def python(environment):
    return environment("current")


def test_every_case(run, python):
    ran = run(python, AGENT + CONTENT + CASES)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        # The agent's span has the conversation too: it is no model call.
        "agent": [None, HASH],
        "response": [HASH],
        "thinks": [HASH],
    }
    assert ran.questions == {QUESTION_HASH}
    assert {output["ai_feedback.feature"] for output in ran.outputs} == {"guide"}


def test_content_off(run, python):
    ran = run(python, AGENT + "enable_instrumentation()\n" + CASES)
    assert {answer for answers in ran.answers.values() for answer in answers} == {None}
    assert b"capital" not in ran.sent


def test_recorded(record, python):
    program = AGENT + CONTENT + 'asyncio.run(agent("gpt-4o").run(QUESTION))'
    record("agent-framework", python, PACKAGE, program)
