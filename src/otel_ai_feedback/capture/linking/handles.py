"""Handles: what a page holds of an output. They reveal no text and cannot be forged."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import struct
from typing import Final, Literal, NamedTuple

from otel_ai_feedback.attributes import HandleKind
from otel_ai_feedback.capture.text.hashing import keyed

LIFETIME_SECONDS: Final = 7 * 24 * 3600
CLOCK_SKEW_SECONDS: Final = 300

_VERSION: Final = 1
# Version, kind, trace id in two halves, span id, time, sampled.
_LAYOUT: Final = struct.Struct(">BBQQQQB")
_pack: Final = _LAYOUT.pack
_base64: Final = binascii.b2a_base64
_HALF: Final = (1 << 64) - 1
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_SIGNATURE_BYTES: Final = 16
_LENGTH: Final = (_LAYOUT.size + _SIGNATURE_BYTES) * 4 // 3
_SHAPE: Final = re.compile(rf"[A-Za-z0-9_-]{{{_LENGTH}}}")
_KINDS: Final[tuple[HandleKind, ...]] = ("output", "request")

Refusal = Literal["malformed", "foreign", "expired", "future"]


class RefusedHandleError(ValueError):
    """The handle does not count; ``reason`` says why."""

    def __init__(self, reason: Refusal) -> None:
        self.reason: Refusal = reason
        super().__init__(reason)


class Handle(NamedTuple):
    """What a handle says.

    Attributes:
        kind: Whether it names one output or a request.
        trace_id: Trace of the span that it names.
        span_id: The LLM span, or the local root span of the request.
        time: Start of that span in whole seconds since the epoch.
        sampled: Whether that span is recorded at all.
    """

    kind: HandleKind
    trace_id: int
    span_id: int
    time: int
    sampled: bool


def mint(handle: Handle, key: bytes) -> str:
    """The handle as 68 characters that are safe in a URL, an attribute and a header."""
    kind, trace_id, span_id, time, sampled = handle
    payload = _pack(
        _VERSION, kind == "request", trace_id >> 64, trace_id & _HALF, span_id, time, sampled
    )
    signed = payload + keyed(key, True)(payload).digest()[:_SIGNATURE_BYTES]
    return _base64(signed, newline=False).translate(_TO_URL).decode()


def verify(text: str, key: bytes, now: int) -> Handle:
    """Read a handle that came back.

    Args:
        text: Whatever the page sent.
        key: The key it must have been signed with.
        now: Seconds since the epoch.

    Raises:
        RefusedHandleError: If it is not one of ours, altered, or older than 7 days.
    """
    if not _SHAPE.fullmatch(text):
        raise RefusedHandleError("malformed")
    raw = base64.urlsafe_b64decode(text)
    payload, signature = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
    if not hmac.compare_digest(signature, keyed(key, True)(payload).digest()[:_SIGNATURE_BYTES]):
        raise RefusedHandleError("foreign")
    version, kind, upper, lower, span_id, time, sampled = _LAYOUT.unpack(payload)
    if version != _VERSION or kind >= len(_KINDS):
        raise RefusedHandleError("malformed")
    if now - time > LIFETIME_SECONDS:
        raise RefusedHandleError("expired")
    if time - now > CLOCK_SKEW_SECONDS:
        raise RefusedHandleError("future")
    return Handle(
        _KINDS[kind],
        upper << 64 | lower,
        span_id,
        time,
        bool(sampled),
    )
