"""LangSmith with its OpenTelemetry export switched on."""

import pytest

from .models import QUESTION
from .programs import FIRST_PIECE, HASH, QUESTION_HASH
from .user_code import OPENAI, OPENAI_CASES, OPENAI_RESPONSES

PACKAGE = "langsmith"
# Nothing goes to LangSmith itself.
ON = {
    "LANGSMITH_TRACING": "true",
    "LANGSMITH_OTEL_ENABLED": "true",
    "LANGSMITH_OTEL_ONLY": "true",
    "LANGSMITH_API_KEY": "none",
    "LANGSMITH_ENDPOINT": "http://127.0.0.1:9",
}
WRAPPED = OPENAI + "from langsmith.wrappers import wrap_openai\nclient = wrap_openai(client)\n"
# Its spans are made by a thread, after the call.
FLUSH = """
from langsmith.run_trees import get_cached_client
get_cached_client().flush()
"""
THREAD = 'ask("gpt-4o", langsmith_extra={"metadata": {"session_id": "thread-1"}})\n'


@pytest.fixture(scope="module")
def python(environment):
    return environment("current")


@pytest.fixture(scope="module")
def chains(environment):
    return environment("chains")


def test_openai(run, python):
    ran = run(python, WRAPPED + OPENAI_CASES + OPENAI_RESPONSES + FLUSH, **ON)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        "aborted": [FIRST_PIECE],
        "tools": [None, None],
        "two": [HASH, HASH],
        "empty": ["empty"],
        "broken": [None],
        "response": [HASH],
        "response streamed": [HASH],
        "thinks": [HASH],
        "tools response": [None],
    }
    assert ran.questions == {QUESTION_HASH}


def test_the_span_of_the_function_around_is_no_second_output(run, python):
    program = f"""
{WRAPPED}
from langsmith import traceable

@traceable
def pipeline(question):
    return ask("whole").choices[0].message.content

pipeline({QUESTION!r})
{FLUSH}"""
    ran = run(python, program, **ON)
    assert ran.answers == {"whole": [HASH]}


def test_an_instrumentation_of_another_kind_beneath_the_function(run, python):
    # The parent is then a span that records nothing.
    program = f"""
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
OpenAIInstrumentor().instrument()
{OPENAI}
from langsmith import traceable

@traceable
def pipeline(question):
    return ask("whole").choices[0].message.content

pipeline({QUESTION!r})
{FLUSH}"""
    ran = run(python, program, **ON)
    assert ran.answers == {"whole": [HASH]}


def test_langchain(run, chains):
    program = f"""
from langchain_openai import ChatOpenAI
ChatOpenAI(model="whole").invoke({QUESTION!r})
list(ChatOpenAI(model="streamed").stream({QUESTION!r}))
ChatOpenAI(model="tools").invoke({QUESTION!r})
{FLUSH}"""
    ran = run(chains, program, **ON)
    assert ran.answers == {"whole": [HASH], "streamed": [HASH], "tools": [None]}
    assert ran.questions == {QUESTION_HASH}


def test_hidden_outputs_are_not_recorded(run, python):
    ran = run(python, WRAPPED + 'ask("whole")' + FLUSH, LANGSMITH_HIDE_OUTPUTS="true", **ON)
    assert ran.answers == {"whole": [None]}


def test_recorded(record, python, chains):
    record("langsmith", python, PACKAGE, WRAPPED + THREAD + FLUSH, variables=ON, session="thread-1")
    langchain = "from langchain_openai import ChatOpenAI\n"
    asking = f'ChatOpenAI(model="gpt-4o").invoke({QUESTION!r})\n'
    record(
        "langsmith-langchain",
        chains,
        PACKAGE,
        langchain + asking + FLUSH,
        variables=ON,
        response_ids=[""],
    )
