import math

import pytest
from google.protobuf.message import DecodeError
from hypothesis import example, given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList

from otel_ai_feedback.serve.native import string
from otel_ai_feedback.serve.otlp.values import append, as_string

from . import otlp


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("text", "text"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (-5, "-5"),
        (2**62, str(2**62)),
        (b"\x00\xff", "AP8="),
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (5e-324, "5e-324"),
        (math.nan, "json: unsupported value: NaN"),
        (-math.inf, "json: unsupported value: -Inf"),
        (["a", 1, 0.5, 2.0, True, [b"\x01"]], '["a",1,0.5,2,true,["AQ=="]]'),
        (["<é>&\u2028"], '["\\u003cé\\u003e\\u0026\\u2028"]'),
    ],
)
def test_values_are_stored_as_the_collector_stores_them(raw, stored):
    assert as_string(otlp.value(raw)) == stored


def test_maps_are_json_with_sorted_keys_and_the_last_of_equal_ones():
    pairs = [
        KeyValue(key="b", value=otlp.value(1)),
        KeyValue(key="a"),
        KeyValue(key="b", value=otlp.value("x")),
    ]
    assert as_string(AnyValue(kvlist_value=KeyValueList(values=pairs))) == '{"a":null,"b":"x"}'


def test_nothing_is_the_empty_string():
    assert as_string(AnyValue()) == ""


VALUE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.booleans(),
    st.binary(max_size=20),
)


def _appended(pair):
    """What one attribute appends, met for the first and for the second time."""
    keys, values, memo = [], [], {}
    assert append([pair], keys, values, memo) == append([pair], keys, values, memo) == 1
    assert (keys[0], values[0]) == (keys[1], values[1])
    return keys[0], values[0]


@given(
    key=st.text(st.characters(exclude_categories=["Cs"]), max_size=140),
    value=VALUE,
    more=st.binary(max_size=6),
)
@example(key="k", value="x" * 125, more=b"")
@example(key="k", value="x" * 126, more=b"")
@example(key="k", value="x" * 127, more=b"")
@example(key="k", value="x" * 128, more=b"")
@example(key="k", value="x" * 16_380, more=b"")
@example(key="k", value="x" * 16_384, more=b"")
@example(key="", value="", more=b"")
@example(key="k", value=2**63 - 1, more=b"")
@example(key="k", value=1, more=b"\x12\x02\x18\x05")
def test_an_attribute_copied_from_the_wire_is_the_one_that_protobuf_decodes(key, value, more):
    pair = KeyValue(key=key, value=otlp.value(value)).SerializeToString() + more
    try:
        decoded = KeyValue.FromString(pair)
    except DecodeError:
        return  # The whole request is refused before its attributes are looked at.
    assert _appended(pair) == (string(decoded.key), string(as_string(decoded.value)))


@given(value=st.binary(max_size=12))
@example(value=b"\x0a\x81\x00x")
@example(value=b"\x18\x81\x00")
@example(value=b"\x18\x01\x18\x02")
@example(value=b"\x0a\x01x\x18\x02")
def test_a_value_that_no_encoder_writes_is_read_as_protobuf_reads_it(value):
    pair = b"\x0a\x01k\x12" + bytes([len(value)]) + value
    try:
        decoded = KeyValue.FromString(pair)
    except DecodeError:
        return
    assert _appended(pair) == (string("k"), string(as_string(decoded.value)))
