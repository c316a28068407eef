"""Finding the application's SDK providers, and building them when only the environment does."""

from __future__ import annotations

import os
from typing import Any, Final

from opentelemetry import _logs, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def sdk_tracer_provider() -> Any:
    """The global tracer provider if it is an SDK one (or takes processors like one)."""
    provider = trace.get_tracer_provider()
    return provider if hasattr(provider, "add_span_processor") else None


def sdk_is_disabled() -> bool:
    """Whether the standard variable switches the whole SDK off."""
    return os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"


def exports_by_environment() -> bool:
    """Whether the standard variables say that traces go out over OTLP."""
    if sdk_is_disabled():
        return False
    exporters = os.environ.get("OTEL_TRACES_EXPORTER", "").strip()
    if exporters:
        return "otlp" in [name.strip() for name in exporters.split(",")]
    return any(os.environ.get(name) for name in _ENDPOINTS)


def build_tracer_provider() -> TracerProvider:
    """A tracer provider that exports as the standard variables say."""
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    if _protocol("TRACES") == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
            OTLPSpanExporter as GrpcExporter,
        )

        exporter: Any = GrpcExporter()
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def build_logger_provider(resource: Resource | None) -> Any:
    """A logger provider of our own for the events, or ``None`` when the environment says none.

    Args:
        resource: The resource of the spans, so that both are of one service.
    """
    exporters = os.environ.get("OTEL_LOGS_EXPORTER", "otlp").split(",")
    if not exports_by_environment() or "otlp" not in [name.strip() for name in exporters]:
        return None
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

    if _protocol("LOGS") == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import (
            OTLPLogExporter as GrpcExporter,
        )

        exporter: Any = GrpcExporter()
    else:
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

        exporter = OTLPLogExporter()
    # Closed by ourselves, after the last event: its own exit handler would run before ours.
    provider: _logs.LoggerProvider = LoggerProvider(resource, shutdown_on_exit=False)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))  # type: ignore[attr-defined]
    return provider


def _protocol(signal: str) -> str:
    # http/protobuf is the specification's default, and the port of `otel-ai-feedback serve`.
    return (
        os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL")
        or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
        or "http/protobuf"
    ).strip()
