"""What spans and log records share on their way into a table: ids, times, the service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from otel_ai_feedback.serve.native import SHORT
from otel_ai_feedback.serve.otlp.values import as_string

TRACE_ID_BYTES: Final = 16
SPAN_ID_BYTES: Final = 8

# The last nanosecond that DateTime64(9) can hold, in the year 2262.
_LAST_TIME: Final = 2**63 - 1


class InvalidRowError(ValueError):
    """A span or log record cannot become a row; the message says why."""


@dataclass
class Rows:
    """The rows of one request.

    Attributes:
        block: The rows as a Native block; empty when there are none.
        accepted: How many rows there are.
        rejected: Why each span or log record that became no row was refused.
    """

    block: bytes = b""
    accepted: int = 0
    rejected: list[str] = field(default_factory=list)


_NO_ID: Final = SHORT[0]


def optional_id(value: bytes, length: int, what: str) -> bytes:
    """An id in lower-case hexadecimal, as a value of type String; empty when missing or all zeros.

    Raises:
        InvalidRowError: The id is neither missing nor ``length`` bytes long.
    """
    if not value:
        return _NO_ID
    if len(value) != length:
        raise InvalidRowError(f"{what} has {len(value)} bytes instead of {length}")
    # Seldom zero: the first byte tells nearly always.
    return SHORT[2 * length] + value.hex().encode() if value[0] or any(value) else _NO_ID


def required_id(value: bytes, length: int, what: str) -> bytes:
    """As :func:`optional_id`, but the id must be there.

    Raises:
        InvalidRowError: The id is missing, all zeros, or not ``length`` bytes long.
    """
    id_ = optional_id(value, length, what)
    if id_ is _NO_ID:
        raise InvalidRowError(f"{what} is missing" if not value else f"{what} is all zeros")
    return id_


def time(nanoseconds: int, what: str) -> int:
    """A time since the Unix epoch that the tables can hold.

    Raises:
        InvalidRowError: The time is zero or after the year 2262.
    """
    if not 0 < nanoseconds <= _LAST_TIME:
        raise InvalidRowError(f"{what} is missing" if not nanoseconds else f"{what} is after 2262")
    return nanoseconds


def service_name(resource: Iterable[bytes]) -> str:
    """``service.name`` of the encoded attributes of a resource; empty when it has none."""
    pairs = map(KeyValue.FromString, resource)
    return next((as_string(pair.value) for pair in pairs if pair.key == "service.name"), "")
