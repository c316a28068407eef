"""Telemetry as messages, for the tests of this room."""

import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from otel_ai_feedback import attributes as names

RESOURCE = {
    "service.name": "chat",
    "service.version": "1.4.2",
    "deployment.environment.name": "production",
    names.BACKFILL: True,
}
HOUR = 3_600_000_000_000


def value(raw):
    if isinstance(raw, bool):
        return AnyValue(bool_value=raw)
    if isinstance(raw, int):
        return AnyValue(int_value=raw)
    if isinstance(raw, float):
        return AnyValue(double_value=raw)
    if isinstance(raw, bytes):
        return AnyValue(bytes_value=raw)
    if isinstance(raw, (list, tuple)):
        return AnyValue(array_value=ArrayValue(values=[value(item) for item in raw]))
    return AnyValue(string_value=raw)


def pairs(attributes):
    return [KeyValue(key=key, value=value(raw)) for key, raw in attributes.items()]


def link(to):
    return to if isinstance(to, Span.Link) else Span.Link(trace_id=to.trace_id, span_id=to.span_id)


def span(number=1, *, start=None, seconds=1.0, attributes=None, links=(), **fields):
    """A span whose ids follow from ``number``."""
    start = start or time.time_ns() - HOUR
    return Span(
        **{
            "trace_id": number.to_bytes(16, "big"),
            "span_id": number.to_bytes(8, "big"),
            "name": "chat",
            "kind": Span.SPAN_KIND_CLIENT,
            "start_time_unix_nano": start,
            "end_time_unix_nano": start + int(seconds * 1e9),
            "attributes": pairs(attributes or {}),
            "links": [link(to) for to in links],
        }
        | fields
    )


def output(number=1, *, model="gpt-4o", start=None, failed=False, **attributes):
    """An LLM span with an answer, for which a handle left the service."""
    start = start or time.time_ns() - HOUR
    tags = {
        "gen_ai.operation.name": "chat",
        "gen_ai.response.model": model,
        "gen_ai.conversation.id": "conversation-1",
        names.OUTPUT_TIME: start // 10**9,
        names.OUTPUT_LENGTH: 0 if failed else 120,
        names.REQUEST_SPAN_ID: number.to_bytes(8, "big").hex(),
        names.REQUEST_SEQ: 1,
        names.FEATURE: "support",
        names.HANDLE_KIND: "output",
    }
    if not failed:
        tags[names.OUTPUT_HASH] = f"hmac-sha256:{number:032x}"
    status = Status(code=Status.STATUS_CODE_ERROR) if failed else None
    return span(number, start=start, attributes=tags | attributes, status=status)


def action(number, to, name, *, after=10.0, amount=None, lost=None, reason=None):
    """An action span with its one link."""
    tags = {
        names.ACTION_NAME: name,
        names.ACTION_ID: f"{number:032x}",
        names.ACTION_SOURCE: "browser",
        names.LINK_METHOD: "handle",
        names.OUTPUT_TIME: to.start_time_unix_nano // 10**9,
    }
    if amount is not None:
        tags[names.ACTION_VALUE] = amount
    if lost is not None:
        tags |= {names.ACTION_LOST: lost, names.USER_AGENT_NAME: "Safari"}
    if reason is not None:
        tags[names.ACTION_REASON] = reason
    start = to.end_time_unix_nano + int(after * 1e9)
    return span(1_000_000 + number, start=start, seconds=0, attributes=tags, links=[to])


def traces(*spans, resource=None):
    return ExportTraceServiceRequest(
        resource_spans=[
            ResourceSpans(
                resource={"attributes": pairs(RESOURCE if resource is None else resource)},
                scope_spans=[ScopeSpans(scope={"name": "scope", "version": "2"}, spans=spans)],
            )
        ]
    )
