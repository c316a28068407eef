"""Pydantic Logfire's instrumentations of the OpenAI and the Anthropic client."""

import pytest

from .models import QUESTION
from .programs import FIRST_PIECE, HASH, QUESTION_HASH
from .user_code import (
    ANTHROPIC,
    ANTHROPIC_CASES,
    OPENAI,
    OPENAI_CASES,
    OPENAI_PARTS,
    OPENAI_RESPONSES,
    WITHOUT_ITS_OWN_SPANS,
)

PACKAGE = "logfire"
# It builds its own providers, which export as the standard variables say.
PROVIDERS = """
import logfire
"""
ON = """
logfire.configure(send_to_logfire=False, console=False)
logfire.instrument_openai()
logfire.instrument_anthropic()
"""


@pytest.fixture(scope="module")
def python(environment):
    return environment("current")


@pytest.fixture(scope="module")
def old(environment):
    return environment("old")


def test_openai(run, python):
    program = ON + OPENAI + OPENAI_CASES + OPENAI_PARTS + OPENAI_RESPONSES
    ran = run(python, program, providers=PROVIDERS)
    assert ran.answers == {
        "whole": [HASH],
        # The answer of a stream comes with a second span, when it has been read to its end.
        "streamed": [None, HASH],
        "aborted": [None, FIRST_PIECE],
        "tools": [None, None, None],
        "two": [HASH, None, HASH],
        "empty": ["empty"],
        "broken": [None],
        "parts": [HASH],
        "response": [HASH],
        "response streamed": [None, HASH],
        "thinks": [HASH],
        "tools response": [None],
    }
    assert ran.questions == {QUESTION_HASH}


def test_anthropic(run, python):
    program = ON + ANTHROPIC + ANTHROPIC_CASES
    ran = run(python, program, providers=PROVIDERS, **WITHOUT_ITS_OWN_SPANS)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [None, HASH],
        "text streamed": [None, HASH],
        "aborted": [None],
        "tools": [None],
        "thinks": [HASH],
        "broken": [None],
    }
    assert ran.questions == {QUESTION_HASH}


def test_old_openai(run, old):
    program = ON + OPENAI + OPENAI_CASES + OPENAI_PARTS + OPENAI_RESPONSES
    ran = run(old, program, providers=PROVIDERS)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [None, HASH],
        "aborted": [None, FIRST_PIECE],
        "tools": [None, None, None],
        "two": [HASH, None, HASH],
        "empty": ["empty"],
        "broken": [None],
        "parts": [HASH],
        "response": [HASH],
        "response streamed": [None, HASH],
        "thinks": [HASH],
        "tools response": [None],
    }
    assert ran.questions == {QUESTION_HASH}


def test_old_anthropic(run, old):
    ran = run(old, ON + ANTHROPIC + ANTHROPIC_CASES, providers=PROVIDERS)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [None, HASH],
        "text streamed": [None, HASH],
        "aborted": [None],
        "tools": [None],
        "thinks": [HASH],
        "broken": [None],
    }
    assert ran.questions == {QUESTION_HASH}


def test_recorded(record, python, old):
    streamed = ON + OPENAI + 'list(ask("gpt-4o", stream=True))'
    record("logfire", python, PACKAGE, ON + OPENAI + 'ask("gpt-4o")', providers=PROVIDERS)
    record("logfire-streamed", python, PACKAGE, streamed, providers=PROVIDERS, response_ids=[""])
    record(
        "logfire-old",
        old,
        PACKAGE,
        ON + OPENAI + 'ask("gpt-4o")',
        providers=PROVIDERS,
    )
    record(
        "logfire-old-streamed",
        old,
        PACKAGE,
        ON + ANTHROPIC + 'list(ask("claude", stream=True))',
        providers=PROVIDERS,
        model="claude",
        response_ids=[""],
    )
    record(
        "logfire-old-responses",
        old,
        PACKAGE,
        ON + OPENAI + f'client.responses.create(model="gpt-4o", input={QUESTION!r})',
        providers=PROVIDERS,
        response_ids=["resp_gpt-4o"],
    )
