"""Capture without a line of code, under real distributions, frameworks and providers."""

import json
import os
import socket
import subprocess
import urllib.request

import pytest

from capture.fakes import ANSWER, collecting, plain, url
from capture.telemetry import KEY

from .programs import HASH, QUESTION_HASH
from .user_code import OPENAI

LAUNCHER = ("opentelemetry-instrument",)
OTLP = {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_METRICS_EXPORTER": "none"}
ASK = OPENAI + 'ask("gpt-4o")\n'
# A model call as an instrumentation would record it, where the provider is what matters.
MANUAL = f"""
import json
from opentelemetry import trace
PARTS = [{{"type": "text", "content": {ANSWER!r}}}]
MESSAGES = json.dumps([{{"role": "assistant", "parts": PARTS}}])

def chat(tracer):
    attributes = {{"gen_ai.operation.name": "chat", "gen_ai.output.messages": MESSAGES}}
    span = tracer.start_span("chat", attributes=attributes)
    span.end()
    return span
"""


@pytest.fixture
def zero(run):
    """``zero(python, program, **variables)``: what it sent, under opentelemetry-instrument."""

    def zero(python, program, **variables):
        return run(
            python, program, capture=False, providers="", launcher=LAUNCHER, **(OTLP | variables)
        )

    return zero


@pytest.fixture(scope="module")
def genai(environment):
    return environment(
        "zero-code-genai", "opentelemetry-distro==0.66b2", "opentelemetry-exporter-otlp==1.45.2",
        "opentelemetry-configuration==0.66b2", "opentelemetry-instrumentation-genai-openai==1.3b0",
        "openai", "gunicorn>=27",
    )  # fmt: skip


@pytest.fixture(scope="module")
def first(environment):
    """The oldest loader that is supported, with the SDK of its day."""
    return environment(
        "zero-code-first", "opentelemetry-distro==0.45b0", "opentelemetry-exporter-otlp==1.24.0",
        "opentelemetry-sdk==1.24.0", "setuptools<81", "protobuf<5",
    )  # fmt: skip


@pytest.fixture(scope="module")
def openinference(environment):
    return environment(
        "zero-code-openinference", "opentelemetry-distro==0.55b1",
        "opentelemetry-exporter-otlp==1.34.1", "openinference-instrumentation-openai==0.1.30",
        "openai<2", "setuptools<81",
    )  # fmt: skip


def test_content_capture_is_off_and_the_answer_is_hashed(zero, genai):
    ran = zero(genai, ASK)
    assert ran.hashes == [HASH]
    assert ran.questions == {QUESTION_HASH}
    assert b"capital of France" not in ran.sent


def test_with_content_capture_on(zero, genai):
    ran = zero(genai, ASK, OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="SPAN_ONLY")
    assert ran.hashes == [HASH]


def test_an_older_loader_with_another_instrumentation(zero, openinference):
    ran = zero(openinference, ASK)
    assert ran.hashes == [HASH]
    assert ran.questions == {QUESTION_HASH}


def test_the_first_loader(zero, first):
    ran = zero(first, MANUAL + 'chat(trace.get_tracer("t"))')
    assert ran.hashes == [HASH]


def test_off_by_the_standard_variables(zero, genai):
    program = ASK + "from opentelemetry.sdk.trace import Span\nprint(Span.end.__module__)\n"
    for name, value in {
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "ai_feedback", "OTEL_SDK_DISABLED": "true",
    }.items():  # fmt: skip
        ran = zero(genai, program, **{name: value})
        assert ran.outputs == []
        assert ran.out == "opentelemetry.sdk.trace\n"


CONFIGURATION = """
file_format: "1.0"
tracer_provider:
  processors:
    - simple: {exporter: {otlp_http: {endpoint: "${OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces"}}}
instrumentation/development:
  python:
    ai_feedback: OPTIONS
"""


@pytest.mark.parametrize(
    ("options", "features"),
    [
        ("{feature: search, hash_min_length: 3}", ["search"]),
        ("{enabled: false}", [None]),
        # Logged, and then capture stays off.
        ("{featur: search}", []),
    ],
)
def test_options_by_declarative_configuration(zero, genai, tmp_path, options, features):
    file = tmp_path / "otel.yaml"
    file.write_text(CONFIGURATION.replace("OPTIONS", options))
    ran = zero(genai, ASK, OTEL_CONFIG_FILE=str(file))
    assert [output.get("ai_feedback.feature") for output in ran.outputs] == features


def test_several_providers_that_the_code_builds(zero, genai):
    program = (
        MANUAL
        + """
from opentelemetry.sdk.trace import TracerProvider
early = trace.get_tracer("t")                      # of the distribution's
private = [TracerProvider() for _ in range(2)]     # of nobody's
for tracer in (early, *(provider.get_tracer("t") for provider in private)):
    print(chat(tracer).attributes["ai_feedback.request.seq"])
"""
    )
    assert zero(genai, program).out == "1\n1\n1\n"


def test_a_tracer_of_the_proxy_from_before_there_was_a_provider(zero, genai):
    program = (
        MANUAL
        + """
from opentelemetry.sdk.trace import TracerProvider
tracer = trace.get_tracer("t")
assert type(tracer).__name__ == "ProxyTracer", type(tracer)
trace.set_tracer_provider(TracerProvider())
print("ai_feedback.output.hash" in chat(tracer).attributes)
"""
    )
    # A configurator that is not there: nobody sets a provider before the code does.
    ran = zero(genai, program, OTEL_PYTHON_CONFIGURATOR="none")
    assert ran.out == "True\n"


LOGFIRE = """
import logfire
logfire.configure(send_to_logfire=False, console=False)
logfire.instrument_openai()
"""


def test_logfire(zero, environment):
    """Its provider replaces the distribution's, and is a proxy for one built still later."""
    python = environment("zero-code-logfire", "logfire==5.2.0", "opentelemetry-distro", "openai")
    ran = zero(python, LOGFIRE + ASK, OTEL_TRACES_EXPORTER="otlp")
    assert ran.hashes == [HASH]


def test_logfire_that_was_configured_before(run, environment):
    python = environment("zero-code-logfire", "logfire==5.2.0", "opentelemetry-distro", "openai")
    by_hand = """
from otel_ai_feedback.capture.install.instrumentor import FeedbackInstrumentor
FeedbackInstrumentor().instrument()
"""
    ran = run(python, LOGFIRE + by_hand + ASK, capture=False, providers="", **OTLP)
    assert ran.hashes == [HASH]


def test_mlflow(zero, environment):
    """Its provider is private, and built with its first trace."""
    python = environment(
        "zero-code-mlflow", "mlflow-skinny==3.17.2", "opentelemetry-distro",
        "opentelemetry-exporter-otlp",
    )  # fmt: skip
    program = (
        MANUAL
        + """
import mlflow
from mlflow.tracing.provider import provider
mlflow.set_tracking_uri("sqlite:///mlflow.db")
with mlflow.start_span("request") as request:
    private = provider.get()
    assert private is not trace.get_tracer_provider()
    span = chat(private.get_tracer("t"))
print("ai_feedback.output.hash" in span.attributes)
"""
    )
    ran = zero(python, program, MLFLOW_ENABLE_ASYNC_TRACE_LOGGING="false")
    assert ran.out.splitlines()[-1] == "True"


APPLICATION = (
    MANUAL
    + """
import os, otel_ai_feedback

def application(environ, start_response):
    with trace.get_tracer("t").start_as_current_span("POST /chat"):
        chat(trace.get_tracer("t"))
        handle = otel_ai_feedback.output_handle()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"worker": os.getpid(), "handle": handle}).encode()]
"""
)


def test_gunicorn_that_forks_after_capture_was_switched_on(genai, tmp_path):
    (tmp_path / "service.py").write_text(APPLICATION)
    with collecting() as collector, socket.create_server(("127.0.0.1", 0)) as listening:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
        process = subprocess.Popen(
            [
                genai.parent / "opentelemetry-instrument", genai, "-m", "gunicorn", "--preload",
                "--workers", "2", "--no-control-socket", "--bind", f"fd://{listening.fileno()}",
                "service:application",
            ],
            env=kept | OTLP | {
                "OTEL_EXPORTER_OTLP_ENDPOINT": url(collector), "OTEL_AI_FEEDBACK_KEY": KEY,
                "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path),
            },
            cwd=tmp_path, pass_fds=[listening.fileno()], stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        answers = []
        for _ in range(8):
            with urllib.request.urlopen(address, timeout=60) as answer:
                answers.append(json.load(answer))
        process.terminate()
        _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors, errors
    assert all(answer["handle"] for answer in answers)
    tagged = [s for s in collector.spans if "ai_feedback.output.hash" in plain(s.attributes)]
    assert len(tagged) == 8
    assert [plain(s.attributes).get("ai_feedback.handle.kind") for s in tagged] == ["output"] * 8
