"""MLflow Tracing, with its own tracer provider and with the application's."""

import pytest

from .models import QUESTION
from .programs import BOTH, HASH, QUESTION_HASH
from .user_code import OPENAI, OPENAI_CASES, OPENAI_PARTS, OPENAI_RESPONSES

PACKAGE = "mlflow-tracing"
# Where the spans go, and nothing of metrics, for which it would ask a tracking server.
ON = """
import os
endpoint = os.environ.pop("OTEL_EXPORTER_OTLP_ENDPOINT")
os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = endpoint + "/v1/traces"
import mlflow
mlflow.openai.autolog()
"""
VARIABLES = {
    "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
}
# It exports in the background.
FLUSH = "\nmlflow.flush_trace_async_logging()\n"
OBSERVED = f"""
@mlflow.trace
def pipeline(question):
    return ask("inner").choices[0].message.content

@mlflow.trace(span_type="LLM")
def own(question):
    return client.chat.completions.create(model="own", messages=MESSAGES).choices[0].message.content

pipeline({QUESTION!r})
own({QUESTION!r})
"""
# A stream that is closed before its end never ends its span: "aborted" is not seen.
ANSWERS = {
    "whole": [HASH],
    "streamed": [HASH],
    "tools": [None, None],
    # It puts a stream together without telling choices apart.
    "two": [HASH, BOTH],
    "empty": ["empty"],
    "broken": [None],
    "parts": [HASH],
    "response": [HASH],
    "response streamed": [HASH],
    "thinks": [HASH],
    "tools response": [None],
}
# Its exporter is added to the application's provider, which here has none of its own.
SHARED = {"MLFLOW_USE_DEFAULT_TRACER_PROVIDER": "false"}
NO_EXPORTER = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
trace.set_tracer_provider(TracerProvider())
"""


@pytest.fixture(scope="module")
def python(environment):
    return environment("current")


@pytest.mark.parametrize("variables", [{}, SHARED], ids=["its own provider", "the application's"])
def test_openai(run, python, variables):
    program = ON + OPENAI + OPENAI_CASES + OPENAI_PARTS + OPENAI_RESPONSES + FLUSH
    ran = run(python, program, providers=NO_EXPORTER, **VARIABLES, **variables)
    assert ran.answers == ANSWERS
    assert ran.questions == {QUESTION_HASH}


def test_traced_functions(run, python):
    ran = run(python, ON + OPENAI + OBSERVED + FLUSH, **VARIABLES)
    # A function that is said to be a model call has no model of its own.
    assert ran.answers == {"inner": [HASH], "own": [HASH], None: [HASH]}
    assert ran.questions == {QUESTION_HASH}


def test_recorded(record, python):
    record("mlflow", python, PACKAGE, ON + OPENAI + 'ask("gpt-4o")' + FLUSH, variables=VARIABLES)
    record(
        "mlflow-streamed",
        python,
        PACKAGE,
        ON + OPENAI + 'list(ask("gpt-4o", stream=True))' + FLUSH,
        variables=VARIABLES,
    )
