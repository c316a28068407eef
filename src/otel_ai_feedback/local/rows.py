"""What spans and log records share on their way into a table: ids, times, the service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from otel_ai_feedback.local.values import as_string

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


def optional_id(value: bytes, length: int, what: str) -> str:
    """An id in lower-case hexadecimal; empty when it is missing or all zeros.

    Raises:
        InvalidRowError: The id is neither missing nor ``length`` bytes long.
    """
    if not value:
        return ""
    if len(value) != length:
        raise InvalidRowError(f"{what} has {len(value)} bytes instead of {length}")
    return value.hex() if any(value) else ""


def required_id(value: bytes, length: int, what: str) -> str:
    """As :func:`optional_id`, but the id must be there.

    Raises:
        InvalidRowError: The id is missing, all zeros, or not ``length`` bytes long.
    """
    text = optional_id(value, length, what)
    if not text:
        raise InvalidRowError(f"{what} is missing" if not value else f"{what} is all zeros")
    return text


def time(nanoseconds: int, what: str) -> int:
    """A time since the Unix epoch that the tables can hold.

    Raises:
        InvalidRowError: The time is zero or after the year 2262.
    """
    if not 0 < nanoseconds <= _LAST_TIME:
        raise InvalidRowError(f"{what} is missing" if not nanoseconds else f"{what} is after 2262")
    return nanoseconds


def service_name(resource: Iterable[KeyValue]) -> str:
    """``service.name`` of a resource; empty when it has none."""
    return next((as_string(pair.value) for pair in resource if pair.key == "service.name"), "")
