"""Rows of otel_traces and otel_logs as the Collector's exporter writes them."""

import json
from datetime import datetime, timezone
from hashlib import sha256
from itertools import groupby

from otel_ai_feedback import attributes as a
from otel_ai_feedback.store import facts

SECOND = 10**9
T0 = 1_763_366_400 * SECOND  # 2025-11-17 08:00:00 UTC, a Monday
RESOURCE = {
    "service.name": "chat",
    "service.version": "1",
    "deployment.environment.name": "production",
}


def hex_id(name, digits):
    return sha256(str(name).encode()).hexdigest()[:digits]


def trace_id(name):
    return hex_id(name, 32)


def span_id(name):
    return hex_id(name, 16)


def _row(resource):
    # Telemetry of the past counts as ingested when it ended, so that tests need not wait.
    resource = RESOURCE | {a.BACKFILL: "true"} | (resource or {})
    return {
        "ServiceName": resource.get("service.name", ""),
        "ResourceAttributes": {k: v for k, v in resource.items() if v is not None},
    }


def llm_span(
    name, *, at=0.0, seconds=1.0, text="some text", trace=None, request=None, seq=1, parent="",
    error=False, tagged=True, handle=None, resource=None, length=None, trace_state="", **more,
):  # fmt: skip
    """An LLM span that starts `at` seconds after T0. `text` only gives a hash and a length."""
    start = T0 + round(at * SECOND)
    trace = trace or name
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.response.model": "small"}
    if tagged:
        attributes |= {
            a.OUTPUT_TIME: str(start // SECOND),
            a.REQUEST_SPAN_ID: span_id(request or f"{trace} root"),
            a.REQUEST_SEQ: str(seq),
        }
        if text is not None:
            attributes[a.OUTPUT_LENGTH] = str(len(text) if length is None else length)
        if text:
            attributes[a.OUTPUT_HASH] = "sha256:" + hex_id(text, 32)
    if handle:
        attributes[a.HANDLE_KIND] = handle
    return _row(resource) | {
        "table": "otel_traces",
        "Timestamp": _time(start),
        "TraceId": trace_id(trace),
        "SpanId": span_id(name),
        "ParentSpanId": span_id(parent) if parent else "",
        "TraceState": trace_state,
        "SpanName": "chat small",
        "SpanKind": "Client",
        "SpanAttributes": _merged(attributes, more),
        "Duration": round(seconds * SECOND),
        "StatusCode": "Error" if error else "Unset",
    }


def action_span(
    action, output, *, at, value=None, trace=None, action_id=None, output_at=0.0, method="handle",
    source="browser", resource=None, **more,
):  # fmt: skip
    """An action on the LLM span `output` that started `output_at` seconds after T0."""
    start = T0 + round(at * SECOND)
    identity = action_id or f"{action} {output} {at}"
    attributes = {
        a.ACTION_NAME: action,
        a.ACTION_ID: hex_id(identity, 32),
        a.ACTION_SOURCE: source,
        a.LINK_METHOD: method,
        a.OUTPUT_TIME: str((T0 + round(output_at * SECOND)) // SECOND),
    }
    if value is not None:
        attributes[a.ACTION_VALUE] = str(value)
    linked = (trace_id(trace or output), span_id(output))
    return _row(resource) | {
        "table": "otel_traces",
        "Timestamp": _time(start),
        "TraceId": trace_id(f"action {identity}"),
        "SpanId": span_id(f"action {identity}"),
        "SpanName": f"ai_feedback {action}",
        "SpanKind": "Internal",
        "SpanAttributes": _merged(attributes, more),
        "Duration": 0,
        "StatusCode": "Unset",
        "Links.TraceId": [linked[0]],
        "Links.SpanId": [linked[1]],
        "Links.TraceState": [""],
        "Links.Attributes": [{}],
    }


def request_action(action, trace, *, at, request=None, **more):
    """An action on the request of `trace`, sent where its outputs were not known."""
    more.setdefault("action_id", f"{action} request {trace} {at}")
    return action_span(
        action, request or f"{trace} root", trace=trace, at=at, method="request",
        ai_feedback__output__time=None, **more,
    )  # fmt: skip


def event(kind, name, *, at=0.0, trace=None, resource=None, **more):
    """A details or delivered event of the LLM span (or root span) `name`."""
    start = T0 + round(at * SECOND)
    return _row(resource) | {
        "table": "otel_logs",
        "Timestamp": _time(start + SECOND),
        "TraceId": trace_id(trace or name),
        "SpanId": span_id(name),
        "EventName": kind,
        "LogAttributes": _merged({a.OUTPUT_TIME: str(start // SECOND)}, more),
    }


def insert(client, rows):
    """Insert rows in this order, neighbours of one table in one block, and update the facts."""
    send(client, rows)
    facts.refresh(client, datetime.now(timezone.utc).replace(tzinfo=None))


def send(client, rows):
    """Insert rows in this order, neighbours of one table in one block, and nothing else."""
    for table, block in groupby(rows, key=lambda row: row["table"]):
        lines = [{k: v for k, v in row.items() if k != "table"} for row in block]
        columns = sorted({column for line in lines for column in line})
        client.raw_insert(
            table, columns, "\n".join(map(json.dumps, lines)).encode(), fmt="JSONEachRow"
        )


def output_id(name, trace=None):
    return f"{trace_id(trace or name)}-{span_id(name)}"


def _time(ns):
    return f"{ns // SECOND}.{ns % SECOND:09d}"


def _merged(attributes, more):
    """`more` names attributes with __ for the dot; None takes one away."""
    more = {name.replace("__", "."): value for name, value in more.items()}
    return {name: value for name, value in (attributes | more).items() if value is not None}
