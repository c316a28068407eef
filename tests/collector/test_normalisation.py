"""The Collector's transform and Python hash the same texts alike."""

import json

import pytest

from capture.test_normalise import VECTORS, text_of
from serve import otlp

from .processes import eventually
from .test_single_host import OUTPUT_MESSAGES, chat, resource

pytestmark = pytest.mark.collector

EMPTY = {vector["name"] for vector in VECTORS if vector["length"] == 0}


@pytest.fixture(scope="module")
def hashes(collector, serve):
    """What the Collector made of each vector, by its name."""
    every_length = collector(OTEL_AI_FEEDBACK_HASH_MIN_LENGTH="0")
    for number, vector in enumerate(VECTORS, 1000):
        # Lone surrogates can be written in JSON, as JSON.stringify does, but not in UTF-8.
        value = json.dumps([{"parts": [{"type": "text", "content": text_of(vector)}]}])
        span = chat(number, **{OUTPUT_MESSAGES: value, "vector": vector["name"]})
        assert every_length.send(otlp.traces(span, resource=resource("vectors")))
    sql = (
        "select SpanAttributes['vector'], SpanAttributes['ai_feedback.output.hash'], "
        "SpanAttributes['ai_feedback.output.untagged'] from otel_traces "
        "where ServiceName = 'vectors'"
    )
    rows = eventually(
        lambda: len(found := serve.ask(sql)) >= len(VECTORS) and found, "every vector"
    )
    return {name: (hashed, untagged) for name, hashed, untagged in rows}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_shared_vectors(hashes, vector):
    expected = (
        ("", "short") if vector["name"] in EMPTY else (f"sha256:{vector['sha256_32hex']}", "")
    )
    assert hashes[vector["name"]] == expected
