"""OTLP spans as rows of ``otel_traces``, as the Collector's ClickHouse exporter writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from otel_ai_feedback.serve.native import (
    Arrays,
    Column,
    EncodedMap,
    Maps,
    Numbers,
    Offsets,
    Strings,
    block,
    name,
)
from otel_ai_feedback.serve.otlp.rows import (
    SPAN_ID_BYTES,
    TRACE_ID_BYTES,
    InvalidRowError,
    Rows,
    optional_id,
    required_id,
    service_name,
    time,
)
from otel_ai_feedback.serve.otlp.values import Memo, append, encoded
from otel_ai_feedback.serve.otlp.wire import Wire

_WIRE: Final = Wire(ExportTraceServiceRequest, "resource_spans", "scope_spans", "spans")
_KINDS: Final = dict(
    enumerate(map(name, ("Unspecified", "Internal", "Server", "Client", "Producer", "Consumer")))
)
_STATUSES: Final = dict(enumerate(map(name, ("Unset", "Ok", "Error"))))
_UNKNOWN: Final = name("")


def rows(body: bytes) -> Rows:
    """Turn a request into rows, leaving out the spans that are invalid.

    Args:
        body: An ExportTraceServiceRequest.

    Raises:
        TooLargeError: It would take too much memory.
        google.protobuf.message.DecodeError: It is not one.
    """
    request = _WIRE.read(body)
    result = Rows()
    table = _Table()
    for resource_spans in request.resource_spans:
        resource = encoded(resource_spans.resource.attributes)
        service = name(service_name(resource_spans.resource.attributes))
        for scope_spans in resource_spans.scope_spans:
            scope = name(scope_spans.scope.name)
            version = name(scope_spans.scope.version)
            before = result.accepted
            for span in scope_spans.spans:
                try:
                    table.add(span)
                except InvalidRowError as error:
                    result.rejected.append(f"span {span.name[:80]!r}: {error}")
                else:
                    result.accepted += 1
            table.add_origin(service, resource, scope, version, result.accepted - before)
    if result.accepted:
        result.block = block(table.columns, result.accepted)
    return result


class _Table:
    """The columns of ``otel_traces`` while they fill."""

    def __init__(self) -> None:
        self._timestamp = Numbers("DateTime64(9)", "q")
        self._trace_id = Strings()
        self._span_id = Strings()
        self._parent_span_id = Strings()
        self._trace_state = Strings()
        self._span_name = Strings()
        self._span_kind = Strings()
        self._service_name = Strings()
        self._resource_attributes = Maps()
        self._scope_name = Strings()
        self._scope_version = Strings()
        self._span_attributes = Maps()
        self._duration = Numbers("UInt64", "Q")
        self._status_code = Strings()
        self._status_message = Strings()
        self._event_time = Numbers("DateTime64(9)", "q")
        self._event_name = Strings()
        self._event_attributes = Maps()
        self._link_trace_id = Strings()
        self._link_span_id = Strings()
        self._link_trace_state = Strings()
        self._link_attributes = Maps()
        self._event_rows = Offsets()
        self._link_rows = Offsets()
        self._memo: Memo = {}
        events = [
            Arrays(column, self._event_rows)
            for column in (self._event_time, self._event_name, self._event_attributes)
        ]
        links = [
            Arrays(column, self._link_rows)
            for column in (
                self._link_trace_id,
                self._link_span_id,
                self._link_trace_state,
                self._link_attributes,
            )
        ]
        self.columns: tuple[tuple[str, Column], ...] = (
            ("Timestamp", self._timestamp),
            ("TraceId", self._trace_id),
            ("SpanId", self._span_id),
            ("ParentSpanId", self._parent_span_id),
            ("TraceState", self._trace_state),
            ("SpanName", self._span_name),
            ("SpanKind", self._span_kind),
            ("ServiceName", self._service_name),
            ("ResourceAttributes", self._resource_attributes),
            ("ScopeName", self._scope_name),
            ("ScopeVersion", self._scope_version),
            ("SpanAttributes", self._span_attributes),
            ("Duration", self._duration),
            ("StatusCode", self._status_code),
            ("StatusMessage", self._status_message),
            ("Events.Timestamp", events[0]),
            ("Events.Name", events[1]),
            ("Events.Attributes", events[2]),
            ("Links.TraceId", links[0]),
            ("Links.SpanId", links[1]),
            ("Links.TraceState", links[2]),
            ("Links.Attributes", links[3]),
        )

    def add_origin(
        self, service: bytes, resource: EncodedMap, scope: bytes, version: bytes, rows: int
    ) -> None:
        """Append to a number of rows what the spans of one scope have in common."""
        self._service_name.repeat(service, rows)
        self._resource_attributes.repeat(resource, rows)
        self._scope_name.repeat(scope, rows)
        self._scope_version.repeat(version, rows)

    def add(self, span: Any) -> None:
        """Append one span, but for its origin.

        Raises:
            InvalidRowError: Before anything was appended.
        """
        trace_id = required_id(span.trace_id, TRACE_ID_BYTES, "trace id")
        span_id = required_id(span.span_id, SPAN_ID_BYTES, "span id")
        parent_span_id = optional_id(span.parent_span_id, SPAN_ID_BYTES, "parent span id")
        start = time(span.start_time_unix_nano, "start time")
        end = time(span.end_time_unix_nano, "end time")
        events = [(time(e.time_unix_nano, "time of an event"), e) for e in span.events]
        links = [
            (
                optional_id(link.trace_id, TRACE_ID_BYTES, "trace id of a link"),
                optional_id(link.span_id, SPAN_ID_BYTES, "span id of a link"),
                link,
            )
            for link in span.links
        ]
        status = span.status

        self._timestamp.add(start)
        self._trace_id.add(trace_id)
        self._span_id.add(span_id)
        self._parent_span_id.add(parent_span_id)
        self._trace_state.add(name(span.trace_state))
        self._span_name.add(name(span.name))
        self._span_kind.add(_KINDS.get(span.kind, _UNKNOWN))
        self._add(span.attributes, self._span_attributes)
        # A clock set back during the span would wrap around in the unsigned column.
        self._duration.add(end - start if end > start else 0)
        self._status_code.add(_STATUSES.get(status.code, _UNKNOWN))
        self._status_message.add(name(status.message))
        for at, event in events:
            self._event_time.add(at)
            self._event_name.add(name(event.name))
            self._add(event.attributes, self._event_attributes)
        self._event_rows.close_row(len(events))
        for link_trace_id, link_span_id, link in links:
            self._link_trace_id.add(link_trace_id)
            self._link_span_id.add(link_span_id)
            self._link_trace_state.add(name(link.trace_state))
            self._add(link.attributes, self._link_attributes)
        self._link_rows.close_row(len(links))

    def _add(self, attributes: Iterable[bytes], column: Maps) -> None:
        column.close_row(append(attributes, column.keys, column.values, self._memo))


COLUMNS: Final = tuple(title for title, _ in _Table().columns)
"""Columns of the blocks that :func:`rows` makes, in order."""
