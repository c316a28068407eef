"""OTLP attribute values as the strings that the Collector's exporter stores.

The rules are those of the Collector's ``pcommon.Value.AsString``: strings as they are, booleans as
``true``/``false``, doubles as in JavaScript, bytes as base64, arrays and maps as compact JSON with
sorted keys. The same telemetry is so the same row whichever way it came.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable
from decimal import Decimal

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from otel_ai_feedback.local.native import (
    CACHED_LENGTH,
    SHORT,
    EncodedMap,
    cached_string,
    string,
    varint,
)

# Go's JSON encoder escapes these for the sake of HTML, and so the rows hold them escaped.
_GO_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def attributes(pairs: Iterable[KeyValue]) -> EncodedMap:
    """Attributes as one encoded Map(String, String), in the order in which they came."""
    keys: list[bytes] = []
    values: list[bytes] = []
    for pair in pairs:
        key = pair.key
        # Written out instead of calling `name` and `string`: decoding spends its time here.
        keys.append(cached_string(key) if len(key) <= CACHED_LENGTH else string(key))
        value = pair.value
        # Most values are strings, and asking for one costs less than asking what it is.
        data = (value.string_value or as_string(value)).encode()
        size = len(data)
        values.append(SHORT[size] + data if size < 128 else varint(size) + data)
    return EncodedMap(keys, values)


def as_string(value: AnyValue) -> str:
    """The string form of a value; the empty value is the empty string."""
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return value.string_value
    if kind == "int_value":
        return str(value.int_value)
    if kind == "bool_value":
        return "true" if value.bool_value else "false"
    if kind == "double_value":
        return _double(value.double_value)
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    if kind in ("array_value", "kvlist_value"):
        return _json(value)
    return ""


def _double(number: float) -> str:
    """Shortest form that reads back as the same number, written as JavaScript does."""
    if not math.isfinite(number):
        text = "NaN" if math.isnan(number) else "+Inf" if number > 0 else "-Inf"
        return f"json: unsupported value: {text}"
    if number == 0:
        return "-0" if math.copysign(1, number) < 0 else "0"
    if 1e-6 <= abs(number) < 1e21:
        text = format(Decimal(repr(number)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, exponent = repr(number).split("e")
    sign = "-" if exponent.startswith("-") else "+"
    return f"{mantissa.removesuffix('.0')}e{sign}{exponent.lstrip('+-').lstrip('0')}"


def _json(value: AnyValue) -> str:
    kind = value.WhichOneof("value")
    if kind == "kvlist_value":
        members = {pair.key: pair.value for pair in value.kvlist_value.values}
        return "{" + ",".join(f"{_quoted(k)}:{_json(members[k])}" for k in sorted(members)) + "}"
    if kind == "array_value":
        return "[" + ",".join(map(_json, value.array_value.values)) + "]"
    if kind in ("int_value", "bool_value"):
        return as_string(value)
    if kind == "double_value":
        # JSON has no word for these, and losing the whole array for one of them helps nobody.
        return _double(value.double_value) if math.isfinite(value.double_value) else "null"
    return "null" if kind is None else _quoted(as_string(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_GO_ESCAPES)
