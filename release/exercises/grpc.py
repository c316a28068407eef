"""The extra ``grpc``: the SDK's exporter sends a span over gRPC, and it is taken."""

import sys
from pathlib import Path

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult

from otel_ai_feedback import serve
from otel_ai_feedback.config import load

work = Path(sys.argv[1])
settings = load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": str(work)}, directory=work)
with serve.running(settings, port=0, grpc_port=0) as server:
    exporter = OTLPSpanExporter(endpoint=f"http://{server.grpc}", insecure=True)
    span = TracerProvider().get_tracer("exercise").start_span("chat")
    span.end()
    assert exporter.export([span]) is SpanExportResult.SUCCESS  # type: ignore[list-item]
    exporter.shutdown()
