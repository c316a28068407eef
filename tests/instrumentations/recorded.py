"""What a package recorded, as a file: replayed by ``tests/e2e`` without the package.

A fixture is JSON: ``package`` (``name==version``), ``spans`` in the order in which they ended
(``name``, ``scope``, ``attributes``, ``events``, and ``parent``, an index into them), ``logs``
(``event_name``, ``body``, ``attributes``, and ``span``, an index), and ``expected``: what the store
must say of it.
"""

import json
import os
import re
from pathlib import Path

from opentelemetry import trace
from opentelemetry._logs import LogRecord

from capture.fakes import ANSWER

from .models import QUESTION

FIXTURES = Path(__file__).parent / "fixtures"
_RECORD = os.environ.get("OTEL_AI_FEEDBACK_TEST_RECORD") == "1"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def keep(
    name, package, ran, port, *, answers=(ANSWER,), questions=(QUESTION,), model="gpt-4o",
    response_ids=("chatcmpl-1",), session=None,
):  # fmt: skip
    """Write what a package recorded as a fixture; or check that there is a current one.

    Args:
        name: Of the fixture.
        package: ``name==version``.
        ran: Gives what the program sent.
        port: The port of the model server.
        answers: What the store must say of it: the texts, a row each,
        questions: the user turns,
        model: the model,
        response_ids: its ids for the answers,
        session: and the session, where the package records one.
    """
    path = FIXTURES / f"{name}.json"
    if _RECORD:
        expected = {
            "answers": list(answers), "questions": list(questions), "model": model,
            "response_ids": list(response_ids), "session": session,
        }  # fmt: skip
        write(name, fixture_of(package, ran(), expected, port))
    assert read(path)["package"] == package, (
        f"{path.name} is of another version; record it with OTEL_AI_FEEDBACK_TEST_RECORD=1"
    )


def fixture_of(package, ran, expected, port):
    """What a program sent, without what differs from run to run.

    Args:
        package: ``name==version`` of the package that recorded it.
        ran: What the program sent.
        expected: What the store must say of it.
        port: The port of the model server.
    """
    places = {span["span_id"]: place for place, span in enumerate(ran.spans)}
    spans = [
        {
            "name": span["name"],
            "scope": span["scope"],
            "parent": places.get(span["parent_id"]),
            "attributes": span["attributes"],
            # An exception names files of this machine.
            "events": [event for event in span["events"] if event["name"] != "exception"],
        }
        for span in ran.spans
    ]
    logs = [
        {
            "event_name": log["event_name"],
            "span": places.get(log["span_id"]),
            "body": log["body"],
            "attributes": log["attributes"],
        }
        for log in ran.logs
    ]
    fixture = {"package": package, "expected": expected, "spans": spans, "logs": logs}
    return _steady(fixture, port, {})


def write(name, fixture):
    text = json.dumps(fixture, ensure_ascii=False, indent=1, sort_keys=True)
    (FIXTURES / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def replay(fixture, provider, loggers):
    """Start the recorded spans, parents first, and end them in the order in which they ended."""
    started = {}

    def start(place):
        recorded_span = fixture["spans"][place]
        parent = recorded_span["parent"]
        context = None if parent is None else trace.set_span_in_context(started_at(parent))
        tracer = provider.get_tracer(recorded_span["scope"])
        return tracer.start_span(recorded_span["name"], context)

    def started_at(place):
        if place not in started:
            started[place] = start(place)
        return started[place]

    for place in range(len(fixture["spans"])):
        started_at(place)
    logger = loggers.get_logger("recorded")
    for place, recorded_span in enumerate(fixture["spans"]):
        span = started[place]
        with trace.use_span(span, end_on_exit=True):
            for log in fixture["logs"]:
                if log["span"] == place:
                    logger.emit(
                        LogRecord(
                            event_name=log["event_name"],
                            body=log["body"],
                            attributes=log["attributes"],
                        )
                    )
            span.set_attributes(recorded_span["attributes"])
            for event in recorded_span["events"]:
                span.add_event(event["name"], event["attributes"])


def _steady(value, port, uuids):
    """The value with port 80 for the model server's, and UUIDs numbered."""
    if isinstance(value, dict):
        return {key: _steady(item, port, uuids) for key, item in value.items()}
    if isinstance(value, list):
        return [_steady(item, port, uuids) for item in value]
    if isinstance(value, str):
        text = value.replace(f":{port}", ":80")
        return _UUID.sub(
            lambda found: uuids.setdefault(
                found[0], f"00000000-0000-4000-8000-{len(uuids) + 1:012x}"
            ),
            text,
        )
    return 80 if value == port and not isinstance(value, bool) else value
