"""OpenTelemetry's own instrumentations, built on opentelemetry-util-genai."""

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

PACKAGE = "opentelemetry-instrumentation-genai-"
ON_OPENAI = """
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
OpenAIInstrumentor().instrument()
"""
ON_ANTHROPIC = """
from opentelemetry.instrumentation.genai.anthropic import AnthropicInstrumentor
AnthropicInstrumentor().instrument()
"""
CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
# Off is the default: the completion hook gets the messages all the same.
MODES = ["NO_CONTENT", "SPAN_ONLY", "EVENT_ONLY", "SPAN_AND_EVENT"]


@pytest.fixture(scope="module")
def python(environment):
    return environment("current")


@pytest.mark.parametrize("mode", MODES)
def test_openai(run, python, mode):
    program = ON_OPENAI + OPENAI + OPENAI_CASES + OPENAI_PARTS + OPENAI_RESPONSES
    ran = run(python, program, **{CONTENT: mode})
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
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
    assert (b"capital" in ran.sent) is (mode != "NO_CONTENT")


@pytest.mark.parametrize("mode", MODES)
def test_anthropic(run, python, mode):
    program = ON_ANTHROPIC + ANTHROPIC + ANTHROPIC_CASES
    ran = run(python, program, **{CONTENT: mode}, **WITHOUT_ITS_OWN_SPANS)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        "text streamed": [HASH],
        "aborted": [FIRST_PIECE],
        "tools": [None],
        "thinks": [HASH],
        "broken": [None],
    }
    assert ran.questions == {QUESTION_HASH}


def test_the_anthropic_client_makes_spans_of_its_own(run, python):
    """They have no text: the handle is that of the instrumentation's span around them."""
    program = f"""
{ON_ANTHROPIC}{ANTHROPIC}
import otel_ai_feedback
with trace.get_tracer("app").start_as_current_span("POST /chat"):
    ask("whole")
    handle = otel_ai_feedback.output_handle()
    assert otel_ai_feedback.record_action(handle, "copy", 1.0)
    list(ask("streamed", stream=True))
    handle = otel_ai_feedback.output_handle()
    assert otel_ai_feedback.record_action(handle, "copy", 1.0)
"""
    ran = run(python, program)
    assert {model: sorted(map(str, found)) for model, found in ran.answers.items()} == {
        "whole": ["None", HASH],
        "streamed": ["None", HASH],
    }
    actions = [span for span in ran.spans if span["name"] == "ai_feedback copy"]
    assert [a["attributes"]["ai_feedback.output.hash"] for a in actions] == [HASH, HASH]


def test_recorded(record, python):
    content = {CONTENT: "SPAN_ONLY"}
    openai = ON_OPENAI + OPENAI
    record("genai-openai", python, f"{PACKAGE}openai", openai + 'ask("gpt-4o")', variables=content)
    record(
        "genai-openai-streamed",
        python,
        f"{PACKAGE}openai",
        openai + 'list(ask("gpt-4o", stream=True))',
        variables=content,
    )
    record(
        "genai-openai-events",
        python,
        f"{PACKAGE}openai",
        openai + 'ask("gpt-4o")',
        variables={CONTENT: "EVENT_ONLY"},
    )
    record(
        "genai-anthropic",
        python,
        f"{PACKAGE}anthropic",
        ON_ANTHROPIC + ANTHROPIC + 'ask("claude")',
        variables=content,
        model="claude",
        response_ids=["msg_1"],
    )


def test_recorded_beside_another(record, python):
    """Two instrumentations of one client: two spans with one text, which the store counts once."""
    both = """
from openinference.instrumentation.openai import OpenAIInstrumentor
OpenAIInstrumentor().instrument()
"""
    content = {CONTENT: "SPAN_ONLY"}
    program = ON_OPENAI + both + OPENAI + 'ask("gpt-4o")'
    record("genai-openai-twice", python, f"{PACKAGE}openai", program, variables=content)
