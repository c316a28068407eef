"""Running the user's code under a real package, and what the collector got of it."""

import os
import subprocess
from dataclasses import dataclass

from capture.fakes import ANSWER, collecting, pieces, plain, plain_value, url
from capture.telemetry import KEY
from otel_ai_feedback.capture.text.hashing import hash_text

from .models import QUESTION, THOUGHT

# What becomes of the server's answer, of its first piece, and of the question.
HASH = hash_text(ANSWER, KEY.encode())
FIRST_PIECE = hash_text(pieces(ANSWER)[0], KEY.encode())
# What some make of a stream with two choices.
BOTH = hash_text(ANSWER + "Rome", KEY.encode())
# What some make of a thought.
THOUGHT_TOO = hash_text(f"{THOUGHT}\n{ANSWER}", KEY.encode())
QUESTION_HASH = hash_text(QUESTION, KEY.encode())

# An application that set up tracing and logging itself. Everything goes out before it exits.
PROVIDERS = """
from opentelemetry import _logs, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

tracer_provider, logger_provider = TracerProvider(), LoggerProvider()
tracer_provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
logger_provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
trace.set_tracer_provider(tracer_provider)
_logs.set_logger_provider(logger_provider)
"""
CAPTURE = """
import otel_ai_feedback
otel_ai_feedback.instrument()
"""


@dataclass(frozen=True)
class Ran:
    """What a program sent.

    Attributes:
        spans: All spans, in the order in which they ended, each a dict of ``name``, ``scope``,
            ``trace_id``, ``span_id``, ``parent_id``, ``attributes`` and ``events``.
        logs: All log records, each a dict of ``event_name``, ``trace_id``, ``span_id``, ``body``
            and ``attributes``.
        out: What it printed.
        sent: All bytes that left it for the collector.
    """

    spans: list
    logs: list
    out: str
    sent: bytes

    @property
    def outputs(self):
        """Attributes of the spans that capture tagged, those that it sent by event included."""
        details = {
            log["span_id"]: log["attributes"]
            for log in self.logs
            if log["event_name"] == "ai_feedback.output.details"
        }
        spans = [span["attributes"] | details.get(span["span_id"], {}) for span in self.spans]
        return [attributes for attributes in spans if "ai_feedback.request.seq" in attributes]

    @property
    def hashes(self):
        """Hashes of the outputs that have one, in the order in which they ended."""
        found = [output.get("ai_feedback.output.hash") for output in self.outputs]
        return [output_hash for output_hash in found if output_hash is not None]

    @property
    def answers(self):
        """For each model, the result for its answers: a hash, ``"empty"``, or ``None``."""
        found = {}
        for output in self.outputs:
            empty = "empty" if output.get("ai_feedback.output.length") == 0 else None
            answer = output.get("ai_feedback.output.hash", empty)
            found.setdefault(_model(output), []).append(answer)
        return found

    @property
    def questions(self):
        """Hashes of the questions of all outputs."""
        return {output.get("ai_feedback.input.hash") for output in self.outputs}


def _model(attributes):
    names = ("gen_ai.request.model", "llm.model_name", "gen_ai.response.model")
    return next((attributes[name] for name in names if name in attributes), None)


def run(
    python, program, models_url, directory, *,
    capture=True, providers=PROVIDERS, launcher=None, **variables,
):  # fmt: skip
    """Run a program with both servers around it; it must exit with 0 and without a traceback.

    Args:
        python: The interpreter, of :func:`environments.environment`.
        program: The user's code.
        models_url: Address of the model server, without a path.
        directory: Where it runs and keeps its state.
        capture: Whether capture is switched on before the program's first line.
        providers: Code that sets up the SDK; empty where ``instrument()`` or the package does.
        launcher: A command of the environment to run the interpreter by, with its arguments.
        variables: More environment variables.
    """
    code = providers + (CAPTURE if capture else "") + program
    own = {"OTEL_AI_FEEDBACK_KEY": KEY, "OTEL_AI_FEEDBACK_STATE_DIR": str(directory)}
    by = [] if launcher is None else [python.parent / launcher[0], *launcher[1:]]
    return execute((*by, python, "-c", code), models_url, directory, own | variables)


def execute(command, models_url, directory, variables):
    """Run a command with both servers around it; see :func:`run`."""
    with collecting() as collector:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
        finished = subprocess.run(
            command,
            env=kept | {
                "OPENAI_BASE_URL": f"{models_url}/v1", "OPENAI_API_KEY": "none",
                "ANTHROPIC_BASE_URL": models_url, "ANTHROPIC_API_KEY": "none",
                "OTEL_EXPORTER_OTLP_ENDPOINT": url(collector), "OTEL_SERVICE_NAME": "shop",
            } | variables,
            capture_output=True, text=True, timeout=200, cwd=directory, check=False,
        )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    assert "Traceback" not in finished.stderr, finished.stderr
    return Ran(
        [_span(span, collector.scopes) for span in collector.spans],
        [_log(record) for record in collector.logs],
        finished.stdout,
        b"".join(collector.bodies),
    )


def _span(span, scopes):
    return {
        "name": span.name,
        "scope": scopes[span.span_id],
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_id": span.parent_span_id.hex(),
        "attributes": plain(span.attributes),
        "events": [
            {"name": event.name, "attributes": plain(event.attributes)} for event in span.events
        ],
    }


def _log(record):
    attributes = plain(record.attributes)
    return {
        # Older SDKs have the name among the attributes.
        "event_name": record.event_name or attributes.get("event.name", ""),
        "trace_id": record.trace_id.hex(),
        "span_id": record.span_id.hex(),
        "body": plain_value(record.body),
        "attributes": attributes,
    }
