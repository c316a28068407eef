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

from otel_ai_feedback.serve.native import EncodedMap, name, string

# Go's JSON encoder escapes these for the sake of HTML, and so the rows hold them escaped.
_GO_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


# Tags of the fields that nearly all attributes consist of: KeyValue.key and .value,
# AnyValue.string_value and .int_value.
_KEY, _VALUE, _STRING, _INT = 0x0A, 0x12, 0x0A, 0x18


Memo = dict[bytes, tuple[bytes, bytes]]
"""Keys and values of the short attributes met so far; most of them come with every span."""

# Ids and the like never come again: what has not been met in the first spans stays out.
_MEMO_ENTRIES = 2048
_MEMO_BYTES = 64


def append(pairs: Iterable[bytes], keys: list[bytes], values: list[bytes], memo: Memo) -> int:
    """Append attributes to the keys and values of a Map(String, String), in their order.

    Args:
        pairs: Encoded KeyValues, known to be valid.
        keys: Takes each key as a value of type String.
        values: Takes each value as one.
        memo: What is kept from one call to the next.

    Returns:
        How many attributes there were.
    """
    before = len(keys)
    for pair in pairs:
        met = memo.get(pair)
        if met is None:
            met = _decoded(pair)
            if len(pair) <= _MEMO_BYTES and len(memo) < _MEMO_ENTRIES:
                memo[pair] = met
        keys.append(met[0])
        values.append(met[1])
    return len(keys) - before


def _decoded(pair: bytes) -> tuple[bytes, bytes]:
    """Key and value of an encoded KeyValue as values of type String.

    A KeyValue as every encoder writes it is ``0A key-length key 12 value-length`` and then
    ``0A length text`` or ``18 integer``, and "length text" is already what Native wants. Whatever
    looks different, such as keys of 128 bytes and texts of 16 KiB, is left to the Protobuf library.
    """
    try:
        if pair[0] == _KEY and pair[1] < 128:
            end = pair[1] + 2
            rest = len(pair) - end
            if pair[end] == _VALUE:
                length = pair[end + 1]
                if length < 128:
                    if length + 2 == rest:
                        if pair[end + 2] == _STRING and pair[end + 3] + 2 == length:
                            return pair[1:end], pair[end + 3 :]
                        if pair[end + 2] == _INT and length <= 10:
                            number = shift = 0
                            for byte in pair[end + 3 :]:
                                number |= (byte & 127) << shift
                                shift += 7
                                if byte < 128:
                                    break
                            # Fewer bytes than there are: something follows. Ten of them, which do
                            # not come here, are a negative number.
                            if shift == 7 * (length - 1):
                                return pair[1:end], string(str(number))
                elif length - 128 + (pair[end + 2] << 7) + 3 == rest and pair[end + 3] == _STRING:
                    # Two bytes of length; a third would have made the sum wrong.
                    low, high = pair[end + 4], pair[end + 5]
                    if low < 128:
                        if low + 5 == rest:
                            return pair[1:end], pair[end + 4 :]
                    elif 0 < high < 128 and low - 128 + (high << 7) + 6 == rest:
                        return pair[1:end], pair[end + 4 :]
    except IndexError:
        pass
    decoded = KeyValue.FromString(pair)
    return name(decoded.key), string(as_string(decoded.value))


def encoded(pairs: Iterable[bytes]) -> EncodedMap:
    """Attributes that many rows share, as one Map(String, String).

    Args:
        pairs: Encoded KeyValues, known to be valid.
    """
    keys: list[bytes] = []
    values: list[bytes] = []
    append(pairs, keys, values, {})
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
        # JSON has no word for these, and losing the whole array for one of them helps no one.
        return _double(value.double_value) if math.isfinite(value.double_value) else "null"
    return "null" if kind is None else _quoted(as_string(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_GO_ESCAPES)
