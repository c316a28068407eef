import math

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList

from otel_ai_feedback.local.values import as_string

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
