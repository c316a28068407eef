"""pydantic-ai: a chat span for each model call, beneath the span of the agent."""

import pytest

from .models import QUESTION
from .programs import HASH, QUESTION_HASH

PACKAGE = "pydantic-ai-slim"
AGENT = f"""
import asyncio
from pydantic_ai import Agent
from pydantic_ai.models.instrumented import InstrumentationSettings

def agent(name):
    return Agent(PROVIDER + ":" + name, instructions="Be brief.", name="guide")

QUESTION = {QUESTION!r}

async def streamed(name):
    async with agent(name).run_stream(QUESTION) as run:
        async for _ in run.stream_text():
            pass
"""
CASES = """
Agent.instrument_all()
agent("whole").run_sync(QUESTION)
asyncio.run(streamed("streamed"))

looking_up = agent("agent")

@looking_up.tool_plain
def search() -> str:
    return "found"

looking_up.run_sync(QUESTION)
"""
# Old SDKs cannot make log records any more once the interpreter shuts down.
FLUSH = "\ntracer_provider.force_flush()\n"
CHAT, BEFORE = 'PROVIDER = "openai-chat"\n', 'PROVIDER = "openai"\n'


@pytest.fixture(scope="module")
def python(environment):
    return environment("current")


@pytest.fixture(scope="module")
def last_of_1(environment):
    return environment("before")


@pytest.fixture(scope="module")
def first_of_1(environment):
    return environment("pydantic-ai-1.0")


ANSWERS = {
    "whole": [HASH],
    "streamed": [HASH],
    # The agent's span has the final answer too: it is no model call, and not counted again.
    "agent": [None, HASH],
}


def test_the_agents_span_is_not_a_second_output(run, python):
    ran = run(python, AGENT + CHAT + CASES)
    assert ran.answers == ANSWERS
    assert ran.questions == {QUESTION_HASH}
    assert {output["ai_feedback.feature"] for output in ran.outputs} == {"guide"}
    # One request, one conversation: pydantic-ai makes an id for each run that is given none.
    assert len({output["gen_ai.conversation.id"] for output in ran.outputs}) == 3
    assert len({output["ai_feedback.request.span_id"] for output in ran.outputs}) == 3


def test_the_responses_api(run, python):
    program = AGENT + 'PROVIDER = "openai-responses"\nAgent.instrument_all()\n'
    ran = run(python, program + 'agent("whole").run_sync(QUESTION)')
    assert ran.answers == {"whole": [HASH]}


def test_without_content(run, python):
    program = (
        AGENT + CHAT + "Agent.instrument_all(InstrumentationSettings(include_content=False))\n"
    )
    ran = run(python, program + 'agent("whole").run_sync(QUESTION)')
    assert ran.answers == {"whole": [None]}
    assert b"capital" not in ran.sent


REALTIME = """
from pydantic_ai.messages import ModelResponse, TextPart
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.realtime._instrumentation import SessionInstrumentation

session = SessionInstrumentation(InstrumentationSettings(), model_name="voice")
session.start_session_span()
for number, state in enumerate(("complete", "interrupted")):
    session.ensure_chat_span(str(number))
    response = ModelResponse([TextPart(f"The Loire is the longest, {number}.")], state=state)
    session.end_chat_span(str(number), [], response)
session.session_span.end()
"""


def test_a_spoken_answer_that_the_user_interrupted(run, python):
    ran = run(python, REALTIME)
    calls = [span for span in ran.spans if span["name"] == "chat voice"]
    states = [span["attributes"].get("pydantic_ai.response.state") for span in calls]
    assert states == [None, "interrupted"]
    (action,) = [span for span in ran.spans if span["name"] == "ai_feedback interrupted"]
    interrupted = calls[1]["attributes"]["ai_feedback.output.hash"]
    assert action["attributes"]["ai_feedback.output.hash"] == interrupted


def test_last_of_version_1(run, last_of_1):
    ran = run(last_of_1, AGENT + CHAT + CASES)
    assert ran.answers == ANSWERS
    assert ran.questions == {QUESTION_HASH}


def test_first_of_version_1(run, first_of_1):
    ran = run(first_of_1, AGENT + BEFORE + CASES + FLUSH)
    assert ran.answers == ANSWERS
    assert ran.questions == {QUESTION_HASH}


EVENTS = CASES.replace("instrument_all()", "instrument_all(InstrumentationSettings(version=1))")
LOGS = CASES.replace(
    "instrument_all()", 'instrument_all(InstrumentationSettings(version=1, event_mode="logs"))'
)


def test_messages_as_events_in_an_attribute(run, first_of_1):
    ran = run(first_of_1, AGENT + BEFORE + EVENTS + FLUSH)
    assert ran.answers == ANSWERS
    assert ran.questions == {QUESTION_HASH}


def test_messages_as_log_events(run, last_of_1):
    ran = run(last_of_1, AGENT + CHAT + LOGS)
    assert ran.answers == ANSWERS
    assert ran.questions == {QUESTION_HASH}


def test_recorded(record, python, first_of_1):
    asking = 'Agent.instrument_all()\nagent("gpt-4o").run_sync(QUESTION)'
    record("pydantic-ai", python, PACKAGE, AGENT + CHAT + asking)
    record(
        "pydantic-ai-agent",
        python,
        PACKAGE,
        AGENT
        + CHAT
        + CASES.replace('agent("whole").run_sync(QUESTION)', "").replace(
            'asyncio.run(streamed("streamed"))', ""
        ),
        model="agent",
    )
    events = asking.replace(
        "instrument_all()", "instrument_all(InstrumentationSettings(version=1))"
    )
    record("pydantic-ai-events", first_of_1, PACKAGE, AGENT + BEFORE + events, response_ids=[""])
