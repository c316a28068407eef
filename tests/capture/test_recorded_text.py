"""What real packages recorded, sent again with REVIEW_TEXT=off: no text of it leaves.

The recordings are those of tests/instrumentations.
"""

import json
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry._logs import LogRecord

import otel_ai_feedback

FIXTURES = sorted(Path(__file__).parents[1].glob("instrumentations/fixtures/*.json"))
# Of the question, the answer, the instructions and the thoughts that the model server gives.
SAID = ("capital of France", "since when", "since 987", "Be brief", "Let me think")


def plain(value):
    """JSON's lists as the tuples that the API takes."""
    return tuple(map(plain, value)) if isinstance(value, list) else value


def replay(telemetry, fixture):
    """The spans and log records of a recording, each record while its span is current."""
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
    hashes = [s.attributes.get("ai_feedback.output.hash") for s in telemetry.spans]
    events = telemetry.events
    sent = [span.to_json() for span in telemetry.spans]
    sent += [json.dumps([event.body, dict(event.attributes)], default=str) for event in events]
    sketches = [event.attributes.get("ai_feedback.input.sketch") for event in events]
    return hashes, sketches, "\n".join(sent)


@pytest.mark.parametrize("path", FIXTURES, ids=[path.stem for path in FIXTURES])
def test_all_is_hashed_and_nothing_is_left(switch_on, path):
    fixture = json.loads(path.read_text())
    *made, sent = replay(switch_on(), fixture)
    assert any(text in sent for text in SAID), "the recording has no text to take out"
    otel_ai_feedback.uninstrument()
    telemetry = switch_on(setting={"REVIEW_TEXT": "off"})
    *made_without, sent = replay(telemetry, fixture)
    assert [text for text in SAID if text in sent] == []
    assert made_without == made
    assert not {"errors", "text_not_removed"} & set(telemetry.counted)
