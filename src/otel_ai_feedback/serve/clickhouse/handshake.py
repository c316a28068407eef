"""The first question of a clickhouse-go client over HTTP, answered by hand.

It asks for the server's name, version, revision and time zone with its own protocol version in
``client_protocol_version``, and decodes this one reply in the form of that version: a head with
block information, and a byte of serialization kind in every column. Everything after it, in both
directions, is encoded for the revision that the reply names. It names 0, the plain Native format,
which is what the embedded engine reads and writes.

Source: ``dialHttp`` and ``queryHello`` of clickhouse-go 2.47 to 2.50, ``Block.Decode`` beside it.
"""

from __future__ import annotations

import re
import struct
from typing import Final

from otel_ai_feedback.serve.native import string, varint

_QUESTION: Final = re.compile(
    rb"\s*select\s+displayName\(\)\s*,\s*version\(\)\s*,\s*revision\(\)\s*,\s*timezone\(\)\s*;?\s*",
    re.IGNORECASE,
)
# Field 1: not an overflow row; field 2: bucket -1; end of fields.
_BLOCK_INFO: Final = b"\x01\x00\x02\xff\xff\xff\xff\x00"
_DEFAULT_SERIALIZATION: Final = b"\x00"

QUERY: Final = "select displayName(), version(), timezone()"
"""What must be known for the answer, in the order of the arguments of :func:`answer`."""


def is_question(query: bytes, protocol_version: str) -> bool:
    """Whether a statement is that question, and asked in that way."""
    return protocol_version not in ("", "0") and bool(_QUESTION.fullmatch(query))


def answer(name: str, version: str, timezone: str) -> bytes:
    """The reply: one Native block with block information."""
    columns = (
        ("displayName()", "String", string(name)),
        ("version()", "String", string(version)),
        ("revision()", "UInt32", struct.pack("<I", 0)),
        ("timezone()", "String", string(timezone)),
    )
    parts = [_BLOCK_INFO, varint(len(columns)), varint(1)]
    for title, kind, data in columns:
        parts += (string(title), string(kind), _DEFAULT_SERIALIZATION, data)
    return b"".join(parts)
