"""Capture as an instrumentor: by hand, and under the real ``opentelemetry-instrument``."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.install import completion_hook, instrumentor
from otel_ai_feedback.capture.install.instrumentor import FeedbackInstrumentor

from .fakes import collecting, plain, url
from .telemetry import KEY
from .test_switch import SPAN

BASE = "opentelemetry.instrumentation.instrumentor"


@pytest.fixture
def by_hand(environment, monkeypatch):
    """The instrumentor, with settings of the test in the environment."""
    for name, value in environment.items():
        monkeypatch.setenv(f"OTEL_AI_FEEDBACK_{name}", value)
    GUARD.once.__init__()
    yield FeedbackInstrumentor()
    FeedbackInstrumentor._wrong_options = False
    FeedbackInstrumentor().uninstrument()


def chat(provider):
    attributes = {"gen_ai.operation.name": "chat"}
    span = provider.get_tracer("t").start_span("chat", attributes=attributes)
    span.end()
    return span.attributes


def test_on_and_off_by_hand(by_hand):
    from opentelemetry.sdk.trace import TracerProvider

    assert not by_hand.is_instrumented_by_opentelemetry
    early = TracerProvider(shutdown_on_exit=False)
    by_hand.instrument(tracer_provider=early, feature="search", skip_dep_check=True)
    by_hand.instrument()
    assert by_hand.is_instrumented_by_opentelemetry
    later = TracerProvider(shutdown_on_exit=False)
    assert [chat(p)["ai_feedback.feature"] for p in (early, later)] == ["search", "search"]
    by_hand.uninstrument()
    by_hand.uninstrument()
    assert not by_hand.is_instrumented_by_opentelemetry
    assert "ai_feedback.output.time" not in chat(later)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"featur": "search"}, "unknown option 'featur'; known are state_dir"),
        ({"hash": "md5"}, "option hash: 'md5' must be 'keyed' or 'plain'"),
        ({"hash_min_length": True}, "option hash_min_length: 'True' must be a whole number"),
    ],
)
def test_wrong_options_are_logged_and_capture_stays_off(by_hand, caplog, options, complaint):
    by_hand.instrument(**options)
    assert complaint in caplog.text
    assert not by_hand.is_instrumented_by_opentelemetry
    by_hand.instrument(skip_dep_check=True)
    assert not by_hand.is_instrumented_by_opentelemetry
    by_hand.instrument(feature="search")
    assert by_hand.is_instrumented_by_opentelemetry


def test_options_count_more_than_the_environment(by_hand, monkeypatch):
    from opentelemetry.sdk.trace import TracerProvider

    monkeypatch.setenv("OTEL_AI_FEEDBACK_FEATURE", "from the environment")
    by_hand.instrument(feature="from the code")
    provider = TracerProvider(shutdown_on_exit=False)
    assert chat(provider)["ai_feedback.feature"] == "from the code"


def test_it_is_an_instrumentor_where_there_are_any(by_hand):
    base = pytest.importorskip(BASE).BaseInstrumentor
    by_hand.instrument()
    assert isinstance(by_hand, base)
    assert by_hand.instrumentation_dependencies() == ()


def test_the_entry_points_are_found():
    (found,) = entry_points(group="opentelemetry_instrumentor", name="ai_feedback")
    assert found.load() is FeedbackInstrumentor
    (found,) = entry_points(group="opentelemetry_pre_instrument", name="ai_feedback")
    assert found.load() is instrumentor.select_hook


VARIABLE = "OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK"


@pytest.mark.parametrize(
    ("environment", "selected"),
    [
        ({}, "ai_feedback"),
        ({VARIABLE: ""}, "ai_feedback"),
        ({VARIABLE: "upload"}, "upload"),
        ({"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "redis, ai_feedback"}, None),
        ({"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "*"}, None),
        ({"OTEL_SDK_DISABLED": "true"}, None),
    ],
)
def test_the_hook_is_selected_unless_there_is_a_reason(monkeypatch, environment, selected):
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.delenv(VARIABLE)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    instrumentor.select_hook()
    assert os.environ.get(VARIABLE) == selected


def test_selecting_the_hook_never_raises(monkeypatch):
    def broken():
        raise OSError

    monkeypatch.setattr(completion_hook, "select", broken)
    instrumentor.select_hook()


# Under opentelemetry-instrument ------------------------------------------------------------------

LAUNCHER = shutil.which("opentelemetry-instrument", path=str(Path(sys.executable).parent))
launched = pytest.mark.skipif(
    LAUNCHER is None, reason="opentelemetry-instrument is not installed beside this Python"
)
PROVIDER = """
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
"""


# The others that are installed here take seconds to load, and have nothing to do with it.
OTHERS = ",".join(
    {found.name for found in entry_points(group="opentelemetry_instrumentor")} - {"ai_feedback"}
)


def launch(code, tmp_path, disabled=OTHERS, **variables):
    with collecting() as collector:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OTEL_")}
        ours = {
            "OTEL_AI_FEEDBACK_KEY": KEY, "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path),
            "OTEL_EXPORTER_OTLP_ENDPOINT": url(collector),
            "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": disabled,
        }  # fmt: skip
        done = subprocess.run(
            [LAUNCHER, sys.executable, "-c", SPAN + code], env=kept | ours | variables,
            capture_output=True, text=True, timeout=60, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return [plain(span.attributes) for span in collector.spans], done


@launched
def test_a_provider_that_the_code_builds_later_is_the_applications(tmp_path):
    """Without a distribution nobody builds one before, and capture must not either."""
    (span,), _ = launch(PROVIDER + "chat()", tmp_path)
    assert "ai_feedback.output.hash" in span


@launched
def test_the_standard_variable_switches_it_off(tmp_path):
    code = PROVIDER + f"chat(); import os; print({VARIABLE!r} in os.environ)"
    (span,), done = launch(code, tmp_path, disabled=f"{OTHERS}, ai_feedback")
    assert "ai_feedback.output.hash" not in span
    assert done.stdout == "False\n"


@launched
def test_wrong_settings_do_not_keep_the_program_from_running(tmp_path):
    (span,), done = launch(PROVIDER + "chat()", tmp_path, OTEL_AI_FEEDBACK_HASH="md5")
    assert "ai_feedback.output.hash" not in span
    assert "must be 'keyed' or 'plain'" in done.stderr


@launched
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_workers_that_fork_and_then_build_their_provider(tmp_path):
    """As a Celery worker does in ``worker_process_init``."""
    code = f"""
import os, sys
children = [os.fork() for _ in range(2)]
if 0 in children:
    exec({PROVIDER!r})
    with trace.get_tracer("t").start_as_current_span("task"):
        chat()
    provider.shutdown()
    sys.stdout.flush()
    os._exit(0)
for child in children:
    os.waitpid(child, 0)
"""
    spans, _ = launch(code, tmp_path)
    tagged = [span for span in spans if "ai_feedback.output.hash" in span]
    # Two forks make three children.
    assert (len(spans), len(tagged)) == (6, 3)


@launched
def test_by_hand_as_well_is_once(tmp_path):
    code = PROVIDER + "import otel_ai_feedback; otel_ai_feedback.instrument(); chat()"
    (span,), _ = launch(code, tmp_path)
    assert span["ai_feedback.request.seq"] == 1
