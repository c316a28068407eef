"""What real packages recorded, sent again under every setting of REVIEW_TEXT.

Where none may leave, none does, whether asked, answered, looked up or quoted by an error.

The recordings are those of tests/instrumentations.
"""

import json
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry._logs import LogRecord
from opentelemetry.trace import StatusCode

import otel_ai_feedback

pytestmark = pytest.mark.slow

FIXTURES = sorted(Path(__file__).parents[1].glob("instrumentations/fixtures/*.json"))
# Of the question, the answer, the instructions and the thoughts that the model server gives.
SAID = ("capital of France", "since when", "since 987", "Be brief", "Let me think")

TEXT = "since when is it the capital of France"
# What is around a model call, whatever recorded that: retrieval, memory, tools, HTTP, errors.
AROUND = {
    **dict.fromkeys(("gen_ai.retrieval.query.text", "gen_ai.memory.query.text"), TEXT),
    **dict.fromkeys(
        ("gen_ai.retrieval.documents", "gen_ai.memory.records"), f'[{{"text": "{TEXT}"}}]'
    ),
    **dict.fromkeys(("gen_ai.tool.definitions", "gen_ai.agent.description"), TEXT),
    **dict.fromkeys(("spring.ai.tool.call.arguments", "spring.ai.tool.call.result"), TEXT),
    **dict.fromkeys(("url.full", "http.url"), f"https://search.example/find?q={TEXT}#{TEXT}"),
    **dict.fromkeys(("http.target", "url.query"), f"/find?q={TEXT}"),
}
REMOVES = ({"REVIEW_TEXT": "off"}, {"REVIEW_TEXT": "sample", "REVIEW_TEXT_RATE": "1e-12"})
KEEPS = ({}, {"REVIEW_TEXT": "sample", "REVIEW_TEXT_RATE": "1"})


def plain(value):
    """JSON's lists as the tuples that the API takes."""
    return tuple(map(plain, value)) if isinstance(value, list) else value


def _replay(telemetry, fixture):
    for number, recorded in enumerate(fixture["spans"]):
        tracer = telemetry.provider.get_tracer(recorded["scope"])
        span = tracer.start_span(recorded["name"])
        for event in recorded["events"]:
            attributes = {name: plain(value) for name, value in event["attributes"].items()}
            span.add_event(event["name"], attributes)
        for log in fixture["logs"]:
            if log["span"] == number:
                record = LogRecord(
                    context=trace.set_span_in_context(span),
                    event_name=log["event_name"],
                    body=log["body"],
                    attributes=log["attributes"],
                )
                telemetry.loggers.get_logger("recorded").emit(record)
        span.set_attributes({name: plain(v) for name, v in recorded["attributes"].items()})
        span.end()


def replay(telemetry, fixture):
    """The spans and log records of a recording, each record while its span is current.

    They are in a request that looks things up as well, and fails with what was asked.
    """
    tracer = telemetry.provider.get_tracer("a-shop")
    with tracer.start_as_current_span("POST /chat") as request:
        _replay(telemetry, fixture)
        with tracer.start_as_current_span("look up", attributes=AROUND) as span:
            span.record_exception(ValueError(TEXT))
        request.record_exception(ValueError(f"Invalid prompt: {TEXT}"))
        request.set_status(StatusCode.ERROR, TEXT)
    hashes = [s.attributes.get("ai_feedback.output.hash") for s in telemetry.spans]
    events = telemetry.events
    sent = [span.to_json() for span in telemetry.spans]
    sent += [json.dumps([event.body, dict(event.attributes)], default=str) for event in events]
    sketches = [s.attributes.get("ai_feedback.input.sketch") for s in telemetry.spans]
    return hashes, sketches, "\n".join(sent)


@pytest.mark.parametrize("path", FIXTURES, ids=[path.stem for path in FIXTURES])
def test_all_is_hashed_and_nothing_is_left(switch_on, path):
    fixture = json.loads(path.read_text())
    made = []
    for setting in KEEPS:
        telemetry = switch_on(setting=setting)
        *hashed, sent = replay(telemetry, fixture)
        made.append(hashed)
        assert any(text in sent for text in SAID), "the recording has no text to take out"
        assert not {"errors", "text_not_removed"} & set(telemetry.counted)
        otel_ai_feedback.uninstrument()
    for setting in REMOVES:
        telemetry = switch_on(setting=setting)
        *hashed, sent = replay(telemetry, fixture)
        made.append(hashed)
        assert [text for text in (*SAID, "since when is") if text in sent] == []
        assert "https://search.example/find" in sent
        assert not {"errors", "text_not_removed"} & set(telemetry.counted)
        otel_ai_feedback.uninstrument()
    assert all(hashed == made[0] for hashed in made)
