"""What Anthropic's API answers, seen by OpenInference."""

import anthropic
import pytest
from openinference.instrumentation.anthropic import AnthropicInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from playing import playing, streamed, whole

THOUGHT = {"type": "thinking", "thinking": "France, so Paris.", "signature": "c2ln"}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {"city": "Paris", "days": 2}}


def text(said):
    return {"type": "text", "text": said}


def message(*blocks, reason="end_turn"):
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4",
        "content": list(blocks), "stop_reason": reason, "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip


def block(at, begin, *deltas):
    yield {"type": "content_block_start", "index": at, "content_block": begin}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": at, "delta": delta}
    yield {"type": "content_block_stop", "index": at}


def stream(*blocks, reason="end_turn"):
    return streamed(
        {"type": "message_start", "message": message(reason=None)},
        *(event for events in blocks for event in events),
        {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None},
         "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    )  # fmt: skip


WHOLE = {
    "a text": message(text("Paris is\nthe  capital. 🗼")),
    "two texts": message(text("Paris."), text("It is on the Seine.")),
    "a thought before the text": message(THOUGHT, text("Paris.")),
    "a text and a call": message(text("Looking."), CALL, reason="tool_use"),
    "a call": message(CALL, reason="tool_use"),
}
SPOKEN = [{"type": "text_delta", "text": part} for part in ("Paris ", "is it.\n")]
THOUGHTS = [{"type": "thinking_delta", "thinking": "France."}]
ARGUMENTS = [{"type": "input_json_delta", "partial_json": p} for p in ('{"city": ', '"Paris"}')]
STREAMS = {
    "a text": stream(block(0, text(""), *SPOKEN)),
    "a thought before the text": stream(
        block(0, {**THOUGHT, "thinking": ""}, *THOUGHTS), block(1, text(""), *SPOKEN)
    ),
    "a call": stream(block(0, {**CALL, "input": {}}, *ARGUMENTS), reason="tool_use"),
}
ASKED = {
    "model": "claude-sonnet-4",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "What is the capital?"}],
}


@pytest.fixture(autouse=True)
def instrumented():
    instrumentor = AnthropicInstrumentor()
    instrumentor.instrument(tracer_provider=TracerProvider())
    yield
    instrumentor.uninstrument()


def client(address):
    return anthropic.Anthropic(api_key="none", base_url=address, max_retries=0)


@pytest.mark.parametrize("name", WHOLE)
def test_messages(name):
    with playing(*whole(WHOLE[name])) as address:
        client(address).messages.create(**ASKED)


@pytest.mark.parametrize("name", STREAMS)
def test_streamed_messages(name):
    with playing(*STREAMS[name]) as address:
        for _ in client(address).messages.create(**ASKED, stream=True):
            pass


@pytest.mark.parametrize("name", STREAMS)
def test_messages_by_the_helper_for_streams(name):
    with playing(*STREAMS[name]) as address, client(address).messages.stream(**ASKED) as events:
        for _ in events:
            pass
