"""Strands Agents: the messages are events of its spans."""

import pytest

from .models import QUESTION
from .programs import HASH, QUESTION_HASH

PACKAGE = "strands-agents"
STRANDS = f"""
import os
from strands import Agent, tool
from strands.models.openai import OpenAIModel

@tool
def search() -> str:
    "Search."
    return "found"

def agent(name, **options):
    client = {{"api_key": "none", "base_url": os.environ["OPENAI_BASE_URL"]}}
    model = OpenAIModel(client_args=client, model_id=name)
    return Agent(model=model, system_prompt="Be brief.", callback_handler=None, **options)

QUESTION = {QUESTION!r}
"""
CASES = """
agent("whole")(QUESTION)
agent("agent", tools=[search])(QUESTION)
"""
ANSWERS = {
    "whole": [HASH],
    # The tool's span and the agent's have such events too: they are no model calls.
    "agent": [None, HASH],
}
LATEST = {"OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental"}


@pytest.fixture(scope="module")
def python(environment):
    return environment("chains")


@pytest.fixture(scope="module")
def first(environment):
    return environment("old")


@pytest.mark.parametrize("variables", [{}, LATEST], ids=["default", "latest"])
def test_every_case(run, python, variables):
    ran = run(python, STRANDS + CASES, **variables)
    assert ran.answers == ANSWERS
    assert ran.questions == {QUESTION_HASH}
    assert {output["ai_feedback.feature"] for output in ran.outputs} == {"Strands Agents"}


def test_the_first_release(run, first):
    ran = run(first, STRANDS + CASES)
    assert ran.answers == ANSWERS
    assert ran.questions == {QUESTION_HASH}


def test_recorded(record, python, first):
    session = 'trace_attributes={"session.id": "session-1"}'
    program = STRANDS + f'agent("gpt-4o", {session})(QUESTION)'
    record("strands", python, PACKAGE, program, response_ids=[""], session="session-1")
    record(
        "strands-latest",
        python,
        PACKAGE,
        program,
        variables=LATEST,
        response_ids=[""],
        session="session-1",
    )
    record("strands-first", first, PACKAGE, program, response_ids=[""])
