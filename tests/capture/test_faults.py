"""Whatever breaks inside, the application gets its span and no exception."""

import pytest
from opentelemetry import trace

import otel_ai_feedback
from otel_ai_feedback.capture import (
    actions,
    delivery,
    details,
    feature,
    processor,
    scope,
    span_state,
    worker,
)
from otel_ai_feedback.capture.events import Events
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.linking import search
from otel_ai_feedback.capture.outputs import Outputs

from .telemetry import messages

PLACES = [
    (processor, "begin"),
    (processor, "claim_ending"),
    (processor, "scope_of"),
    (processor, "recognise"),
    (processor, "find_answer"),
    (processor, "normalise"),
    (processor, "hash_normalised"),
    (processor, "hash_subject"),
    (processor, "feature_of"),
    (processor, "Output"),
    (processor, "Details"),
    (processor, "_recorded"),
    (feature, "state_of"),
    (details, "find_last_user_turn"),
    (details, "sketch"),
    (Events, "emit"),
    (Outputs, "remember"),
    (Outputs, "index"),
    (Outputs, "of_span"),
    (Outputs, "tie"),
    (search, "fingerprints"),
    (worker.Worker, "submit"),
    (worker.Worker, "flush"),
    (span_state, "_own_state"),
    (delivery, "mint"),
    (delivery, "state_of"),
    (search, "verify"),
    (actions, "action_id"),
    (scope, "Scope"),
]


class BrokenError(Exception):
    pass


def broken(*args, **kwargs):
    raise BrokenError


def use_everything(telemetry):
    with otel_ai_feedback.conversation("c1", subject="ann"):
        with telemetry.tracer.start_as_current_span("POST"):
            otel_ai_feedback.request_handle()
            telemetry.chat("Paris.", ask="Which city is the capital of France?")
            otel_ai_feedback.output_handle()
        span = telemetry.chat("Rome.", gen_ai__response__id="r1")
        handle = otel_ai_feedback.output_handle(span)
        otel_ai_feedback.record_action(handle, "copy", 1.0, action_id="1")
        otel_ai_feedback.record_action(span, "copy", 1.0)
        otel_ai_feedback.link_key("m1", span)
        otel_ai_feedback.record_action(None, "copy", key="m1")
        otel_ai_feedback.record_action(None, "insert", text="Rome, more or less.")
    telemetry.provider.force_flush()


@pytest.mark.parametrize(("holder", "name"), PLACES, ids=[f"{h.__name__}.{n}" for h, n in PLACES])
def test_a_fault_anywhere_is_counted_and_stops_there(telemetry, monkeypatch, holder, name):
    monkeypatch.setattr(holder, name, broken)
    use_everything(telemetry)
    assert telemetry.counted["errors"] > 0
    chats = [span for span in telemetry.spans if span.name == "chat m"]
    assert len(chats) == 2
    assert all(span.end_time for span in chats)


@pytest.mark.parametrize("error", [MemoryError, RecursionError, UnicodeError, AssertionError])
def test_any_exception_class(telemetry, monkeypatch, error):
    def fail(*args):
        raise error

    monkeypatch.setattr(processor, "recognise", fail)
    telemetry.chat()
    assert len(telemetry.spans) == 1


def test_an_interrupt_passes_through_but_the_span_ends(telemetry, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    span = telemetry.chat(end=False)
    monkeypatch.setattr(processor, "recognise", interrupt)
    with pytest.raises(KeyboardInterrupt):
        span.end()
    assert len(telemetry.spans) == 1


def test_an_error_of_the_sdks_own_end_is_the_applications(telemetry):
    from opentelemetry.sdk.trace import SpanProcessor

    class Failing(SpanProcessor):
        def on_end(self, span):
            raise BrokenError

    telemetry.provider.add_span_processor(Failing())
    with pytest.raises(BrokenError):
        telemetry.chat()


def test_errors_are_logged_once(telemetry, monkeypatch, caplog):
    monkeypatch.setattr(processor, "recognise", broken)
    for _ in range(5):
        telemetry.chat()
    records = [r for r in caplog.records if "tagging an LLM span" in r.getMessage()]
    assert len(records) == 1
    assert records[0].exc_info
    assert telemetry.counted["errors"] == 5


def test_a_logging_handler_that_fails_is_stopped_too(telemetry, monkeypatch):
    import logging

    class Failing(logging.Handler):
        def handle(self, record):
            raise BrokenError

    handler = Failing()
    logging.getLogger("otel_ai_feedback").addHandler(handler)
    try:
        monkeypatch.setattr(processor, "recognise", broken)
        telemetry.chat()
    finally:
        logging.getLogger("otel_ai_feedback").removeHandler(handler)
    assert len(telemetry.spans) == 1


def test_a_span_class_without_room_for_state_is_left_alone(switch_on):
    class Slotted:
        __slots__ = ()
        parent = None
        start_time = 0

        def get_span_context(self):
            return trace.SpanContext(1, 2, is_remote=False, trace_flags=trace.TraceFlags(1))

    telemetry = switch_on()
    ours = telemetry.provider._active_span_processor._span_processors[-1]
    ours.on_start(Slotted())
    assert telemetry.counted == {"errors": 1}


HOSTILE = [
    "[" * 100_000,
    '{"a":' * 50_000,
    "null", "0", '""', "[null]", "[[]]", '[{"parts":null}]', '[{"parts":[null]}]',
    '[{"parts":[{"type":["text"],"content":1}]}]',
    '[{"parts":[{"type":"text","content":{"a":1}}]}]',
    "[" + "1" * 10_000 + "]",
    '[{"parts":[{"type":"text","content":"' + "\\ud800" * 1000 + '"}]}]',
    messages("\x00" * 1000),
    messages("a" * 5_000_000),
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_content(telemetry, value):
    for name in ("gen_ai.output.messages", "output.value", "gen_ai.completion.0.content"):
        kinds = {
            "openinference.span.kind": "LLM", "llm.request.type": "chat",
            "gen_ai.operation.name": "chat", "output.mime_type": "application/json",
            "gen_ai.input.messages": value,
        }  # fmt: skip
        span = telemetry.tracer.start_span("chat", attributes={**kinds, name: value})
        span.end()
        assert "ai_feedback.output.time" in span.attributes
    telemetry.provider.force_flush()
    assert "errors" not in telemetry.counted


def test_nested_sequences_of_mappings_are_read_like_json(telemetry):
    from otel_ai_feedback.capture.sources.messages import answer_of

    value = ({"role": "assistant", "parts": ({"type": "text", "content": "a"},)},)
    assert answer_of(value, None).text == "a"


def test_wrong_settings_are_logged_and_capture_stays_off(monkeypatch, caplog):
    GUARD.once.__init__()
    monkeypatch.setenv("OTEL_AI_FEEDBACK_HASH", "md5")
    otel_ai_feedback.instrument()
    assert "must be 'keyed' or 'plain'" in caplog.text
    assert otel_ai_feedback.output_handle() is None
    otel_ai_feedback.uninstrument()


def test_wrong_arguments_do_not_raise(telemetry):
    otel_ai_feedback.instrument(tracer_provider="not a provider")
    assert otel_ai_feedback.output_handle("not a span") is None
    assert otel_ai_feedback.request_handle(object()) is None
    assert otel_ai_feedback.output_handle(response_id=["unhashable"]) is None
    assert not otel_ai_feedback.record_action(None, "copy", response_id={"a": 1})
