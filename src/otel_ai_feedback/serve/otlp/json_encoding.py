"""OTLP's JSON encoding: the JSON of Protobuf, but with ids in hexadecimal."""

from __future__ import annotations

import base64
import json
import re
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import Message

from otel_ai_feedback.serve.body import UndecodableError

_IDS: Final = frozenset(
    {"traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id"}
)
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def parse(data: bytes, message: Message) -> None:
    """Fill ``message`` from OTLP JSON. Unknown fields are ignored, as the protocol wants it.

    Raises:
        UndecodableError: It is not JSON, or not JSON of this message.
    """
    try:
        tree = json.loads(data)
        if not isinstance(tree, dict):
            raise UndecodableError("the body is not valid OTLP JSON: it is not an object")
        json_format.ParseDict(_protobuf_json(tree), message, ignore_unknown_fields=True)
    except UndecodableError:
        raise
    except RecursionError:
        raise UndecodableError("the JSON is nested too deeply") from None
    except (ValueError, TypeError, AttributeError, json_format.Error) as error:
        raise UndecodableError(f"the body is not valid OTLP JSON: {error}") from None


def _protobuf_json(node: Any) -> Any:
    """The same JSON with what Protobuf's parser would refuse or misread put right."""
    if isinstance(node, dict):
        return {
            _whole(key): _base64_id(value)
            if key in _IDS and isinstance(value, str)
            else _protobuf_json(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_protobuf_json(item) for item in node]
    return _whole(node) if isinstance(node, str) else node


def _whole(text: str) -> str:
    # JavaScript cuts strings between the halves of a character and sends what is left.
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def _base64_id(text: str) -> str:
    """The id for Protobuf's parser; what is not hexadecimal becomes an id that no row accepts."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b"\0"
    return base64.b64encode(raw).decode()
