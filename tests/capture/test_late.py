"""What is computed of an output when its span is read."""

import copy
import threading

import pytest
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from otel_ai_feedback import conversation, output_handle, record_action
from otel_ai_feedback.capture import details, late
from otel_ai_feedback.capture.install.switch import SWITCH
from otel_ai_feedback.capture.text.hashing import hash_text

from .telemetry import KEY

ANSWER = "Paris is the capital of France, and has been for most of a thousand years. " * 8
ASK = "Which city is the capital of France?"
HASH = hash_text(ANSWER, KEY.encode())
LATE = {"ai_feedback.output.hash", "ai_feedback.output.length"}
LATE |= {"ai_feedback.input.hash", "ai_feedback.input.sketch"}


def computed(span):
    """Whether it has what comes late, without a look that would compute it."""
    return span._attributes._dict.keys() >= LATE


def test_other_names_are_looked_up_without_computing_anything(telemetry):
    span = telemetry.chat(ANSWER, ask=ASK)
    assert span.attributes["gen_ai.operation.name"] == "chat"
    assert span.attributes.get("ai_feedback.request.seq") == 1
    assert "http.route" not in span.attributes
    assert span.attributes
    assert not computed(span)


@pytest.mark.parametrize(
    "read",
    [
        lambda span: dict(span.attributes),
        lambda span: list(span.attributes.items()),
        lambda span: "ai_feedback.output.hash" in span.attributes,
        lambda span: span.attributes["ai_feedback.input.sketch"],
        lambda span: copy.deepcopy(span._attributes),
        lambda span: span.attributes.copy(),
        lambda span: repr(span._attributes),
        lambda span: span.to_json(),
        lambda span: encode_spans([span]),
    ],
)
def test_all_are_there_when_the_span_is_read(telemetry, read):
    telemetry.chat(ANSWER, ask=ASK)
    (span,) = telemetry.spans
    first = read(span)
    assert computed(span)
    assert type(span._attributes) is BoundedAttributes
    again = read(span)
    if not isinstance(first, BoundedAttributes):
        assert first == again
    assert span.attributes["ai_feedback.output.hash"] == HASH
    assert span.attributes["ai_feedback.output.length"] == len(ANSWER.strip())
    assert span.attributes["ai_feedback.input.hash"] == hash_text(ASK, KEY.encode())
    assert telemetry.counted == {"tagged": 1}


def test_many_readers_at_once_all_see_the_whole(telemetry):
    for number in range(50):
        telemetry.chat(ANSWER, ask=f"{ASK} {number}")
    spans, seen = telemetry.spans, []

    def read():
        seen.extend(set(dict(span.attributes)) >= LATE for span in spans)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert seen == [True] * 200


def test_an_action_finds_an_answer_by_its_text_before_anyone_reads_the_span(telemetry):
    with conversation("c1"):
        span = telemetry.chat(ANSWER, ask=ASK)
        record_action(None, "copy", 1.0, text=ANSWER)
    (action,) = telemetry.actions
    assert action.attributes["ai_feedback.link.method"] == "hash"
    assert action.attributes["ai_feedback.output.hash"] == HASH
    assert action.links[0].context.span_id == span.get_span_context().span_id


def test_a_fault_is_counted_and_the_reader_gets_the_rest(telemetry, monkeypatch):
    monkeypatch.setattr(details, "describe", lambda *turn: 1 / 0)
    telemetry.chat(ANSWER, ask=ASK)
    (output,) = telemetry.outputs
    assert output["ai_feedback.output.hash"] == HASH
    assert "ai_feedback.input.hash" not in output
    assert telemetry.counted == {"tagged": 1, "errors": 1}


def test_spans_that_are_never_read_do_not_keep_their_texts(telemetry):
    spans = [telemetry.chat(ANSWER, ask=ASK) for _ in range(late.MAX_UNREAD)]
    assert SWITCH.capture.worker.flush(20)
    assert [computed(span) for span in spans].count(False) <= late.MAX_UNREAD // 2


def test_long_texts_wait_in_smaller_numbers(telemetry, monkeypatch):
    monkeypatch.setattr(late, "MAX_UNREAD_CHARACTERS", 5 * len(ANSWER))
    spans = [telemetry.chat(ANSWER, ask=ASK) for _ in range(20)]
    assert SWITCH.capture.worker.flush(20)
    assert [computed(span) for span in spans].count(False) < 5


def test_more_than_may_wait_loses_the_question_alone(telemetry, monkeypatch):
    from otel_ai_feedback.capture import tagging

    monkeypatch.setattr(tagging, "MOST_UNREAD_CHARACTERS", 0)
    telemetry.chat(ANSWER, ask=ASK)
    (output,) = telemetry.outputs
    assert output["ai_feedback.output.hash"] == HASH
    assert "ai_feedback.input.hash" not in output
    assert telemetry.counted == {"tagged": 1, "queue_full": 1}


def test_white_space_alone_is_no_long_answer(telemetry):
    telemetry.chat(" \n" * 500)
    (output,) = telemetry.outputs
    assert output["ai_feedback.output.length"] == 0
    assert telemetry.counted == {"empty": 1}


def test_a_handle_that_leaves_before_the_span_is_read_is_recorded_on_the_span(telemetry):
    span = telemetry.chat(ANSWER)
    output_handle(span)
    assert telemetry.outputs[0]["ai_feedback.handle.kind"] == "output"
    assert telemetry.events == []
