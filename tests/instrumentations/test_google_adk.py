"""Google's Agent Development Kit, in the form of its telemetry now and in the one before."""

import pytest

from .models import QUESTION
from .programs import HASH, QUESTION_HASH, THOUGHT_TOO

PACKAGE = "google-adk"
ADK = f"""
import asyncio
from google.adk.agents import LlmAgent, RunConfig
from google.adk.agents.run_config import StreamingMode
from google.adk.runners import InMemoryRunner
from google.genai import types

def search() -> str:
    "Search."
    return "found"

async def ask(model, mode=StreamingMode.NONE, stop_after=None, tools=()):
    agent = LlmAgent(name="guide", model=model, instruction="Be brief.", tools=list(tools))
    runner = InMemoryRunner(agent, app_name="shop")
    session = await runner.session_service.create_session(
        app_name="shop", user_id="ann", session_id="session-1"
    )
    events = runner.run_async(
        user_id="ann", session_id=session.id, new_message=types.UserContent({QUESTION!r}),
        run_config=RunConfig(streaming_mode=mode),
    )
    async for event in events:
        if stop_after is not None:
            break
    await events.aclose()
"""
CASES = """
asyncio.run(ask("gemini-whole"))
asyncio.run(ask("gemini-streamed", StreamingMode.SSE))
asyncio.run(ask("gemini-thinks"))
asyncio.run(ask("gemini-agent", tools=[search]))
"""
CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
FIRST_FORM = {"ADK_TELEMETRY_SCHEMA_VERSION_OPT_IN": "1"}


@pytest.fixture(scope="module")
def python(environment):
    return environment("chains")


@pytest.fixture
def gemini(models):
    """Where the client finds the models."""
    url = f"http://127.0.0.1:{models.server_port}"
    return {"GOOGLE_API_KEY": "none", "GOOGLE_GEMINI_BASE_URL": url}


ANSWERS = {
    "gemini-whole": [HASH],
    "gemini-streamed": [HASH],
    "gemini-thinks": [HASH],
    "gemini-agent": [None, HASH],
}


@pytest.mark.parametrize("mode", ["SPAN_ONLY", "EVENT_ONLY"])
def test_content_on(run, python, gemini, mode):
    ran = run(python, ADK + CASES, **gemini, **{CONTENT: mode})
    # The thought has become a text like others.
    assert ran.answers == ANSWERS | {"gemini-thinks": [THOUGHT_TOO]}
    assert ran.questions == {QUESTION_HASH}
    assert {output["gen_ai.conversation.id"] for output in ran.outputs} == {"session-1"}
    assert {output["ai_feedback.feature"] for output in ran.outputs} == {"guide"}


def test_content_off(run, python, gemini):
    """As it is by default."""
    ran = run(python, ADK + 'asyncio.run(ask("gemini-whole"))', **gemini)
    assert ran.answers == {"gemini-whole": [None]}
    assert b"capital" not in ran.sent


def test_the_first_form(run, python, gemini):
    """A model call has two spans there, with one text: the store counts them as one."""
    ran = run(python, ADK + CASES, **gemini, **FIRST_FORM, **{CONTENT: "true"})
    assert ran.answers == {
        model: [answer for answer in answers for _ in range(2)]
        for model, answers in ANSWERS.items()
    }
    assert ran.questions == {QUESTION_HASH}


def test_the_first_form_without_events(run, python, gemini):
    """As it was by default: the outer span has the content, the inner and the events do not."""
    program = ADK + 'asyncio.run(ask("gemini-whole"))'
    ran = run(python, program, **gemini, **FIRST_FORM)
    assert ran.answers == {"gemini-whole": [None, HASH]}
    assert ran.questions == {None, QUESTION_HASH}
    without = {"ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS": "false"}
    ran = run(python, program, **gemini, **FIRST_FORM, **without)
    assert ran.answers == {"gemini-whole": [None, None]}
    assert b"capital" not in ran.sent


@pytest.mark.parametrize("variables", [{}, FIRST_FORM], ids=["now", "first"])
def test_a_stream_that_the_application_leaves(run, python, gemini, variables):
    """It goes on reading, so what the model said is the answer; never its last piece."""
    asking = 'asyncio.run(ask("gemini-aborted", StreamingMode.SSE, stop_after=1))'
    content = {CONTENT: "SPAN_AND_EVENT"}
    ran = run(python, ADK + asking, **gemini, **variables, **content)
    assert ran.hashes
    assert set(ran.hashes) == {HASH}


def test_recorded(record, python, gemini):
    asking = 'asyncio.run(ask("gemini-1"))'
    common = {"model": "gemini-1", "response_ids": [""], "session": "session-1"}
    for name, variables in {
        "google-adk": {CONTENT: "SPAN_ONLY"},
        "google-adk-events": {CONTENT: "EVENT_ONLY"},
        "google-adk-first": {CONTENT: "true", **FIRST_FORM},
    }.items():
        record(name, python, PACKAGE, ADK + asking, variables=gemini | variables, **common)
