"""Switching on: which providers are found or built, each case in a process of its own."""

import os
import subprocess
import sys

import pytest

from .fakes import collecting, plain, url
from .telemetry import KEY

SPAN = """
from opentelemetry import trace
MESSAGES = '[{"parts": [{"type": "text", "content": "hello"}]}]'
def chat(provider=None):
    attributes = {
        "gen_ai.operation.name": "chat", "gen_ai.output.messages": MESSAGES,
        "gen_ai.input.messages": '[{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]',
    }
    span = (provider or trace).get_tracer("t").start_span("chat", attributes=attributes)
    span.end()
    return span
"""


def run(code, tmp_path, environment=()):
    with collecting() as collector:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OTEL_")}
        ours = {"OTEL_AI_FEEDBACK_KEY": KEY, "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path)}
        given = {k: v.replace("COLLECTOR", url(collector)) for k, v in dict(environment).items()}
        finished = subprocess.run(
            [sys.executable, "-c", "import otel_ai_feedback" + SPAN + code],
            env=kept | ours | given, capture_output=True, text=True, timeout=60, cwd=tmp_path,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stderr
        return collector, finished.stderr


ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "COLLECTOR"}
# An output whose delivery is left to an event, as its span was read before.
DELIVERED = "span = chat(); dict(span.attributes); otel_ai_feedback.output_handle(span)"


@pytest.mark.parametrize(
    "environment",
    [
        ENDPOINT,
        ENDPOINT | {"OTEL_TRACES_EXPORTER": "otlp"},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "COLLECTOR/v1/traces",
         "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "COLLECTOR/v1/logs"},
    ],
)  # fmt: skip
def test_a_provider_is_built_when_the_environment_exports(environment, tmp_path):
    collector, _ = run("otel_ai_feedback.instrument(); " + DELIVERED, tmp_path, environment)
    assert ["ai_feedback.output.hash" in plain(span.attributes) for span in collector.spans] == [
        True
    ]
    assert [log.event_name for log in collector.logs] == ["ai_feedback.output.delivered"]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        ENDPOINT | {"OTEL_TRACES_EXPORTER": "none"},
        ENDPOINT | {"OTEL_TRACES_EXPORTER": "console"},
    ],
)
def test_otherwise_it_waits_and_says_so(environment, tmp_path):
    code = """
import logging; logging.basicConfig(level=logging.INFO)
otel_ai_feedback.instrument(); otel_ai_feedback.instrument()
assert not hasattr(trace.get_tracer_provider(), "add_span_processor")
chat()
"""
    collector, errors = run(code, tmp_path, environment)
    assert errors.count("waiting for a tracer provider") == 1
    assert collector.bodies == []


def test_a_disabled_sdk_keeps_capture_off(tmp_path):
    code = """
import logging; logging.basicConfig(level=logging.INFO)
from opentelemetry.sdk.trace import Span, TracerProvider
before = Span.end, TracerProvider.__init__
otel_ai_feedback.instrument(); otel_ai_feedback.instrument()
assert (Span.end, TracerProvider.__init__) == before
trace.set_tracer_provider(TracerProvider())
chat()
"""
    collector, errors = run(code, tmp_path, ENDPOINT | {"OTEL_SDK_DISABLED": "true"})
    assert errors.count("OTEL_SDK_DISABLED is true") == 1
    assert collector.bodies == []


def test_other_settings_than_those_of_the_first_call_are_refused(tmp_path):
    code = """
from otel_ai_feedback.config import load
for feature in ("search", "search", "support"):
    otel_ai_feedback.instrument(settings=load(options={"feature": feature}))
from opentelemetry.sdk.trace import TracerProvider
assert chat(TracerProvider()).attributes["ai_feedback.feature"] == "search"
"""
    _, errors = run(code, tmp_path)
    assert errors.count("keeps them") == 1


def test_no_logs_when_the_environment_says_so(tmp_path):
    environment = ENDPOINT | {"OTEL_LOGS_EXPORTER": "none"}
    collector, _ = run("otel_ai_feedback.instrument(); " + DELIVERED, tmp_path, environment)
    assert len(collector.spans) == 1
    assert collector.logs == []


def test_grpc_by_protocol(tmp_path):
    code = """
from otel_ai_feedback.capture.install.providers import build_logger_provider, build_tracer_provider
(processor,) = build_tracer_provider()._active_span_processor._span_processors
assert "grpc" in type(processor.span_exporter).__module__
assert build_logger_provider(None) is not None
"""
    grpc = {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    run(code + "import os; os._exit(0)", tmp_path, ENDPOINT | grpc)
    run(
        code.replace('"grpc" in', '"http" in') + "os = __import__('os'); os._exit(0)",
        tmp_path, ENDPOINT | grpc | {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"},
    )  # fmt: skip


def test_the_applications_own_providers_are_used_whenever_they_are_set(tmp_path):
    code = """
from opentelemetry import _logs
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
otel_ai_feedback.instrument()
trace.set_tracer_provider(TracerProvider())
exporter = InMemoryLogRecordExporter()
loggers = LoggerProvider()
loggers.add_log_record_processor(SimpleLogRecordProcessor(exporter))
_logs.set_logger_provider(loggers)
span = chat()
assert "ai_feedback.output.hash" in span.attributes
otel_ai_feedback.output_handle(span)
trace.get_tracer_provider().force_flush()
assert len(exporter.get_finished_logs()) == 1
"""
    run(code, tmp_path)


def test_instrument_again_changes_nothing_and_adds_what_is_given(tmp_path):
    code = """
from opentelemetry.sdk.trace import TracerProvider
early = TracerProvider()
for _ in range(3):
    otel_ai_feedback.instrument()
later = TracerProvider()
assert "ai_feedback.output.time" not in chat(early).attributes
otel_ai_feedback.instrument(early)
otel_ai_feedback.instrument(early)
assert [chat(p).attributes["ai_feedback.request.seq"] for p in (early, later)] == [1, 1]
assert len(early._active_span_processor._span_processors) == 1
assert otel_ai_feedback.stats()["tagged"] == 2
"""
    run(code, tmp_path)


@pytest.mark.slow
def test_uninstrument_leaves_everything_as_it_was(tmp_path):
    code = """
import os
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.util.genai.handler import TelemetryHandler
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
OpenAIInstrumentor().instrument()
before = TracerProvider.__init__, TelemetryHandler.__init__, dict(os.environ)
otel_ai_feedback.instrument()
assert os.environ["OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK"] == "ai_feedback"
provider = TracerProvider()
otel_ai_feedback.uninstrument()
assert (TracerProvider.__init__, TelemetryHandler.__init__, dict(os.environ)) == before
assert "ai_feedback.output.time" not in chat(provider).attributes
assert "ai_feedback.output.time" not in chat(TracerProvider()).attributes
import gc
(handler,) = [o for o in gc.get_objects() if type(o) is TelemetryHandler]
assert not handler.should_capture_content()
otel_ai_feedback.instrument()
assert "ai_feedback.output.time" in chat(TracerProvider()).attributes
"""
    run(code, tmp_path)


def test_another_choice_of_hook_in_the_environment_is_kept(tmp_path):
    code = """
import os
otel_ai_feedback.instrument()
assert os.environ["OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK"] == "upload"
otel_ai_feedback.uninstrument()
assert os.environ["OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK"] == "upload"
"""
    run(code, tmp_path, {"OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK": "upload"})


def test_the_last_words_of_a_short_program_arrive(tmp_path):
    """Events whose work had not begun when the interpreter started to shut down."""
    code = f"otel_ai_feedback.instrument()\nfor _ in range(50): {DELIVERED}"
    collector, _ = run(code, tmp_path, ENDPOINT)
    assert (len(collector.spans), len(collector.logs)) == (50, 50)


def test_an_unreachable_collector_does_not_disturb_the_program(tmp_path):
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
    }  # fmt: skip
    code = "otel_ai_feedback.instrument(); chat(); assert otel_ai_feedback.output_handle() is None"
    run(code, tmp_path, environment)
