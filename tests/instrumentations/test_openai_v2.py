"""opentelemetry-instrumentation-openai-v2: the messages are log events, the span has none.

With a later opentelemetry-util-genai the same release uses that instead.
"""

import pytest

from .programs import FIRST_PIECE, HASH, QUESTION_HASH
from .user_code import OPENAI, OPENAI_CASES, OPENAI_PARTS

PACKAGE = "opentelemetry-instrumentation-openai-v2"
ON = """
from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor
OpenAIInstrumentor().instrument()
"""
# Its older releases record content where this is true, the later ones where it names a place.
CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


@pytest.fixture(scope="module")
def python(environment):
    return environment("before")


@pytest.fixture(scope="module")
def later(environment):
    return environment("openai-v2-later")


def test_content_on(run, python):
    program = ON + OPENAI + OPENAI_CASES + OPENAI_PARTS
    ran = run(python, program, **{CONTENT: "true"})
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        "aborted": [FIRST_PIECE],
        "tools": [None, None],
        "two": [HASH, HASH],
        # An event without text looks the same with content capture off.
        "empty": [None],
        "broken": [None],
        "parts": [HASH],
    }
    assert ran.questions == {QUESTION_HASH}


def test_content_off(run, python):
    ran = run(python, ON + OPENAI + 'ask("whole")\nask("tools")')
    assert ran.answers == {"whole": [None], "tools": [None]}
    assert ran.questions == {None}


def test_over_a_later_util_genai(run, later):
    ran = run(later, ON + OPENAI + OPENAI_CASES)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        "aborted": [FIRST_PIECE],
        "tools": [None, None],
        "two": [HASH, HASH],
        "empty": ["empty"],
        "broken": [None],
    }
    assert ran.questions == {QUESTION_HASH}
    assert b"capital" not in ran.sent


def test_recorded(record, python):
    program = ON + OPENAI
    content = {CONTENT: "true"}
    record("openai-v2", python, PACKAGE, program + 'ask("gpt-4o")', variables=content)
    record(
        "openai-v2-streamed",
        python,
        PACKAGE,
        program + 'list(ask("gpt-4o", stream=True))',
        variables=content,
    )
