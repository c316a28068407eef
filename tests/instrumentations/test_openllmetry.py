"""OpenLLMetry, by Traceloop: as it is, and before it adopted gen_ai.output.messages."""

import pytest

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

PACKAGE = "opentelemetry-instrumentation-"
ON_OPENAI = """
from opentelemetry.instrumentation.openai import OpenAIInstrumentor
OpenAIInstrumentor().instrument()
"""
ON_ANTHROPIC = """
from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
AnthropicInstrumentor().instrument()
"""


@pytest.fixture(scope="module")
def python(environment):
    return environment("current")


@pytest.fixture(scope="module")
def old(environment):
    return environment("old")


def test_openai(run, python):
    program = ON_OPENAI + OPENAI + OPENAI_CASES + OPENAI_PARTS + OPENAI_RESPONSES
    ran = run(python, program)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        # Closing the stream does not end its span; dropping the last reference does.
        "aborted": [FIRST_PIECE],
        "tools": [None, None],
        "two": [HASH, HASH],
        "empty": ["empty"],
        "broken": [None],
        "parts": [HASH],
        "response": [HASH],
        "response streamed": [HASH],
        "thinks": [HASH],
        "tools response": [None],
    }
    assert ran.questions == {QUESTION_HASH}


def test_anthropic(run, python):
    program = ON_ANTHROPIC + ANTHROPIC + ANTHROPIC_CASES
    ran = run(python, program, **WITHOUT_ITS_OWN_SPANS)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        "text streamed": [HASH],
        "tools": [None],
        "thinks": [HASH],
        "broken": [None],
    }
    assert ran.questions == {QUESTION_HASH}


def test_old_openai(run, old):
    ran = run(old, ON_OPENAI + OPENAI + OPENAI_CASES + OPENAI_PARTS)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        "tools": [None, None],
        "two": [HASH, HASH],
        "empty": ["empty"],
        "broken": [None],
        "parts": [HASH],
    }
    assert ran.questions == {QUESTION_HASH}


def test_old_anthropic(run, old):
    ran = run(old, ON_ANTHROPIC + ANTHROPIC + ANTHROPIC_CASES)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        # Its spans of messages.stream() end before the answer is there.
        "text streamed": [None],
        "aborted": [None],
        "tools": [None],
        "thinks": [HASH],
        # A call that fails never ends its span: "broken" is not seen.
    }
    assert ran.questions == {QUESTION_HASH}


def test_recorded(record, python, old):
    program = ON_OPENAI + OPENAI
    record("openllmetry-openai", python, f"{PACKAGE}openai", program + 'ask("gpt-4o")')
    record("openllmetry-openai-old", old, f"{PACKAGE}openai", program + 'ask("gpt-4o")')
    record(
        "openllmetry-openai-old-streamed",
        old,
        f"{PACKAGE}openai",
        program + 'list(ask("gpt-4o", stream=True))',
    )
    record(
        "openllmetry-anthropic-old",
        old,
        f"{PACKAGE}anthropic",
        ON_ANTHROPIC + ANTHROPIC + 'ask("thinks")',
        model="thinks",
        response_ids=["msg_1"],
    )
