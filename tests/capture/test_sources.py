"""Where each convention keeps its text.

One file, although it is long: a table of what is recorded and what is read from it.
"""

import json

import pytest

from otel_ai_feedback.capture.sources import (
    SOURCES,
    find_answer,
    find_last_user_turn,
    find_response_id,
    recognise,
)
from otel_ai_feedback.capture.sources.answer import (
    ABSENT,
    CALLS_ONLY,
    NO_TEXT,
    TRUNCATED,
    UNFINISHED,
    UNPARSEABLE,
    Answer,
)
from otel_ai_feedback.capture.sources.source import Recorded

OUT, IN = "llm.output_messages.0.message.", "llm.input_messages."


def text(*contents):
    return [{"type": "text", "content": content} for content in contents]


def gen_ai(*parts, **message):
    return {
        "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": parts, **message}])
    }


def items(*parts):
    messages = [{"role": "assistant", "parts": p, "finish_reason": "stop"} for p in parts]
    return {"gen_ai.output.messages": json.dumps(messages)}


def openai_response(**message):
    return {
        "output.value": json.dumps({"id": "1", "choices": [{"index": 0, "message": message}]}),
        "output.mime_type": "application/json",
    }


LLM = {
    "LangSmith": ({"langsmith.span.kind": "llm"}, "gen_ai.completion", "gen_ai.prompt"),
    "Langfuse": (
        {"langfuse.observation.type": "generation"},
        "langfuse.observation.output",
        "langfuse.observation.input",
    ),
    "MLflow": ({"mlflow.spanType": '"LLM"'}, "mlflow.spanOutputs", "mlflow.spanInputs"),
    "Google ADK": ({}, "gcp.vertex.agent.llm_response", "gcp.vertex.agent.llm_request"),
    "Haystack": (
        {"haystack.component.output_spec": '{"replies": {}}'},
        "haystack.component.output",
        "haystack.component.input",
    ),
}
# What model calls return, as the models' own APIs and the frameworks have it.
RESPONSES = {
    "chat completion": ({"choices": [{"message": {"content": "a"}}]}, Answer("a")),
    "its parts": (
        {"choices": [{"message": {"content": [{"type": "text", "text": "a"}]}}]}, Answer("a"),
    ),
    "two choices": (
        {"choices": [{"message": {"content": "a"}}, {"message": {"content": "b"}}]}, Answer("a"),
    ),
    "a call in it": (
        {"choices": [{"message": {"content": None, "tool_calls": [{"id": "1"}]}}]}, CALLS_ONLY,
    ),
    "a call that a stream lost": (
        {"choices": [{"message": {"content": ""}, "finish_reason": "tool_calls"}]}, CALLS_ONLY,
    ),
    "text beside a call": (
        {"choices": [{"message": {"content": "a", "tool_calls": [{"id": "1"}]}}]},
        Answer("a", None, True),
    ),
    "responses": (
        {"output": [
            {"type": "reasoning", "content": [{"type": "text", "text": "hm"}]},
            {"type": "message", "content": [{"type": "output_text", "text": "a"}]},
        ]},
        Answer("a"),
    ),
    "Anthropic": (
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"},
        ]},
        Answer("a"),
    ),
    "Anthropic's call": (
        {"role": "assistant", "content": [{"type": "tool_use", "id": "1"}]}, CALLS_ONLY,
    ),
    "Gemini": (
        {"candidates": [{"content": {"role": "model", "parts": [
            {"text": "hm", "thought": True}, {"text": "a"},
        ]}}]},
        Answer("a"),
    ),
    "ADK": ({"content": {"role": "model", "parts": [{"text": "a"}]}}, Answer("a")),
    "ADK's call": (
        {"content": {"role": "model", "parts": [{"function_call": {"name": "f"}}]}}, CALLS_ONLY,
    ),
    "LangChain": ({"generations": [[{"text": "a"}]]}, Answer("a")),
    "LangChain's call": (
        {"generations": [[{"text": "", "message": {"lc": 1, "kwargs": {
            "type": "ai", "content": "", "tool_calls": [{"id": "1"}],
        }}}]]},
        CALLS_ONLY,
    ),
    "LangChain's message": ({"lc": 1, "kwargs": {"type": "ai", "content": "a"}}, Answer("a")),
    "Haystack": ({"replies": [{"role": "assistant", "content": [{"text": "a"}]}]}, Answer("a")),
    "Haystack's thought": (
        {"replies": [{"role": "assistant", "content": [
            {"reasoning": {"reasoning_text": "hm"}}, {"text": "a"},
        ]}]},
        Answer("a"),
    ),
    "Haystack's text": ({"replies": ["a"]}, Answer("a")),
    "Ollama": ({"message": {"role": "assistant", "content": "a"}}, Answer("a")),
    "an image alone": (
        {"role": "assistant", "content": [{"type": "image_url", "image_url": {}}]}, NO_TEXT,
    ),
    "structured output": (
        {"choices": [{"message": {"content": None, "tool_calls": [
            {"id": "1", "function": {"name": "f", "arguments": '{ "a": "b c" }'}},
        ]}}]},
        Answer('{"a":"b c"}', None, True, True),
    ),
    "Anthropic's structured output": (
        {"role": "assistant", "content": [{"type": "tool_use", "input": {"a": "b c"}}]},
        Answer('{"a":"b c"}', None, True, True),
    ),
    "Gemini's structured output": (
        {"candidates": [{"content": {"parts": [{"functionCall": {"args": {"a": "b c"}}}]}}]},
        Answer('{"a":"b c"}', None, True, True),
    ),
    "responses with a hosted search": (
        {"output": [
            {"type": "web_search_call", "action": {"query": "q"}},
            {"type": "message", "content": [{"type": "output_text", "text": "a"}]},
        ]},
        Answer("a"),
    ),
    "spoken": (
        {"choices": [{"message": {"content": None, "audio": {"id": "1", "transcript": "a"}}}]},
        Answer("a"),
    ),
}  # fmt: skip
REQUESTS = {
    "messages": {
        "messages": [{"role": "user", "content": "one"}, {"role": "user", "content": "q"}]
    },
    "a tool's result after it": {
        "messages": [{"role": "user", "content": "q"}, {"role": "tool", "content": "found"}]
    },
    "text beside an image": {
        "messages": [
            {"role": "user", "content": [{"type": "image_url"}, {"type": "text", "text": "q"}]}
        ]
    },
    "input": {"input": "q"},
    "input items": {"input": [{"role": "user", "content": [{"type": "input_text", "text": "q"}]}]},
    "prompt": {"prompt": "q"},
    "prompts": {"prompts": ["q"]},
    "Gemini": {"contents": [{"role": "user", "parts": [{"text": "q"}]}]},
    "LangChain": {"messages": [[{"lc": 1, "kwargs": {"type": "human", "content": "q"}}]]},
    "LangChain's data": {
        "messages": [{"type": "human", "data": {"type": "human", "content": "q"}}]
    },
}


@pytest.mark.parametrize("convention", LLM)
@pytest.mark.parametrize("response", RESPONSES)
def test_what_a_call_returned(convention, response):
    marks, output, _ = LLM[convention]
    returned, expected = RESPONSES[response]
    span = Recorded(marks | {output: json.dumps(returned), LLM[convention][2]: "{}"})
    assert find_answer(recognise(span), span) == expected


@pytest.mark.parametrize("convention", LLM)
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_what_a_call_was_given(convention, request_):
    marks, _, given = LLM[convention]
    span = Recorded(marks | {given: json.dumps(request_)})
    assert find_last_user_turn(recognise(span), span) == "q"


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        # A stream as Google ADK has it, to its end and left before; two choices are none.
        ([("a ", ""), ("b", ""), ("c", "stop")], Answer("a bc")),
        ([("a ", ""), ("b", "")], Answer("a b")),
        ([("a", "stop"), ("b", "stop")], Answer("a")),
        ([("a", None), ("b", None)], Answer("a")),
    ],
)
def test_pieces_of_a_stream(attributes, expected):
    messages = [
        {"role": "assistant", "parts": text(content), "finish_reason": reason}
        for content, reason in attributes
    ]
    span = Recorded({"gen_ai.output.messages": json.dumps(messages)})
    assert find_answer(SOURCES, span) == expected


@pytest.mark.parametrize("answer", ['{"answer": 42}', "[1, 2]", "42", "null", "true", "plain"])
def test_an_answer_that_is_json_is_a_text_for_langfuse(answer):
    span = Recorded({"langfuse.observation.output": answer})
    assert find_answer(SOURCES, span) == Answer(answer)


def test_the_last_piece_of_a_stream_is_not_its_answer():
    piece = {"content": {"parts": [{"text": "end"}], "role": "model"}, "partial": True}
    span = Recorded({"gcp.vertex.agent.llm_response": json.dumps(piece)})
    assert find_answer(SOURCES, span) == ABSENT


STRUCTURED = Answer('{"a":[1,"b c"]}', None, True, True)
REASONING = {"type": "reasoning", "content": "hm"}
ANSWERS = [
    ("nothing recorded", {}, ABSENT),
    ("one part", gen_ai(*text("a")), Answer("a")),
    ("parts are joined by one newline", gen_ai(*text("a", "b")), Answer("a\nb")),
    ("reasoning is left out", gen_ai(REASONING, *text("a")), Answer("a")),
    ("reasoning alone is nothing", gen_ai(REASONING), Answer("")),
    ("text beside a tool call", gen_ai(*text("a"), {"type": "tool_call"}), Answer("a", None, True)),
    ("a tool call alone", gen_ai({"type": "tool_call"}), CALLS_ONLY),
    ("structured output",
     gen_ai({"type": "tool_call", "arguments": {"a": [1, "b c"]}}), STRUCTURED),
    ("structured output as it was written",
     gen_ai({"type": "tool_call", "arguments": ' {"a":\n [1, "b c"]} '}), STRUCTURED),
    ("a call without arguments", gen_ai({"type": "tool_call", "arguments": "{ }"}), CALLS_ONLY),
    ("a call of a hosted tool", gen_ai({"type": "server_tool_call", "name": "search"}), NO_TEXT),
    ("items of a response: a thought, a hosted call, the text",
     items([REASONING], [{"type": "server_tool_call"}], text("a")), Answer("a")),
    ("items of a response: a call, then text",
     items([{"type": "tool_call", "arguments": "{}"}], text("a")), Answer("a", None, True)),
    ("items of a response: two texts",
     items(text("a"), text("b")) | {"gen_ai.response.id": "resp_1"}, Answer("a\nb")),
    ("a part that is the JSON of parts",
     gen_ai({"type": "text", "content": json.dumps([{"type": "text", "text": "a"}])}), Answer("a")),
    ("a part that is other JSON",
     gen_ai({"type": "text", "content": '[{"type": "cat"}]'}), Answer('[{"type": "cat"}]')),
    ("reasoning under other names",
     gen_ai(*({"type": t, "content": "hm", "text": "hm"} for t in (
         "thinking", "redacted_thinking", "reasoning_content", "reasoning_text", "thought",
     )), {"type": "text", "thought": True, "content": "hm"}, *text("a")), Answer("a")),
    ("a thought before the text", gen_ai(*text("\n<think>\nhm</think>\n\na")), Answer("\n\na")),
    ("only the end of a thought", gen_ai(*text("hm, b</think>a")), Answer("a")),
    ("a thought that never ends", gen_ai(*text("<think>hm")), Answer("")),
    ("an answer about thoughts", gen_ai(*text("Write <think> and </think>.")),
     Answer("Write <think> and </think>.")),
    ("an answer that is spoken",
     {"openinference.span.kind": "LLM", "output.audio.transcript": "a"}, Answer("a")),
    ("the first of two choices",
     {"gen_ai.output.messages": json.dumps([{"parts": text("a")}, {"parts": text("b")}])},
     Answer("a")),
    ("nothing but the beginning of a stream",
        {"gen_ai.output.messages": [
            {"role": "assistant", "parts": text(""), "finish_reason": ""}]}, UNFINISHED),
    ("a stream that was closed, as a message",
        {"gen_ai.output.messages": [
            {"role": "assistant", "parts": [], "finish_reason": None}]}, UNFINISHED),
    ("no choices", {"gen_ai.output.messages": "[]"}, UNFINISHED),
    ("content under the name text", gen_ai({"type": "text", "text": "a"}), Answer("a")),
    ("no JSON", {"gen_ai.output.messages": "Paris"}, UNPARSEABLE),
    ("nested sequences", {"gen_ai.output.messages": ({"parts": (*text("a"),)},)}, Answer("a")),
    ("OpenInference content", {OUT + "role": "assistant", OUT + "content": "a"}, Answer("a")),
    ("OpenInference contents",
     {OUT + "contents.0.message_content.type": "text", OUT + "contents.0.message_content.text": "a",
      OUT + "contents.1.message_content.type": "image",
      OUT + "contents.1.message_content.image.image.url": "x",
      OUT + "contents.2.message_content.type": "text",
      OUT + "contents.2.message_content.text": "b"},
     Answer("a\nb")),
    ("OpenInference tool call",
     {OUT + "role": "assistant", OUT + "tool_calls.0.tool_call.function.name": "f"}, CALLS_ONLY),
    ("OpenInference function call", {OUT + "function_call_name": "f"}, CALLS_ONLY),
    ("OpenInference structured output",
     {OUT + "role": "assistant",
      OUT + "tool_calls.0.tool_call.function.arguments": '{"a": [1, "b c"]}'}, STRUCTURED),
    ("OpenInference items: a hosted call, the text",
     {OUT + "role": "assistant", OUT + "tool_calls.0.tool_call.function.name": "web_search_call",
      "llm.output_messages.1.message.role": "assistant",
      "llm.output_messages.1.message.contents.0.message_content.type": "text",
      "llm.output_messages.1.message.contents.0.message_content.text": "a"},
     Answer("a", None, True)),
    ("OpenInference two choices",
     {OUT + "content": "a", "llm.output_messages.1.message.content": "b"}, Answer("a")),
    ("OpenInference image alone",
     {OUT + "contents.0.message_content.type": "image",
      OUT + "contents.0.message_content.image.image.url": "x"}, NO_TEXT),
    ("OpenInference empty", {OUT + "role": "assistant"}, Answer("")),
    ("OpenInference empty by its value",
     {OUT + "role": "assistant", **openai_response(content="")}, Answer("")),
    ("OpenInference refusal",
     {OUT + "role": "assistant", **openai_response(content=None, refusal="no")}, NO_TEXT),
    ("OpenInference value alone", openai_response(content="a"), Answer("a")),
    ("OpenInference plain value", {"output.value": "a"}, Answer("a")),
    ("OpenInference completion",
     {"output.value": '{"choices":[{"text":"a"}]}', "output.mime_type": "application/json"},
     Answer("a")),
    ("OpenInference other JSON",
     {"output.value": '{"a":1}', "output.mime_type": "application/json"}, UNPARSEABLE),
    ("OpenInference hidden", {OUT + "content": "__REDACTED__"}, ABSENT),
    ("OpenInference hidden value", {"output.value": "__REDACTED__"}, ABSENT),
    ("old OpenLLMetry",
     {"gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": "a"}, Answer("a")),
    ("old OpenLLMetry empty", {"gen_ai.completion.0.role": "assistant"}, Answer("")),
    ("old OpenLLMetry tool call",
     {"gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.tool_calls.0.name": "f"},
     CALLS_ONLY),
    ("old OpenLLMetry structured output",
     {"gen_ai.completion.0.role": "assistant",
      "gen_ai.completion.0.tool_calls.0.arguments": '{"a":[1,"b c"]}'}, STRUCTURED),
    ("old OpenLLMetry parts",
     {"gen_ai.completion.0.content": json.dumps([{"type": "text", "text": "a"}])}, Answer("a")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "attributes", "expected"), ANSWERS, ids=[a[0] for a in ANSWERS])
def test_answer(name, attributes, expected):
    assert find_answer(SOURCES, Recorded(attributes)) == expected


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.output.messages": '[{"parts":[{"type"'},
        {OUT + "content": "x" * 18},
        {"output.value": "x" * 18},
        {"output.value": '{"choices":[{"mess', "output.mime_type": "application/json"},
        {"gen_ai.completion.0.content": "x" * 18},
        {"gen_ai.completion": '{"choices":[{"mess'},
        {"langfuse.observation.output": "x" * 18},
        {"langfuse.observation.output": '{"role": "assista'.ljust(18)},
        {"mlflow.spanOutputs": '{"choices":[{"mess'},
        {"gcp.vertex.agent.llm_response": '{"content":{"parts'},
        {"haystack.component.output": '{"replies": [{"rol'},
        {"ai.response.text": "x" * 18},
    ],
)
def test_a_value_as_long_as_the_limit_may_have_been_cut(attributes):
    assert find_answer(SOURCES, Recorded(attributes, limit=18)) == TRUNCATED


TURNS = [
    ({}, None),
    ({"gen_ai.input.messages": json.dumps(
        [{"role": "user", "parts": text("one")}, {"role": "assistant", "parts": text("a")},
         {"role": "user", "parts": text("two", "parts")}, {"role": "tool", "parts": []}])},
     "two\nparts"),
    ({"gen_ai.input.messages": json.dumps(
        [{"role": "user", "parts": text("one")},
         {"role": "user", "parts": [{"type": "tool_call_response"}]}])}, "one"),
    ({"gen_ai.input.messages": json.dumps([{"role": "system", "parts": text("one")}])}, None),
    ({"gen_ai.input.messages": "cut ["}, None),
    ({f"{IN}{n}.message.{k}": v
      for n, (role, content) in enumerate(
          [("system", "s"), ("user", "one"), *[("assistant", "a")] * 8, ("user", "eleventh")])
      for k, v in (("role", role), ("content", content))}, "eleventh"),
    ({IN + "0.message.role": "user", IN + "0.message.contents.0.message_content.type": "text",
      IN + "0.message.contents.0.message_content.text": "a"}, "a"),
    ({IN + "0.message.role": "user", IN + "0.message.content": "__REDACTED__"}, None),
    ({IN + "x.message.role": "user", IN + "9" * 5000 + ".message.role": "user"}, None),
    ({"gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "one",
      "gen_ai.prompt.1.role": "assistant", "gen_ai.prompt.1.content": "a",
      "gen_ai.prompt.2.role": "user", "gen_ai.prompt.2.content": "two"}, "two"),
]  # fmt: skip


@pytest.mark.parametrize(("attributes", "expected"), TURNS)
def test_last_user_turn(attributes, expected):
    assert find_last_user_turn(SOURCES, Recorded(attributes)) == expected


@pytest.mark.parametrize(
    "attributes",
    [
        {IN + "0.message.role": "user", IN + "0.message.content": "xxx"},
        {"gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "xxx"},
    ],
)
def test_a_cut_turn_is_no_turn(attributes):
    assert find_last_user_turn(SOURCES, Recorded(attributes, limit=3)) is None


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"gen_ai.operation.name": "chat"}, True),
        ({"gen_ai.operation.name": "text_completion"}, True),
        ({"gen_ai.operation.name": "generate_content"}, True),
        ({"gen_ai.operation.name": "embeddings"}, False),
        ({"gen_ai.operation.name": "invoke_agent"}, False),
        ({"gen_ai.operation.name": {"a": 1}}, False),
        ({"openinference.span.kind": "LLM"}, True),
        ({"openinference.span.kind": "CHAIN"}, False),
        ({"llm.request.type": "chat"}, True),
        ({"llm.request.type": "rerank"}, False),
        ({"llm.request.type": "acompletion"}, True),
        ({"langsmith.span.kind": "llm"}, True),
        ({"langsmith.span.kind": "chain"}, False),
        ({"langfuse.observation.type": "generation"}, True),
        ({"langfuse.observation.type": "agent"}, False),
        ({"mlflow.spanType": '"CHAT_MODEL"'}, True),
        ({"mlflow.spanType": '"AGENT"'}, False),
        ({"gcp.vertex.agent.llm_request": "{}"}, True),
        ({"gcp.vertex.agent.llm_request": "{}", "gen_ai.operation.name": "execute_tool"}, False),
        ({"haystack.component.output_spec": '{"replies": {}}'}, True),
        ({"haystack.component.output_spec": '{"documents": {}}'}, False),
        ({"ai.operationId": "ai.generateText.doGenerate"}, True),
        ({"ai.operationId": "ai.generateText"}, False),
        ({}, False),
    ],
)
def test_what_is_an_llm_span(attributes, expected):
    assert bool(recognise(Recorded(attributes))) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"gen_ai.response.id": "r1"}, "r1"),
        ({"gen_ai.response.id": 5}, None),
        (openai_response(content="a"), "1"),
        ({"output.value": '{"choices":[],"id":"late"}'}, None),
        ({}, None),
    ],
)
def test_response_id(attributes, expected):
    assert find_response_id(SOURCES, Recorded(attributes)) == expected
