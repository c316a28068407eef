"""Every case of the table in docs/serve.md, against a real server."""

import gzip
import http.client
import json
import zlib
from urllib.parse import urlsplit

import pytest
from google.rpc.status_pb2 import Status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from otel_ai_feedback.serve.otlp import receiver

from . import otlp

START = 1_795_464_000_000_000_000
PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}
GZIP = {"Content-Encoding": "gzip"}


def _good():
    return otlp.traces(otlp.output()).SerializeToString()


def _refused(answer, status):
    """The refusal is a google.rpc.Status in the request's encoding, with a message."""
    assert answer.status_code == status
    if answer.headers["content-type"] == "application/json":
        said = answer.json()
        assert said["code"]
        return said["message"]
    assert answer.headers["content-type"] == "application/x-protobuf"
    said = Status.FromString(answer.content)
    assert said.code
    return said.message


@pytest.fixture(autouse=True)
def _lives_on(web, clean):
    yield
    answer = web.post("/v1/traces", content=_good(), headers=PROTOBUF)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (_good()[:-3], PROTOBUF, 400, "Protobuf"),
        (b"\xff" * 50, PROTOBUF, 400, "Protobuf"),
        (b"", JSON, 400, "JSON"),
        (b"{", JSON, 400, "JSON"),
        (b"[]", JSON, 400, "JSON"),
        (b"[" * 100_000, JSON, 400, "nested"),
        (b"\xff\xfe{}", JSON, 400, "JSON"),
        (b"not gzip", PROTOBUF | GZIP, 400, "gzip"),
        (b"", PROTOBUF | GZIP, 400, "gzip"),
        (gzip.compress(_good())[:-9], PROTOBUF | GZIP, 400, "ends too early"),
        (gzip.compress(_good())[:-8] + b"\0" * 8, PROTOBUF | GZIP, 400, "gzip"),
        (gzip.compress(_good()) + b"rest", PROTOBUF | GZIP, 400, "gzip"),
        (zlib.compress(_good()), PROTOBUF | GZIP, 400, "gzip"),
        (_good(), {"Content-Type": "text/plain"}, 415, "text/plain"),
        (_good(), {}, 415, "Content-Type"),
        (_good(), PROTOBUF | {"Content-Encoding": "br"}, 415, "br"),
        (_good(), PROTOBUF | {"Content-Encoding": "gzip, gzip"}, 415, "gzip, gzip"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs"])
def test_a_bad_request_is_refused_with_a_reason(web, path, body, headers, status, said):
    assert said in _refused(web.post(path, content=body, headers=headers), status)


@pytest.mark.parametrize(
    "body", [b'{"resourceSpans": 5}', b'{"resourceSpans": [{"scopeSpans": "x"}]}']
)
def test_json_of_another_shape(web, body):
    assert "OTLP JSON" in _refused(web.post("/v1/traces", content=body, headers=JSON), 400)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs", "/v1/metrics"])
def test_other_methods(web, method, path):
    answer = web.request(method, path, headers=JSON)
    assert "POST" in _refused(answer, 405)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("headers", [PROTOBUF, JSON])
@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/", "/v1/traces, /v1/logs or /v1/metrics"),
        ("/v1", "/v1/traces, /v1/logs or /v1/metrics"),
        ("/v1/traces/v1/logs", "/v1/traces, /v1/logs or /v1/metrics"),
        ("/v1/traces/v1/traces", "/v1/traces."),
        ("/v1/traces/", "/v1/traces."),
        ("/v1/trace", "/v1/traces."),
        ("/otlp/v1/logs", "/v1/logs."),
        ("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/v1/metrics."),
    ],
)
def test_otlp_at_another_path_gets_the_right_one(web, path, named, headers):
    """Never the error of a ClickHouse client, whose statements come to the root as well."""
    said = _refused(web.post(path, content=_good(), headers=headers), 404)
    assert f"send it to {named}" in said


def test_json_for_a_page_or_the_clickhouse_endpoint_is_not_taken_for_otlp(web):
    assert web.post("/triage", content=b"{}", headers=JSON).status_code in (404, 405)
    statement = web.post("/?query=select 1", content=b"", headers=JSON)
    assert "DB::Exception" in statement.text


@pytest.mark.slow
def test_a_gzip_bomb_is_refused_before_it_unfolds(web):
    bomb = gzip.compress(b"\0" * 1024) + gzip.compress(b"\0" * 200_000_000, 9)
    assert len(bomb) < 400_000
    answer = web.post("/v1/traces", content=bomb, headers=PROTOBUF | GZIP)
    assert "larger than" in _refused(answer, 413)


def test_a_body_of_100_mb_gets_its_answer_although_it_is_sent_to_the_end(server):
    def chunks():
        for _ in range(100):
            yield b"\0" * 1_000_000

    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    connection.request("POST", "/v1/traces", chunks(), PROTOBUF, encode_chunked=True)
    answer = connection.getresponse()
    assert answer.status == 413
    assert "larger than" in Status.FromString(answer.read()).message
    connection.close()


def test_a_client_that_leaves_half_way(server):
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=5)
    connection.putrequest("POST", "/v1/traces")
    connection.putheader("Content-Type", "application/x-protobuf")
    connection.putheader("Content-Length", "1000")
    connection.endheaders()
    connection.send(b"\x0a")
    connection.close()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"trace_id": b""}, "trace id is missing"),
        ({"trace_id": b"\0" * 16}, "trace id is all zeros"),
        ({"trace_id": b"\x01" * 15}, "trace id has 15 bytes"),
        ({"span_id": b"\x01" * 9}, "span id has 9 bytes"),
        ({"parent_span_id": b"\x01"}, "parent span id has 1 bytes"),
        ({"start_time_unix_nano": 0}, "start time is missing"),
        ({"end_time_unix_nano": 2**63}, "end time is after 2262"),
        ({"links": [Span.Link(trace_id=b"x")]}, "trace id of a link has 1 bytes"),
        ({"events": [{"name": "e"}]}, "time of an event is missing"),
    ],
)
def test_one_invalid_span_among_good_ones(web, clean, fields, why):
    body = otlp.traces(otlp.output(1), otlp.span(2, **fields), otlp.output(3))
    answer = web.post("/v1/traces", content=body.SerializeToString(), headers=PROTOBUF)
    assert answer.status_code == 200
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_spans == 1
    assert why in partial.error_message
    assert clean.query("select count() from otel_traces").result_rows == [(2,)]


def test_one_invalid_span_in_json(web, clean):
    def span(trace_id):
        return {
            "traceId": trace_id,
            "spanId": "01" * 8,
            "name": "n",
            "startTimeUnixNano": "1795464000000000000",
            "endTimeUnixNano": "1795464000000000001",
        }

    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span("xyz"), span("02" * 16)]}]}]}
    answer = web.post("/v1/traces", json=body)
    assert answer.status_code == 200
    partial = answer.json()["partialSuccess"]
    assert partial["rejectedSpans"] == "1"
    assert "trace id" in partial["errorMessage"]
    assert clean.query("select TraceId from otel_traces").result_rows == [("02" * 16,)]


def test_many_invalid_spans_are_counted_and_a_few_are_named(web, clean):
    spans = [otlp.span(n, trace_id=b"") for n in range(1, 300)]
    answer = web.post(
        "/v1/traces", content=otlp.traces(*spans).SerializeToString(), headers=PROTOBUF
    )
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_spans == 299
    assert "and 294 more" in partial.error_message
    assert len(partial.error_message) < 500


def test_an_empty_request_is_no_error(web):
    answer = web.post("/v1/traces", content=b"", headers=PROTOBUF)
    assert (answer.status_code, answer.content) == (200, b"")
    assert web.post("/v1/traces", content=b"{}", headers=JSON).json() == {}


def test_gzip_and_several_members(web, clean):
    good = _good()
    body = gzip.compress(good[:10]) + gzip.compress(good[10:])
    answer = web.post("/v1/traces", content=body, headers=PROTOBUF | GZIP)
    assert answer.status_code == 200
    assert clean.query("select count() from otel_traces").result_rows == [(1,)]


def test_metrics_are_taken_and_forgotten(web):
    answer = web.post("/v1/metrics", content=b"anything", headers=PROTOBUF)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.slow
def test_telemetry_that_spans_more_days_than_an_insert_usually_may(send, clean):
    day = 24 * otlp.HOUR
    spans = [otlp.output(n, start=1_700_000_000_000_000_000 + n * day) for n in range(1, 160)]
    send(*spans)
    assert clean.query("select count() from otel_traces").result_rows == [(159,)]


@settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_body_gets_anything_but_an_answer(web, data):
    good = otlp.traces(otlp.output(start=START)).SerializeToString()
    as_json = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "x"}]}]}]}).encode()

    def mutated(body):
        at = data.draw(st.integers(0, len(body)))
        cut = data.draw(st.integers(0, 8))
        return body[:at] + data.draw(st.binary(max_size=8)) + body[at + cut :]

    kind = data.draw(st.sampled_from(["binary", "protobuf", "json", "gzip"]))
    body = {
        "binary": lambda: data.draw(st.binary(max_size=200)),
        "protobuf": lambda: mutated(good),
        "json": lambda: mutated(as_json),
        "gzip": lambda: mutated(gzip.compress(good, mtime=0)),
    }[kind]()
    headers = data.draw(st.sampled_from([PROTOBUF, JSON]))
    if kind == "gzip":
        headers = headers | GZIP
    path = data.draw(st.sampled_from(["/v1/traces", "/v1/logs"]))
    answer = web.post(path, content=body, headers=headers)
    assert answer.status_code in (200, 400), answer.text


def test_a_request_for_which_there_is_no_memory_is_to_be_sent_again(web, monkeypatch):
    def decompress(*_):
        raise MemoryError

    monkeypatch.setattr(receiver, "gunzip", decompress)
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}
    answer = web.post("/v1/traces", content=gzip.compress(b""), headers=headers)
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
