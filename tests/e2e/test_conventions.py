"""What each instrumentation records, from its spans to a row in ``outputs``.

The spans and log records are those that the real packages made (tests/instrumentations), replayed
through a real SDK with capture on it, over OTLP into the local receiver.
"""

from contextlib import ExitStack, contextmanager
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
from asking import asked
from capture.telemetry import KEY
from instrumentations import recorded
from otel_ai_feedback import serve
from otel_ai_feedback.capture.text.hashing import hash_text
from otel_ai_feedback.capture.text.normalise import normalise
from otel_ai_feedback.config import load

FIXTURES = sorted(recorded.FIXTURES.glob("*.json"))
OF_THE_APPLICATION = "of the application"


@pytest.fixture(scope="module")
def server(engine, settings):
    """One server for all, told apart by the name of the service."""
    with serve.running(settings, port=0, jobs_every=None) as running:
        yield running


@contextmanager
def service(name, server, tmp_path):
    """A service of that name, with capture on, that exports to the server."""
    resource = Resource.create({"service.name": name})
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
    try:
        yield provider, loggers
    finally:
        otel_ai_feedback.uninstrument()
        provider.shutdown()
        loggers.shutdown()


def conversation_of(fixture):
    """The conversation that the instrumentation knows, if it does."""
    spans = [span["attributes"] for span in fixture["spans"]]
    own = {span["gen_ai.conversation.id"] for span in spans if "gen_ai.conversation.id" in span}
    return own.pop() if own else fixture["expected"]["session"]


@pytest.fixture(scope="module")
def rows(server, engine, tmp_path_factory):
    """The store's result for each fixture, after all of them were sent."""
    for path in FIXTURES:
        fixture = recorded.read(path)
        directory = tmp_path_factory.mktemp(path.stem)
        with service(path.stem, server, directory) as (provider, loggers), ExitStack() as stack:
            if conversation_of(fixture) is None:
                stack.enter_context(otel_ai_feedback.conversation(OF_THE_APPLICATION))
            recorded.replay(fixture, provider, loggers)
            assert provider.force_flush()
            assert loggers.force_flush()
    found = asked(
        engine,
        """
        select
            service, output_hash, output_length, input_hash, model, response_id, conversation_id
        from outputs
        where service in {services:Array(String)}
        order by time
        """,
        services=[path.stem for path in FIXTURES],
    ).result_rows
    return {path.stem: [row[1:] for row in found if row[0] == path.stem] for path in FIXTURES}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_row_for_each_answer(rows, path: Path):
    fixture = recorded.read(path)
    expected = fixture["expected"]
    key = KEY.encode()
    assert rows[path.stem] == [
        (
            hash_text(answer, key),
            len(normalise(answer).decode()),
            hash_text(question, key),
            expected["model"],
            response_id,
            conversation_of(fixture) or OF_THE_APPLICATION,
        )
        for answer, question, response_id in zip(
            expected["answers"], expected["questions"], expected["response_ids"], strict=True
        )
    ]


def test_there_are_fixtures():
    assert FIXTURES
