import json

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from . import otlp

START = 1_795_464_000_123_456_789


def _span():
    return otlp.span(
        0xABC,
        start=START,
        seconds=2.5,
        name="chat gpt-4o",
        parent_span_id=b"\0" * 7 + b"\x01",
        trace_state="a=b",
        attributes={"gen_ai.request.model": "gpt-4o", "tokens": 12, "stop": ["x"]},
        status=Status(code=Status.STATUS_CODE_ERROR, message="broken"),
        events=[Span.Event(time_unix_nano=START + 5, name="e", attributes=otlp.pairs({"k": True}))],
        links=[Span.Link(trace_id=b"\x01" * 16, span_id=b"\x02" * 8, trace_state="c=d")],
    )


def test_a_span_becomes_the_row_that_the_exporter_writes(send, clean):
    send(_span(), resource={"service.name": "chat", "n": 1})
    stored = list(clean.query("select *, toUnixTimestamp64Nano(Timestamp) as nano from otel_traces")
                  .named_results())  # fmt: skip
    assert len(stored) == 1
    row = stored[0]
    expected = {
        "nano": START,
        "TraceId": "00000000000000000000000000000abc",
        "SpanId": "0000000000000abc",
        "ParentSpanId": "0000000000000001",
        "TraceState": "a=b",
        "SpanName": "chat gpt-4o",
        "SpanKind": "Client",
        "ServiceName": "chat",
        "ResourceAttributes": {"service.name": "chat", "n": "1"},
        "ScopeName": "scope",
        "ScopeVersion": "2",
        "SpanAttributes": {"gen_ai.request.model": "gpt-4o", "tokens": "12", "stop": '["x"]'},
        "Duration": 2_500_000_000,
        "StatusCode": "Error",
        "StatusMessage": "broken",
        "Events.Name": ["e"],
        "Events.Attributes": [{"k": "true"}],
        "Links.TraceId": ["01" * 16],
        "Links.SpanId": ["02" * 8],
        "Links.TraceState": ["c=d"],
        "Links.Attributes": [{}],
    }
    assert {key: row[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("kind", "code", "stored"),
    [
        (1, 0, ("Internal", "Unset")),
        (2, 1, ("Server", "Ok")),
        (-1, 99, ("", "")),
        (77, 2, ("", "Error")),
    ],
)
def test_kinds_and_statuses_unknown_to_us_are_stored_empty(send, clean, kind, code, stored):
    send(otlp.span(kind=kind, status=Status(code=code)))
    assert clean.query("select SpanKind, StatusCode from otel_traces").result_rows == [stored]


def test_a_clock_that_was_set_back_makes_no_duration(send, clean):
    send(otlp.span(start=START, end_time_unix_nano=START - 10))
    assert clean.query("select Duration from otel_traces").result_rows == [(0,)]


def test_a_log_record_becomes_the_row_that_the_exporter_writes(clean, web):
    record = {
        "observedTimeUnixNano": str(START),
        "traceId": "ABCDEF0123456789abcdef0123456789",
        "spanId": "0123456789abcdef",
        "flags": 257,
        "severityNumber": 9,
        "severityText": "INFO",
        "body": {"kvlistValue": {"values": [{"key": "a", "value": {"intValue": "5"}}]}},
        "attributes": [{"key": "k", "value": {"doubleValue": 0.5}}],
        "eventName": "ai_feedback.output.details",
    }
    request = {
        "resourceLogs": [
            {
                "schemaUrl": "r",
                "resource": {
                    "attributes": [{"key": "service.name", "value": {"stringValue": "s"}}]
                },
                "scopeLogs": [
                    {
                        "schemaUrl": "u",
                        "scope": {"name": "n", "version": "v", "attributes": []},
                        "logRecords": [record],
                    }
                ],
            }
        ]
    }
    answer = web.post(
        "/v1/logs",
        content=json.dumps(request),
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    assert (answer.status_code, answer.json()) == (200, {})
    row = next(iter(clean.query("select * from otel_logs").named_results()))
    expected = {
        "TraceId": "abcdef0123456789abcdef0123456789",
        "SpanId": "0123456789abcdef",
        "TraceFlags": 1,
        "SeverityText": "INFO",
        "SeverityNumber": 9,
        "ServiceName": "s",
        "Body": '{"a":5}',
        "ResourceSchemaUrl": "r",
        "ResourceAttributes": {"service.name": "s"},
        "ScopeSchemaUrl": "u",
        "ScopeName": "n",
        "ScopeVersion": "v",
        "LogAttributes": {"k": "0.5"},
        "EventName": "ai_feedback.output.details",
    }
    assert {key: row[key] for key in expected} == expected
    nano = clean.query("select toUnixTimestamp64Nano(Timestamp) from otel_logs").result_rows
    assert nano == [(START,)]


def _attribute(key, **value):
    return {"key": key, "value": value}


def test_protobuf_and_json_make_the_same_rows(send, clean, web):
    span = _span()
    send(span)
    first = clean.query("select * from otel_traces").result_rows
    clean.command("truncate table otel_traces")
    as_json = {
        "traceId": span.trace_id.hex(),
        "spanId": span.span_id.hex(),
        "parentSpanId": span.parent_span_id.hex(),
        "traceState": "a=b",
        "name": span.name,
        "kind": 3,
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": START + 2_500_000_000,
        "somethingNew": {"of": ["a", "later version"]},
        "attributes": [
            _attribute("gen_ai.request.model", stringValue="gpt-4o"),
            _attribute("tokens", intValue="12"),
            _attribute("stop", arrayValue={"values": [{"stringValue": "x"}]}),
        ],
        "events": [
            {
                "timeUnixNano": str(START + 5),
                "name": "e",
                "attributes": [_attribute("k", boolValue=True)],
            }
        ],
        "links": [{"traceId": "01" * 16, "spanId": "02" * 8, "traceState": "c=d"}],
        "status": {"code": 2, "message": "broken"},
    }
    resource = [
        _attribute("service.name", stringValue="chat"),
        _attribute("service.version", stringValue="1.4.2"),
        _attribute("deployment.environment.name", stringValue="production"),
        _attribute("ai_feedback.backfill", boolValue=True),
    ]
    scope = {"scope": {"name": "scope", "version": "2"}, "spans": [as_json]}
    request = {
        "resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": [scope]}],
    }
    answer = web.post("/v1/traces", json=request)
    assert (answer.status_code, answer.json()) == (200, {})
    assert clean.query("select * from otel_traces").result_rows == first


def test_half_a_character_from_javascript_is_replaced(clean, web):
    record = {"timeUnixNano": str(START), "body": {"stringValue": "cut \ud83d"}}
    # json.dumps writes half a character as JavaScript does: as an escape.
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})
    answer = web.post("/v1/logs", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert clean.query("select Body from otel_logs").result_rows == [("cut \ufffd",)]


def test_what_our_own_attributes_hold_can_not_fail_the_insert(send, clean):
    """An insert that a view refuses would be refused forever, with all that travels with it."""
    names = otlp.names
    nonsense = ["", "abc", "-1", "9" * 40, "NaN", "\0", True, -(2**63), 1e300, ["x"], b"\xff"]
    keys = [names.OUTPUT_TIME, names.OUTPUT_LENGTH, names.REQUEST_SEQ, names.ACTION_VALUE,
            names.INPUT_SKETCH, names.TEXT_RATE, names.ACTION_NAME, names.ACTION_ID]  # fmt: skip
    spans = []
    for number, value in enumerate(nonsense, start=1):
        target = otlp.output(number)
        spans.append(otlp.output(100 + number, **dict.fromkeys(keys[:3], value)))
        spans.append(otlp.span(200 + number, attributes=dict.fromkeys(keys, value), links=[target]))
    send(*spans)
    assert clean.query("select count() from otel_traces").result_rows == [(len(spans),)]
