"""OTLP over gRPC, as the exporters of OpenTelemetry's SDK send it."""

import dataclasses
import gzip
import socket

import grpc
import httpx
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult

from otel_ai_feedback import config, serve
from otel_ai_feedback.serve.writer import Writer

from . import otlp

TOKEN = "a-token-of-senders-0123456789"
AUTHORIZED = (("authorization", f"Bearer {TOKEN}"),)


@pytest.fixture(scope="module")
def server(engine, settings):
    limits = serve.Limits(
        requests_per_client=2, retry_after_seconds=1, body_bytes=1_000_000, body_seconds=2
    )
    chosen = dataclasses.replace(settings, otlp_token=TOKEN)
    with serve.running(chosen, port=0, grpc_port=0, limits=limits, jobs_every=None) as running:
        yield running


@pytest.fixture(scope="module")
def export(server):
    """``export(body)`` sends one message as it is."""
    with grpc.insecure_channel(server.grpc) as channel:

        def export(body, metadata=AUTHORIZED, **more):
            method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
            return channel.unary_unary(method)(body, metadata=metadata, timeout=30, **more)

        yield export


def _count(client, table="otel_traces"):
    return client.query(f"select count() from {table}").first_row[0]


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_the_exporters_of_the_sdk(server, clean, compression):
    to = {
        "endpoint": f"http://{server.grpc}", "insecure": True, "headers": AUTHORIZED,
        "compression": compression,
    }  # fmt: skip
    results = []

    class Exporter(OTLPSpanExporter):
        def export(self, spans):
            results.append(super().export(spans))
            return results[-1]

    tracing = TracerProvider()
    tracing.add_span_processor(SimpleSpanProcessor(Exporter(**to)))
    with tracing.get_tracer("test").start_as_current_span("chat") as span:
        span.set_attribute("gen_ai.operation.name", "chat")
    # An answer says that it is stored, so nothing is waited for.
    assert results == [SpanExportResult.SUCCESS]
    assert clean.query("select SpanName from otel_traces").result_rows == [("chat",)]
    logging = LoggerProvider()
    logging.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(**to)))
    logging.get_logger("test").emit(body="an event", event_name="ai_feedback.turn")
    assert _count(clean, "otel_logs") == 1
    metering = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter(**to))])
    metering.get_meter("test").create_counter("calls").add(1)
    assert metering.force_flush()
    for provider in (tracing, logging, metering):
        provider.shutdown()


def test_invalid_spans_are_named_and_the_others_stored(export, clean):
    body = otlp.traces(otlp.output(1), otlp.span(2, trace_id=b"short")).SerializeToString()
    said = ExportTraceServiceResponse.FromString(export(body)).partial_success
    assert said.rejected_spans == 1
    assert "trace id" in said.error_message
    assert _count(clean) == 1


def _refused(export, body, **more):
    with pytest.raises(grpc.RpcError) as refused:
        export(body, **more)
    error = refused.value
    trailing = dict(error.trailing_metadata())
    details = trailing.get("grpc-status-details-bin")
    return error.code(), error.details(), details and Status.FromString(details), trailing


@pytest.mark.parametrize(
    ("body", "metadata", "code", "said"),
    [
        (b"\xff" * 50, AUTHORIZED, grpc.StatusCode.INVALID_ARGUMENT, "Protobuf"),
        (b"\x1f\x8bno", AUTHORIZED, grpc.StatusCode.INVALID_ARGUMENT, "gzip"),
        (otlp.traces(otlp.output()).SerializeToString(), (), grpc.StatusCode.UNAUTHENTICATED,
         "OTEL_AI_FEEDBACK_OTLP_TOKEN"),
        (b"", (("authorization", "Bearer wrong"),), grpc.StatusCode.UNAUTHENTICATED, "token"),
        (gzip.compress(b"\n" * 5_000_000), AUTHORIZED, grpc.StatusCode.RESOURCE_EXHAUSTED,
         "larger than"),
        (b"\n" * 1_500_000, AUTHORIZED, grpc.StatusCode.RESOURCE_EXHAUSTED, "larger than max"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_not_to_be_sent_again(export, clean, body, metadata, code, said):
    given, why, status, _ = _refused(export, body, metadata=metadata)
    assert given is code
    assert said in why
    # Without them, senders drop what RESOURCE_EXHAUSTED refuses; the last one is the library's.
    assert status is None or not status.details
    assert _count(clean) == 0


def test_a_store_that_takes_nothing_is_to_be_tried_again(export, clean, monkeypatch):
    body = otlp.traces(otlp.output()).SerializeToString()

    def full(self, group):
        for waiting in group:
            waiting.stored.set_exception(OSError("no space left on device"))

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "_commit", full)
        code, why, status, trailing = _refused(export, body)
    assert code is grpc.StatusCode.UNAVAILABLE
    assert "no space left" in why
    retry = RetryInfo()
    assert status.details[0].Unpack(retry)
    assert retry.retry_delay.seconds == 1
    assert RetryInfo.FromString(trailing["google.rpc.retryinfo-bin"]) == retry
    export(body)
    assert _count(clean) == 1


def test_a_client_has_so_many_places_over_both_protocols(server, export, clean):
    body = otlp.traces(otlp.output()).SerializeToString()
    head = (
        f"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
        "Content-Type: application/x-protobuf\r\nContent-Length: 100\r\n\r\n"
    )
    place = (httpx.URL(server.url).host, httpx.URL(server.url).port)
    slow = [socket.create_connection(place) for _ in range(2)]
    try:
        for one in slow:
            one.sendall(head.encode())
        code = None
        # They hold their places for the 2 s of a body, once the server has read their heads.
        for _ in range(200):
            try:
                export(body)
            except grpc.RpcError as error:
                code = error.code()
                trailing = dict(error.trailing_metadata())
                break
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert RetryInfo.FromString(trailing["google.rpc.retryinfo-bin"]).retry_delay.seconds == 1
    finally:
        for one in slow:
            one.close()


def test_a_port_that_is_taken_is_named_with_the_setting(settings, engine):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(serve.ListenError, match=f"{port}.*OTEL_AI_FEEDBACK_GRPC_LISTEN"),
            serve.running(settings, port=0, grpc_port=port, jobs_every=None),
        ):
            pass


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "127.0.0.1:4317"),
        ({"OTEL_AI_FEEDBACK_LISTEN": "0.0.0.0:4318"}, "0.0.0.0:4317"),
        ({"OTEL_AI_FEEDBACK_LISTEN": "[::1]:4318"}, "[::1]:4317"),
        ({"OTEL_AI_FEEDBACK_LISTEN": "127.0.0.1:8080"}, None),
        ({"OTEL_AI_FEEDBACK_GRPC_LISTEN": "none"}, None),
        ({"OTEL_AI_FEEDBACK_GRPC_LISTEN": "127.0.0.1:5317"}, "127.0.0.1:5317"),
    ],
)
def test_where_it_listens(given, expected):
    assert config.load(environ=given).grpc_listen == expected
