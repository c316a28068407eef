"""What OpenAI's API answers, seen by OpenInference."""

import openai
import pytest
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from playing import playing, streamed, whole

USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
CALL = {"name": "find", "arguments": '{"city": "Paris", "days": 2}'}


def chat(*messages, reason="stop"):
    choices = [
        {"index": at, "message": {"role": "assistant", **message}, "finish_reason": reason}
        for at, message in enumerate(messages)
    ]
    return whole({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o",
        "choices": choices, "usage": USAGE,
    })  # fmt: skip


def chunk(delta, reason=None):
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    kind = "chat.completion.chunk"
    common = {"id": "chatcmpl-1", "object": kind, "created": 1, "model": "gpt-4o"}
    return {**common, "choices": [choice]}


def called(at, **function):
    return {
        "tool_calls": [{"index": at, "id": f"call_{at}", "type": "function", "function": function}]
    }


CHATS = {
    "a text": chat({"content": "Paris is\nthe  capital. 🗼"}),
    "two choices": chat({"content": "Paris."}, {"content": "Lyon."}),
    "a call": chat(
        {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": CALL}]},
        reason="tool_calls",
    ),
    "a text and a call": chat(
        {"content": "Looking.", "tool_calls": [
            {"id": "call_1", "type": "function", "function": CALL}]},
        reason="tool_calls",
    ),
    "JSON": chat({"content": '{"city": "Paris"}'}),
}  # fmt: skip
STREAMS = {
    "a text": streamed(
        chunk({"role": "assistant", "content": ""}), chunk({"content": "Paris "}),
        chunk({"content": "is it.\n"}), chunk({}, "stop"), last=b"data: [DONE]\n\n",
    ),
    "calls": streamed(
        chunk({"role": "assistant", "content": None}),
        chunk(called(0, name="find", arguments="")), chunk(called(0, arguments='{"city": ')),
        chunk(called(0, arguments='"Paris"}')), chunk({}, "tool_calls"), last=b"data: [DONE]\n\n",
    ),
}  # fmt: skip


def response(*items):
    return whole(finished(*items))


def finished(*items):
    return {
        "id": "resp_1", "object": "response", "created_at": 1, "status": "completed",
        "model": "gpt-4o", "output": list(items), "parallel_tool_calls": True, "tools": [],
        "tool_choice": "auto", "error": None, "incomplete_details": None, "instructions": None,
        "metadata": {}, "usage": {
            "input_tokens": 1, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 1,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 2,
        },
    }  # fmt: skip


def said(*texts):
    content = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    common = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed"}
    return {**common, "content": content}


SEARCH = {
    "id": "ws_1", "type": "web_search_call", "status": "completed",
    "action": {"type": "search", "query": "capital of France"},
}  # fmt: skip
THOUGHT = {
    "id": "rs_1", "type": "reasoning",
    "summary": [{"type": "summary_text", "text": "France, so Paris."}],
}  # fmt: skip
CALL_ITEM = {
    "id": "fc_1",
    "type": "function_call",
    "call_id": "call_1",
    "status": "completed",
    **CALL,
}
RESPONSES = {
    "a text": response(said("Paris.")),
    "two texts": response(said("Paris.", "It is on the Seine.")),
    "a thought before the text": response(THOUGHT, said("Paris.")),
    "a search before the text": response(SEARCH, said("Paris.")),
    "a call": response(THOUGHT, CALL_ITEM),
    "a stream": streamed(
        {"type": "response.created", "sequence_number": 0, "response": finished()},
        {"type": "response.completed", "sequence_number": 1,
         "response": finished(THOUGHT, said("Paris is it."))},
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def instrumented():
    instrumentor = OpenAIInstrumentor()
    instrumentor.instrument(tracer_provider=TracerProvider())
    yield
    instrumentor.uninstrument()


def client(address):
    return openai.OpenAI(api_key="none", base_url=f"{address}/v1", max_retries=0)


@pytest.mark.parametrize("name", CHATS)
def test_chat(name):
    with playing(*CHATS[name]) as address:
        messages = [{"role": "user", "content": "What is the capital?"}]
        client(address).chat.completions.create(model="gpt-4o", messages=messages)


@pytest.mark.parametrize("name", STREAMS)
def test_streamed_chat(name):
    with playing(*STREAMS[name]) as address:
        messages = [{"role": "user", "content": "What is the capital?"}]
        for _ in client(address).chat.completions.create(
            model="gpt-4o", messages=messages, stream=True
        ):
            pass


@pytest.mark.parametrize("name", RESPONSES)
def test_responses(name):
    with playing(*RESPONSES[name]) as address:
        asked = {"model": "gpt-4o", "input": "What is the capital?"}
        if name == "a stream":
            for _ in client(address).responses.create(**asked, stream=True):
                pass
        else:
            client(address).responses.create(**asked)
