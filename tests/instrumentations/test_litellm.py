"""LiteLLM's own callback ``otel``. It makes its spans after the call, on threads of its own."""

import pytest

from .models import QUESTION
from .programs import HASH, QUESTION_HASH

PACKAGE = "litellm"
# Without this it writes the model call onto the application's current span, if there is one.
OWN_SPANS = {"USE_OTEL_LITELLM_REQUEST_SPAN": "true"}
LITELLM = f"""
import asyncio, litellm
from opentelemetry.sdk.trace import SpanProcessor
litellm.callbacks = ["otel"]
MESSAGES = [{{"role": "user", "content": {QUESTION!r}}}]

def named(model):
    return {{"model": "openai/" + model, "messages": MESSAGES}}
"""
# A service goes on; a program has to wait for the callbacks.
WAITING = """
import threading

class Ended(SpanProcessor):
    def __init__(self):
        self.spans = threading.Semaphore(0)

    def on_end(self, span):
        if span.name == "litellm_request" or "gen_ai.operation.name" in span.attributes:
            self.spans.release()

ended = Ended()
tracer_provider.add_span_processor(ended)

def waiting():
    assert ended.spans.acquire(timeout=60)
"""
CASES = """
litellm.completion(**named("whole"))
waiting()
list(litellm.completion(stream=True, **named("streamed")))
waiting()
litellm.completion(**named("tools"))
waiting()
litellm.completion(n=2, **named("two"))
waiting()
try:
    litellm.completion(max_retries=0, **named("broken"))
except litellm.BadRequestError:
    waiting()

async def main():
    await litellm.acompletion(**named("whole"))
    await asyncio.to_thread(waiting)
    async for _ in await litellm.acompletion(stream=True, **named("streamed")):
        pass
    await asyncio.to_thread(waiting)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def python(environment):
    return environment("chains")


def test_every_case(run, python):
    ran = run(python, LITELLM + WAITING + CASES, **OWN_SPANS)
    assert ran.answers == {
        "whole": [HASH, HASH],
        "streamed": [HASH, HASH],
        "tools": [None],
        "two": [HASH],
        "broken": [None],
    }
    assert ran.questions == {QUESTION_HASH}


REQUEST = """
with trace.get_tracer("app").start_as_current_span("POST /chat"):
    litellm.completion(**named("first"))
    CALLBACK
    litellm.completion(**named("second"))
    CALLBACK
"""


def test_in_a_request_with_spans_of_its_own(run, python):
    program = LITELLM + WAITING + REQUEST.replace("CALLBACK", "waiting()")
    ran = run(python, program, **OWN_SPANS)
    assert ran.answers == {"first": [HASH], "second": [HASH]}
    assert len({output["ai_feedback.request.span_id"] for output in ran.outputs}) == 1


def test_in_a_request_by_default_the_last_call_is_all_there_is(run, python):
    """The service's own span becomes the output."""
    seen = """
    while "name" not in trace.get_current_span().attributes.get("gen_ai.request.model", ""):
        time.sleep(0.05)
"""
    first, second = (seen.replace("name", model) for model in ("first", "second"))
    request = REQUEST.replace("    CALLBACK\n", first, 1).replace("    CALLBACK\n", second)
    ran = run(python, LITELLM + "import time\n" + request)
    assert ran.answers == {"second": [HASH]}
    (output,) = (span for span in ran.spans if "ai_feedback.request.seq" in span["attributes"])
    assert output["name"] == "POST /chat"


def test_recorded(record, python):
    record(
        "litellm",
        python,
        PACKAGE,
        LITELLM + WAITING + 'litellm.completion(**named("gpt-4o"))\nwaiting()',
        variables=OWN_SPANS,
    )
    record(
        "litellm-async-streamed",
        python,
        PACKAGE,
        f"""
{LITELLM}{WAITING}
async def main():
    async for _ in await litellm.acompletion(stream=True, **named("gpt-4o")):
        pass
    await asyncio.to_thread(waiting)

asyncio.run(main())
""",
        variables=OWN_SPANS,
    )
