"""The same three lines of user code under real instrumentations, each in a process of its own.

Nothing is set up but the instrumentation, ``otel_ai_feedback.instrument()`` and the standard
OTLP variables; the real client talks to a local server and the spans are what a collector gets.
"""

import json
import os
import subprocess
import sys

import pytest

from otel_ai_feedback.capture.text.hashing import hash_text
from otel_ai_feedback.capture.text.normalise import normalise

from .fakes import ANSWER, OpenAI, collecting, plain, serving, url
from .telemetry import KEY

pytestmark = pytest.mark.slow

CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
GENAI = "opentelemetry.instrumentation.genai.openai"
INSTRUMENTATIONS = {
    "genai, content off": (GENAI, {}),
    "genai, content on": (GENAI, {CONTENT: "span_only"}),
    "genai, event only": (GENAI, {CONTENT: "event_only"}),
    "openinference": ("openinference.instrumentation.openai", {}),
    "openllmetry": ("opentelemetry.instrumentation.openai", {}),
}
HASH = hash_text(ANSWER, KEY.encode())
QUESTION = "What is the capital of France, and since when?"
MESSAGES = [{"role": "user", "content": QUESTION}]

INSTRUMENT = "import otel_ai_feedback; otel_ai_feedback.instrument()"
USER_CODE = """
import openai
client = openai.OpenAI()
answer = client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=STREAM)
"""
CONSUME = "list(answer) if STREAM else None"


@pytest.fixture(scope="module")
def openai_url():
    with serving(OpenAI) as server:
        yield url(server, "/v1")


def run(program, openai_url, tmp_path, environment):
    """Run a program against both servers; what the collector got."""
    with collecting() as collector:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OTEL_")}
        finished = subprocess.run(
            [sys.executable, "-c", program],
            env=kept | {
                "OPENAI_BASE_URL": openai_url, "OPENAI_API_KEY": "none",
                "OTEL_EXPORTER_OTLP_ENDPOINT": url(collector), "OTEL_SERVICE_NAME": "shop",
                "OTEL_AI_FEEDBACK_KEY": KEY, "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path),
            } | environment,
            capture_output=True, text=True, timeout=120, cwd=tmp_path,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stderr
        assert "Traceback" not in finished.stderr, finished.stderr
        return collector


def program(module, *, model="gpt-4o", stream=False, first="instrument", code=USER_CODE):
    theirs = f"from {module} import OpenAIInstrumentor; OpenAIInstrumentor().instrument()"
    lines = [INSTRUMENT, theirs] if first == "instrument" else [theirs, INSTRUMENT]
    return "\n".join(
        [*lines, f"MODEL, STREAM, MESSAGES = {model!r}, {stream}, {MESSAGES!r}", code, CONSUME]
    )


def outputs(collector):
    found = [plain(span.attributes) for span in collector.spans]
    return [attributes for attributes in found if "ai_feedback.output.time" in attributes]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", INSTRUMENTATIONS)
def test_same_hash(name, stream, openai_url, tmp_path):
    module, environment = INSTRUMENTATIONS[name]
    collector = run(program(module, stream=stream), openai_url, tmp_path, environment)
    (output,) = outputs(collector)
    assert output["ai_feedback.output.hash"] == HASH
    assert output["ai_feedback.output.length"] == len(normalise(ANSWER).decode())
    assert output["ai_feedback.input.hash"] == hash_text(QUESTION, KEY.encode())
    assert len(output["ai_feedback.input.sketch"]) == 256


@pytest.mark.parametrize("name", ["genai, content off", "openinference", "openllmetry"])
def test_the_order_of_switching_on_does_not_matter(name, openai_url, tmp_path):
    module, environment = INSTRUMENTATIONS[name]
    collector = run(program(module, first="theirs"), openai_url, tmp_path, environment)
    assert [output["ai_feedback.output.hash"] for output in outputs(collector)] == [HASH]


@pytest.mark.parametrize("name", ["genai, content off", "openinference", "openllmetry"])
def test_answers_without_text(name, openai_url, tmp_path):
    module, environment = INSTRUMENTATIONS[name]
    calls = """
import openai
client = openai.OpenAI(max_retries=0)
for model in ("empty", "tools", "two", "broken"):
    try:
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "?"}])
    except openai.BadRequestError:
        pass
answer = None
"""
    collector = run(program(module, code=calls), openai_url, tmp_path, environment)
    empty, tools, two, broken = outputs(collector)
    for output in (empty, tools, broken):
        assert "ai_feedback.output.hash" not in output
    assert empty["ai_feedback.output.length"] == 0
    assert "ai_feedback.output.length" not in tools
    assert "ai_feedback.output.length" not in broken
    assert two["ai_feedback.output.hash"] == HASH


def test_with_content_off_no_text_leaves(openai_url, tmp_path):
    collector = run(program(GENAI), openai_url, tmp_path, {})
    sent = b"".join(collector.bodies)
    assert outputs(collector)
    for text in ("capital", "Paris", "France"):
        assert text.encode() not in sent


def test_with_content_off_text_is_added_in_the_sample(openai_url, tmp_path):
    lot = {"OTEL_AI_FEEDBACK_REVIEW_TEXT": "sample", "OTEL_AI_FEEDBACK_REVIEW_TEXT_RATE": "1"}
    collector = run(program(GENAI), openai_url, tmp_path, lot)
    (output,) = outputs(collector)
    assert output["ai_feedback.text.rate"] == 1
    assert output["ai_feedback.output.hash"] == HASH
    for name, text in (("input", QUESTION), ("output", ANSWER)):
        (message,) = json.loads(output[f"gen_ai.{name}.messages"])
        assert message["parts"] == [{"type": "text", "content": text}]


@pytest.mark.parametrize("name", ["genai, content on", "openinference", "openllmetry"])
def test_with_content_on_none_stays_outside_of_the_sample(name, openai_url, tmp_path):
    module, environment = INSTRUMENTATIONS[name]
    lot = {"OTEL_AI_FEEDBACK_REVIEW_TEXT": "sample", "OTEL_AI_FEEDBACK_REVIEW_TEXT_RATE": "1e-9"}
    collector = run(program(module), openai_url, tmp_path, environment | lot)
    (output,) = outputs(collector)
    assert output["ai_feedback.output.hash"] == HASH
    assert "ai_feedback.text.rate" not in output
    assert b"capital" not in b"".join(collector.bodies)


def test_another_completion_hook_is_kept_and_called(openai_url, tmp_path):
    code = f"""
class Theirs:
    calls = 0
    def on_completion(self, **arguments):
        Theirs.calls += 1
from {GENAI} import OpenAIInstrumentor
OpenAIInstrumentor().uninstrument()
OpenAIInstrumentor().instrument(completion_hook=Theirs())
{USER_CODE}
assert Theirs.calls == 1
"""
    collector = run(program(GENAI, code=code), openai_url, tmp_path, {})
    assert [output["ai_feedback.output.hash"] for output in outputs(collector)] == [HASH]


def test_the_async_client_and_two_instrumentations_at_once(openai_url, tmp_path):
    code = """
import asyncio, openai
from openinference.instrumentation.openai import OpenAIInstrumentor
OpenAIInstrumentor().instrument()
async def main():
    client = openai.AsyncOpenAI()
    await client.chat.completions.create(model=MODEL, messages=MESSAGES)
asyncio.run(main())
answer = None
"""
    collector = run(program(GENAI, code=code), openai_url, tmp_path, {})
    found = outputs(collector)
    assert [output["ai_feedback.output.hash"] for output in found] == [HASH, HASH]
    assert [output["ai_feedback.request.seq"] for output in found] == [1, 2]
    assert len({output["ai_feedback.request.span_id"] for output in found}) == 1


@pytest.mark.parametrize("name", ["genai, content off", "openinference", "openllmetry"])
def test_from_the_answer_to_the_action(name, openai_url, tmp_path):
    module, environment = INSTRUMENTATIONS[name]
    code = f"""
with otel_ai_feedback.conversation("c1", subject="ann"):
{USER_CODE.replace(chr(10), chr(10) + "    ")}
    handle = otel_ai_feedback.output_handle(response_id=answer.id)
assert otel_ai_feedback.record_action(handle, "copy", 0.8)
"""
    collector = run(program(module, code=code), openai_url, tmp_path, environment)
    (action,) = [span for span in collector.spans if span.name == "ai_feedback copy"]
    (output,) = [span for span in collector.spans if span.name != "ai_feedback copy"]
    (link,) = action.links
    assert (link.trace_id, link.span_id) == (output.trace_id, output.span_id)
    assert plain(action.attributes)["ai_feedback.output.hash"] == HASH
    assert plain(output.attributes)["gen_ai.conversation.id"] == "c1"
    # On its span, or in an event if the span was read before the handle left; never both.
    sent = [plain(one.attributes) for one in (output, *collector.logs)]
    kinds = [one["ai_feedback.handle.kind"] for one in sent if "ai_feedback.handle.kind" in one]
    assert kinds == ["output"]


def test_an_aborted_stream_has_the_hash_of_what_came(openai_url, tmp_path):
    code = (
        USER_CODE
        + "print(next(answer).choices[0].delta.content, end=''); answer.close()\nanswer = ()"
    )
    collector = run(program(GENAI, stream=True, code=code), openai_url, tmp_path, {})
    (output,) = outputs(collector)
    assert output["ai_feedback.output.hash"] == hash_text(ANSWER[:7], KEY.encode())
