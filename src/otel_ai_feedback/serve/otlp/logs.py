"""OTLP log records as rows of ``otel_logs``, as the Collector's ClickHouse exporter writes them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from otel_ai_feedback.serve.native import (
    Column,
    EncodedMap,
    Maps,
    Numbers,
    Strings,
    block,
    name,
    string,
)
from otel_ai_feedback.serve.otlp.rows import (
    SPAN_ID_BYTES,
    TRACE_ID_BYTES,
    InvalidRowError,
    Rows,
    optional_id,
    service_name,
    time,
)
from otel_ai_feedback.serve.otlp.values import Memo, append, as_string, encoded
from otel_ai_feedback.serve.otlp.wire import Wire

_WIRE: Final = Wire(ExportLogsServiceRequest, "resource_logs", "scope_logs", "log_records")


def rows(body: bytes) -> Rows:
    """Turn a request into rows, leaving out the log records that are invalid.

    Args:
        body: An ExportLogsServiceRequest.

    Raises:
        TooLargeError: It would take too much memory.
        google.protobuf.message.DecodeError: It is not one.
    """
    request = _WIRE.read(body)
    result = Rows()
    table = _Table()
    for resource_logs in request.resource_logs:
        resource = encoded(resource_logs.resource.attributes)
        service = name(service_name(resource_logs.resource.attributes))
        for scope_logs in resource_logs.scope_logs:
            origin = _Origin(
                service=service,
                resource_url=name(resource_logs.schema_url),
                resource=resource,
                scope_url=name(scope_logs.schema_url),
                scope=name(scope_logs.scope.name),
                version=name(scope_logs.scope.version),
                scope_attributes=encoded(scope_logs.scope.attributes),
            )
            for record in scope_logs.log_records:
                try:
                    table.add(record, origin)
                except InvalidRowError as error:
                    result.rejected.append(f"log record {record.event_name[:80]!r}: {error}")
                else:
                    result.accepted += 1
    if result.accepted:
        result.block = block(table.columns, result.accepted)
    return result


class _Origin(NamedTuple):
    """What all log records of one scope have in common, encoded once."""

    service: bytes
    resource_url: bytes
    resource: EncodedMap
    scope_url: bytes
    scope: bytes
    version: bytes
    scope_attributes: EncodedMap


class _Table:
    """The columns of ``otel_logs`` while they fill."""

    def __init__(self) -> None:
        self._timestamp = Numbers("DateTime64(9)", "q")
        self._trace_id = Strings()
        self._span_id = Strings()
        self._trace_flags = Numbers("UInt8", "B")
        self._severity_text = Strings()
        self._severity_number = Numbers("UInt8", "B")
        self._service_name = Strings()
        self._body = Strings()
        self._resource_schema_url = Strings()
        self._resource_attributes = Maps()
        self._scope_schema_url = Strings()
        self._scope_name = Strings()
        self._scope_version = Strings()
        self._scope_attributes = Maps()
        self._log_attributes = Maps()
        self._event_name = Strings()
        self._memo: Memo = {}
        self.columns: tuple[tuple[str, Column], ...] = (
            ("Timestamp", self._timestamp),
            ("TraceId", self._trace_id),
            ("SpanId", self._span_id),
            ("TraceFlags", self._trace_flags),
            ("SeverityText", self._severity_text),
            ("SeverityNumber", self._severity_number),
            ("ServiceName", self._service_name),
            ("Body", self._body),
            ("ResourceSchemaUrl", self._resource_schema_url),
            ("ResourceAttributes", self._resource_attributes),
            ("ScopeSchemaUrl", self._scope_schema_url),
            ("ScopeName", self._scope_name),
            ("ScopeVersion", self._scope_version),
            ("ScopeAttributes", self._scope_attributes),
            ("LogAttributes", self._log_attributes),
            ("EventName", self._event_name),
        )

    def add(self, record: Any, origin: _Origin) -> None:
        """Append one log record.

        Raises:
            InvalidRowError: Before anything was appended.
        """
        at = time(record.time_unix_nano or record.observed_time_unix_nano, "time")
        trace_id = optional_id(record.trace_id, TRACE_ID_BYTES, "trace id")
        span_id = optional_id(record.span_id, SPAN_ID_BYTES, "span id")

        self._timestamp.add(at)
        self._trace_id.add(trace_id)
        self._span_id.add(span_id)
        self._trace_flags.add(record.flags & 0xFF)
        self._severity_text.add(name(record.severity_text))
        self._severity_number.add(record.severity_number & 0xFF)
        self._service_name.add(origin.service)
        self._body.add(string(as_string(record.body)))
        self._resource_schema_url.add(origin.resource_url)
        self._resource_attributes.add(origin.resource)
        self._scope_schema_url.add(origin.scope_url)
        self._scope_name.add(origin.scope)
        self._scope_version.add(origin.version)
        self._scope_attributes.add(origin.scope_attributes)
        attributes = self._log_attributes
        attributes.close_row(
            append(record.attributes, attributes.keys, attributes.values, self._memo)
        )
        self._event_name.add(name(record.event_name))


COLUMNS: Final = tuple(title for title, _ in _Table().columns)
"""Columns of the blocks that :func:`rows` makes, in order."""
