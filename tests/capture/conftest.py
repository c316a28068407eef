"""A real SDK with in-memory exporters, and capture switched on over it."""

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import otel_ai_feedback
from otel_ai_feedback.capture.guard import GUARD, Guard
from otel_ai_feedback.config import load

from .telemetry import KEY, Clock, Telemetry


@pytest.fixture
def environment(tmp_path):
    """Settings by short name; tests add to it before they switch capture on."""
    return {"KEY": KEY, "STATE_DIR": str(tmp_path)}


@pytest.fixture
def switch_on(environment, tmp_path):
    """Switch capture on over fresh providers; arguments go to the tracer provider."""

    def on(clock=None, setting=None, logs=True, observe=None, **provider_arguments):
        clock = clock or Clock()
        exporter, log_exporter = InMemorySpanExporter(), InMemoryLogRecordExporter()
        provider = TracerProvider(shutdown_on_exit=False, **provider_arguments)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        loggers = LoggerProvider(shutdown_on_exit=False)
        loggers.add_log_record_processor(SimpleLogRecordProcessor(log_exporter))
        names = {f"OTEL_AI_FEEDBACK_{k}": v for k, v in (environment | (setting or {})).items()}
        settings = load(environ=names, directory=tmp_path)
        telemetry = Telemetry(provider, loggers, clock, exporter, log_exporter)
        otel_ai_feedback.instrument(provider, loggers if logs else None, settings, clock, observe)
        return telemetry

    GUARD.once.__init__()
    yield on
    otel_ai_feedback.uninstrument()


@pytest.fixture
def telemetry(switch_on):
    return switch_on()


@pytest.fixture
def guard():
    return Guard()
