"""Langfuse's SDK: its openai client, and functions that it observes."""

import pytest

from capture.fakes import ANSWER

from .models import QUESTION
from .programs import BOTH, FIRST_PIECE, HASH, QUESTION_HASH
from .user_code import OPENAI, OPENAI_CASES, OPENAI_PARTS, OPENAI_RESPONSES

PACKAGE = "langfuse"
ON = {
    "LANGFUSE_PUBLIC_KEY": "public",
    "LANGFUSE_SECRET_KEY": "secret",
    "LANGFUSE_BASE_URL": "http://127.0.0.1:9",
}
CLIENT = OPENAI.replace("import openai\n", "from langfuse.openai import openai\n")
OBSERVED = f"""
from langfuse import observe

@observe
def pipeline(question):
    return ask("inner").choices[0].message.content

@observe(as_type="generation")
def own(question):
    return client.chat.completions.create(model="own", messages=MESSAGES).choices[0].message.content

pipeline({QUESTION!r})
own({QUESTION!r})
"""


@pytest.fixture(scope="module")
def python(environment):
    return environment("current")


def test_openai(run, python):
    program = CLIENT + OPENAI_CASES + OPENAI_PARTS + OPENAI_RESPONSES
    ran = run(python, program, **ON)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        "aborted": [FIRST_PIECE],
        "tools": [None, None],
        # It puts a stream together without telling choices apart.
        "two": [HASH, BOTH],
        "empty": ["empty"],
        "broken": [None],
        "parts": [HASH],
        "response": [HASH],
        "response streamed": [HASH],
        "thinks": [HASH],
        "tools response": [None],
    }
    assert ran.questions == {QUESTION_HASH}


def test_observed_functions(run, python):
    ran = run(python, CLIENT + OBSERVED, **ON)
    # A function that is said to be a generation has no model of its own.
    assert ran.answers == {"inner": [HASH], "own": [HASH], None: [HASH]}
    assert ran.questions == {QUESTION_HASH}


def test_a_trace_whose_id_the_application_gives(run, python):
    # The parent is then a span that records nothing.
    named = f"""
from langfuse import Langfuse

for number in range(2):
    made = Langfuse().start_observation(
        as_type="generation", name="own", model="own", input={QUESTION!r},
        trace_context={{"trace_id": "ab" * 16}},
    )
    made.update(output={ANSWER!r})
    made.end()
"""
    ran = run(python, named, **ON)
    assert ran.answers == {"own": [HASH, HASH]}
    assert {span["trace_id"] for span in ran.spans} == {"ab" * 16}


def test_recorded(record, python):
    session = (
        'from langfuse import propagate_attributes\nwith propagate_attributes(session_id="s-1"):'
    )
    record(
        "langfuse",
        python,
        PACKAGE,
        CLIENT + f'{session}\n    ask("gpt-4o")\n',
        variables=ON,
        response_ids=[""],
        session="s-1",
    )
    record(
        "langfuse-streamed",
        python,
        PACKAGE,
        CLIENT + 'list(ask("gpt-4o", stream=True))',
        variables=ON,
        response_ids=[""],
    )
