"""What each instrumentation records, from its spans to a row in ``outputs``.

The spans and log records are those that the real packages made (tests/instrumentations), replayed
through a real SDK with capture on it, over OTLP into the local receiver.
"""

from contextlib import ExitStack
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

import otel_ai_feedback
from capture.telemetry import KEY
from instrumentations import recorded
from otel_ai_feedback import local
from otel_ai_feedback.capture.hashing import hash_text
from otel_ai_feedback.capture.normalise import normalise
from otel_ai_feedback.config import load

FIXTURES = sorted(recorded.FIXTURES.glob("*.json"))
NEVER = 3600


@pytest.fixture(scope="module")
def server(engine, settings):
    """One server for all, told apart by the name of the service."""
    with local.running(settings, port=0, jobs_every=NEVER) as running:
        yield running


@pytest.fixture
def service(request, server, tmp_path):
    """A service of the fixture's name, with capture on, that exports to the server."""
    resource = Resource.create({"service.name": request.param.stem})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{server.url}/v1/traces"))
    )
    loggers = LoggerProvider(resource=resource, shutdown_on_exit=False)
    loggers.add_log_record_processor(
        BatchLogRecordProcessor(OTLPLogExporter(endpoint=f"{server.url}/v1/logs"))
    )
    names = {"OTEL_AI_FEEDBACK_KEY": KEY, "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path)}
    otel_ai_feedback.instrument(provider, loggers, load(environ=names, directory=tmp_path))
    yield provider, loggers
    otel_ai_feedback.uninstrument()
    provider.shutdown()
    loggers.shutdown()


def conversation_of(fixture):
    """The conversation that the instrumentation knows, if it does."""
    spans = [span["attributes"] for span in fixture["spans"]]
    own = {span["gen_ai.conversation.id"] for span in spans if "gen_ai.conversation.id" in span}
    return own.pop() if own else fixture["expected"]["session"]


@pytest.mark.parametrize(
    ("service", "path"), [(path, path) for path in FIXTURES], indirect=["service"],
    ids=[path.stem for path in FIXTURES],
)  # fmt: skip
def test_a_row_for_each_answer(service, path: Path, engine):
    provider, loggers = service
    fixture = recorded.read(path)
    expected = fixture["expected"]
    conversation = conversation_of(fixture)
    with ExitStack() as stack:
        if conversation is None:
            conversation = "of the application"
            stack.enter_context(otel_ai_feedback.conversation(conversation))
        recorded.replay(fixture, provider, loggers)
    assert provider.force_flush()
    assert loggers.force_flush()

    rows = engine.query(
        """
        select output_hash, output_length, input_hash, model, response_id, conversation_id
        from outputs
        where service = {service:String}
        order by time
        """,
        parameters={"service": path.stem},
    ).result_rows
    key = KEY.encode()
    assert rows == [
        (
            hash_text(answer, key),
            len(normalise(answer).decode()),
            hash_text(question, key),
            expected["model"],
            response_id,
            conversation,
        )
        for answer, question, response_id in zip(
            expected["answers"], expected["questions"], expected["response_ids"], strict=True
        )
    ]


def test_there_are_fixtures():
    assert FIXTURES
