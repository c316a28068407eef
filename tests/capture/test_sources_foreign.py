"""Whatever strangers put on a span, no convention raises over it.

Which attributes a convention looks at is found by watching it look.
"""

import json
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.capture.sources import SOURCES
from otel_ai_feedback.capture.sources.answer import Answer, Missing
from otel_ai_feedback.capture.sources.source import Recorded

# Words that lead further into the code than random ones would.
WORDS = [
    "user", "assistant", "system", "tool", "human", "ai", "text", "output_text", "reasoning",
    "thinking", "image", "tool_call", "tool_calls", "tool_use", "message", "LLM", "CHAT_MODEL",
    "llm", "chat", "completion", "acompletion", "generation", "generate_content", "stop",
    "application/json", "__REDACTED__", "gen_ai.choice", "gen_ai.user.message",
    "gen_ai.assistant.message", "", " ", "\ud800", "[{", "0", "1",
]  # fmt: skip
KEYS = [
    "role", "parts", "type", "text", "content", "contents", "message", "messages", "choices",
    "tool_calls", "function_call", "finish_reason", "output", "outputs", "input", "inputs",
    "prompt", "generations", "kwargs", "data", "candidates", "replies", "response", "model", "id",
    "index", "event.name", "combined_chunk_content", "reasoningContent", "thought", "value",
    "_content", "_role", "name", "llm_response", "metadata",
]  # fmt: skip
SCOPES = ["", "logfire.openai", "gcp.vertex.agent", "langsmith", "opentelemetry.instrumentation.x"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.binary(max_size=5)
    | st.text(max_size=10)
    | st.sampled_from([*WORDS, 10**400, -(10**400), "9" * 5000])
)
structures = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
        | st.dictionaries(scalars.filter(lambda key: key == key), inner, max_size=2)
    ),
    max_leaves=12,
)


def as_json(value):
    return json.dumps(value, default=repr, skipkeys=True)


values = (
    structures
    | structures.map(as_json)
    | structures.map(as_json).map(lambda text: text[: len(text) // 2])
    | st.sampled_from(["[" * 100_000, '{"a":' * 100_000, "1" * 5000, "{}", "[]", "[[]]", "[{}]"])
)


class Watched(dict):
    """Attributes that know what was asked for."""

    def __init__(self, attributes, asked):
        super().__init__(attributes)
        self.asked = asked

    def get(self, key, default=None):
        self.asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key):
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key):
        self.asked.add(key)
        return super().__contains__(key)


@dataclass
class Event:
    name: Any
    attributes: Any


def attributes_of(source):
    """The attributes that the source looks at, and some beneath those that it looks for."""
    asked = set(source.markers)
    asked |= {name.rstrip(".") for name in source.text_attributes}
    for prefix in (name for name in source.text_attributes if name.endswith(".")):
        asked |= {f"{prefix}{index}.{rest}" for index in (0, 1) for rest in ("role", "content")}
        asked |= {f"{prefix}0.message.{rest}" for rest in ("role", "content", "tool_calls.0.x")}
    for word in ("user", "thinking", "reasoning", "text", "[]"):
        for _ in range(3):
            look(source, Recorded(Watched(dict.fromkeys(asked, word), asked)))
    return sorted(asked)


def look(source, span):
    return (
        source.is_llm(span),
        source.answer(span),
        source.last_user_turn(span),
        source.response_id(span),
        source.model(span),
        source.session_id(span),
    )


ATTRIBUTES = {source.name: attributes_of(source) for source in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@given(data=st.data())
def test_nothing_makes_a_source_raise(source, data):
    names = st.sampled_from(ATTRIBUTES[source.name])
    attributes = data.draw(st.dictionaries(names, values, max_size=6))
    events = data.draw(
        st.lists(
            st.builds(
                Event,
                st.sampled_from(WORDS) | scalars,
                st.dictionaries(st.sampled_from([*KEYS, *ATTRIBUTES[source.name]]), values)
                | scalars,
            ),
            max_size=3,
        )
    )
    limit = data.draw(st.none() | st.integers(0, 20))
    span = Recorded(attributes, events, limit, data.draw(st.sampled_from(SCOPES)))
    is_llm, answer, *strings = look(source, span)
    assert isinstance(is_llm, bool)
    assert answer is None or isinstance(answer, Answer)
    if answer is not None:
        assert isinstance(answer.text, str) is (answer.missing is None)
        assert answer.missing in (None, *get_args(Missing))
    for found in strings:
        assert found is None or isinstance(found, str)


def test_every_source_looks_at_something():
    assert all(len(names) > 1 for names in ATTRIBUTES.values())


def test_markers_are_attributes_that_the_source_looks_at():
    for source in SOURCES:
        asked = set()
        for word in ("user", "LLM", "[]"):
            look(source, Recorded(Watched(dict.fromkeys(source.markers, word), asked)))
        assert source.markers <= asked, source.name
