"""What real packages recorded, after the SDK's limits have been at it, and where its text is."""

import pytest
from opentelemetry.sdk.trace import SpanLimits

from capture.fakes import ANSWER, pieces
from instrumentations import recorded
from instrumentations.models import QUESTION
from otel_ai_feedback.capture.sources import (
    SOURCES,
    find_answer,
    find_last_user_turn,
    recognise,
)
from otel_ai_feedback.capture.sources.source import Recorded
from otel_ai_feedback.capture.text.hashing import hash_text

from .telemetry import KEY

FIXTURES = {path.stem: recorded.read(path) for path in sorted(recorded.FIXTURES.glob("*.json"))}
NAMED = frozenset(name for source in SOURCES for name in source.text_attributes)
BEGINNINGS = tuple(name for name in NAMED if name.endswith("."))


@pytest.fixture(params=FIXTURES.values(), ids=FIXTURES)
def fixture(request):
    return request.param


class Event:
    def __init__(self, recorded_event, limit=None):
        self.name = recorded_event["name"]
        self.attributes = cut(recorded_event["attributes"], limit)


def cut(attributes, limit):
    """What the SDK leaves of values, those within sequences included."""

    def of(value):
        if isinstance(value, list):
            return [of(item) for item in value]
        return value[:limit] if isinstance(value, str) else value

    return {name: of(value) for name, value in attributes.items()}


def limited(span, limit):
    events = [Event(event, limit) for event in span["events"]]
    return Recorded(cut(span["attributes"], limit), events, limit, span["scope"])


def read(span):
    """Text of the answer and of the question."""
    sources = recognise(span)
    if not sources:
        return None, None
    return find_answer(sources, span).text, find_last_user_turn(sources, span)


def test_a_cut_answer_or_question_is_never_taken_for_a_whole_one(fixture):
    for span in fixture["spans"]:
        answer, question = read(limited(span, None))
        for limit in range(700):
            found = read(limited(span, limit))
            assert found[0] in (None, answer), limit
            assert found[1] in (None, question), limit


def test_what_the_oldest_attributes_left_behind_is_never_another_answer(fixture):
    """Past 128 attributes the SDK drops the oldest."""
    for span in fixture["spans"]:
        whole = limited(span, None)
        answer, question = read(whole)
        for dropped in range(len(whole.attributes)):
            attributes = dict(list(whole.attributes.items())[dropped:])
            found = read(whole._replace(attributes=attributes, dropped=dropped))
            assert found[0] in (None, answer), dropped
            assert found[1] in (None, question), dropped


def test_an_answer_that_the_sdk_dropped_is_not_an_empty_one(switch_on):
    telemetry = switch_on(span_limits=SpanLimits(max_span_attributes=4))
    attributes = {
        "gen_ai.completion.0.content": "Paris.",
        "gen_ai.completion.0.role": "assistant",
        "llm.request.type": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.response.model": "m",
    }
    telemetry.tracer.start_span("chat", attributes=attributes).end()
    assert telemetry.counted == {"truncated": 1}


def test_a_span_without_room_keeps_what_it_has(switch_on, fixture):
    """Ours goes by event, for the SDK would drop the instrumentation's oldest attributes."""
    most = max(len(span["attributes"]) for span in fixture["spans"])
    telemetry = switch_on(span_limits=SpanLimits(max_span_attributes=most))
    recorded.replay(fixture, telemetry.provider, telemetry.loggers)
    (hashed, *others) = {
        attributes["ai_feedback.output.hash"]
        for attributes in (
            *(dict(span.attributes) for span in telemetry.spans),
            *(dict(event.attributes) for event in telemetry.events),
        )
        if "ai_feedback.output.hash" in attributes
    }
    assert (hashed, others) == (hash_text(ANSWER, KEY.encode()), [])
    assert all(span.dropped_attributes == 0 for span in telemetry.spans)


def is_text(name):
    return name in NAMED or name.startswith(BEGINNINGS)


def is_message(name):
    """Whether an event is nothing but a message, so that all of it is text."""
    return name == "gen_ai.choice" or (name.startswith("gen_ai.") and name.endswith(".message"))


def says(value):
    """Whether a value has part of what was asked or answered, however it is written down."""
    return any(words in str(value) for words in ("Paris", "capital of", QUESTION, "Be brief"))


def test_every_text_is_in_an_attribute_that_a_source_names(fixture):
    places = [(f"span {span['name']}", span["attributes"]) for span in fixture["spans"]]
    places += [
        (f"event {event['name']}", event["attributes"])
        for span in fixture["spans"]
        for event in span["events"]
        if not is_message(event["name"])
    ]
    for log in fixture["logs"]:
        if not is_message(log["event_name"]):
            places.append((f"log {log['event_name']}", log["attributes"]))
            places.append((f"body of {log['event_name']}", log["body"] or {}))
    found = {
        (place, name)
        for place, attributes in places
        for name, value in attributes.items()
        if says(value) and not is_text(name)
    }
    assert found == set()


def test_text_and_ids_of_each_convention_are_found():
    """The test above would find what it looks for."""
    assert says(ANSWER)
    assert says(pieces(ANSWER)[0])
    assert says([{"content": QUESTION}])
    assert not says("gpt-4o")


def test_every_source_has_been_recorded():
    """What each convention says of a real span, and of no span that the others recorded alone."""
    seen = {
        source.name
        for fixture in FIXTURES.values()
        for span in fixture["spans"]
        for source in recognise(limited(span, None))
    }
    assert seen == {source.name for source in SOURCES}
