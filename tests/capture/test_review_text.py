"""Which text leaves: as recorded, that of a random sample, or none; for every exporter."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry._logs import LogRecord
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs._internal import ConcurrentMultiLogRecordProcessor
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Status, StatusCode

from otel_ai_feedback import conversation
from otel_ai_feedback.capture.install.completion_hook import FeedbackHook
from otel_ai_feedback.capture.sources import SOURCES
from otel_ai_feedback.capture.text.removal import is_text, remove_from_record
from otel_ai_feedback.capture.text.review_text import ReviewText

from .telemetry import messages

SECRET = "zqxjkvbp wmfyth"
ASK = "Which city is the capital of France, and why?"
OFF = {"REVIEW_TEXT": "off"}
SAMPLE = {"REVIEW_TEXT": "sample", "REVIEW_TEXT_RATE": "0.5"}

TEXTS = sorted({name for source in SOURCES for name in source.text_attributes})


def carried(telemetry):
    """Everything that an exporter got, as one text."""
    return "".join(span.to_json() for span in telemetry.spans)


def every_text_attribute():
    return {name + "0.content" if name.endswith(".") else name: SECRET for name in TEXTS}


class TestOff:
    @pytest.fixture
    def telemetry(self, switch_on):
        return switch_on(setting=OFF)

    def test_an_llm_span_keeps_its_hash_and_loses_its_text(self, telemetry):
        telemetry.chat(SECRET, ask=SECRET + ASK)
        (output,) = telemetry.outputs
        assert output["ai_feedback.output.hash"]
        assert output["ai_feedback.output.length"] == len(SECRET)
        assert output["gen_ai.operation.name"] == "chat"
        assert "ai_feedback.text.rate" not in output
        assert SECRET not in carried(telemetry)
        assert len(output["ai_feedback.input.sketch"]) == 256

    def test_every_attribute_of_every_convention_on_any_span(self, telemetry):
        with telemetry.tracer.start_as_current_span("tool", attributes=every_text_attribute()):
            pass
        (span,) = telemetry.spans
        assert not set(every_text_attribute()) & set(span.attributes)
        assert SECRET not in carried(telemetry)

    def test_what_is_no_text_stays(self, telemetry):
        kept = {
            "gen_ai.request.model": "m", "gen_ai.prompt.name": "greeting", "http.route": "/chat",
            "gen_ai.prompt.version": "3", "input": "of someone else's", "llm.model_name": "m",
        }  # fmt: skip
        with telemetry.tracer.start_as_current_span("any", attributes=kept):
            pass
        assert dict(telemetry.spans[0].attributes) == kept

    def test_events_of_the_span(self, telemetry):
        span = telemetry.chat(end=False)
        span.add_event("gen_ai.user.message", {"content": SECRET, "role": "user"})
        span.add_event("gen_ai.choice", {"message": SECRET, "index": 0, "finish_reason": "stop"})
        span.add_event("details", {"gen_ai.output.messages": SECRET, "other": 1})
        span.add_event("cache.hit", {"key": "of the application"})
        span.end()
        found = {event.name: dict(event.attributes) for event in telemetry.spans[0].events}
        assert found == {
            "gen_ai.user.message": {"role": "user"},
            "gen_ai.choice": {"index": 0, "finish_reason": "stop"},
            "details": {"other": 1},
            "cache.hit": {"key": "of the application"},
        }

    def test_errors_that_quote_what_they_were_given(self, telemetry):
        span = telemetry.chat(None, end=False)
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            span.record_exception(error)
            span.set_status(Status(StatusCode.ERROR, f"ValueError: {SECRET}"))
        span.end()
        (ended,) = telemetry.spans
        assert SECRET not in carried(telemetry)
        assert ended.status.status_code is StatusCode.ERROR
        assert ended.events[0].attributes["exception.type"] == "ValueError"
        assert telemetry.counted == {"not_recorded": 1}

    def test_errors_of_other_spans_are_the_applications(self, telemetry):
        with (
            pytest.raises(ValueError, match=SECRET),
            telemetry.tracer.start_as_current_span("POST /chat"),
        ):
            raise ValueError(SECRET)
        assert SECRET in carried(telemetry)

    def test_processors_that_were_there_first_see_none(self, switch_on):
        telemetry = switch_on(setting=OFF)
        before = len(telemetry.provider._active_span_processor._span_processors) - 1
        telemetry.chat(SECRET)
        assert before == 1
        assert SECRET not in carried(telemetry)

    def test_exporters_that_came_later_see_none(self, telemetry):
        later = InMemorySpanExporter()
        telemetry.provider.add_span_processor(SimpleSpanProcessor(later))
        telemetry.chat(SECRET)
        assert SECRET not in later.get_finished_spans()[0].to_json()

    def test_who_has_opted_out_has_no_text_either(self, telemetry):
        with conversation("c1", observe=False):
            telemetry.chat(SECRET)
        assert SECRET not in carried(telemetry)
        assert "ai_feedback" not in carried(telemetry)

    def test_a_fault_while_tagging_keeps_no_text(self, telemetry, monkeypatch):
        from otel_ai_feedback.capture import tagging

        monkeypatch.setattr(tagging, "described", lambda *text: 1 / 0)
        telemetry.chat(SECRET)
        assert SECRET not in carried(telemetry)
        assert telemetry.counted["errors"] == 1

    def test_a_user_turn_in_span_events_is_read_before_it_goes(self, telemetry):
        span = telemetry.chat(None, end=False, gen_ai__event__start_time="now")
        span.add_event("gen_ai.user.message", {"content": json.dumps([{"text": ASK}])})
        span.add_event("gen_ai.choice", {"message": json.dumps([{"text": SECRET}])})
        span.end()
        assert telemetry.outputs[0]["ai_feedback.input.hash"]
        assert telemetry.counted == {"tagged": 1}
        assert "capital" not in carried(telemetry)

    def test_what_cannot_be_done_is_counted_and_said_once(self, telemetry, monkeypatch, caplog):

        from otel_ai_feedback.capture.text import removal

        monkeypatch.setattr(removal, "_held", lambda attributes: 1 / 0)
        telemetry.chat()
        telemetry.chat()
        assert len(telemetry.spans) == 2
        assert telemetry.counted["text_not_removed"] == 2
        said = [r for r in caplog.records if "REVIEW_TEXT cannot be kept" in r.getMessage()]
        assert len(said) == 1


def test_as_it_is_nothing_is_removed(telemetry):
    telemetry.chat(SECRET, ask=SECRET + ASK)
    assert carried(telemetry).count(SECRET) == 2
    assert "ai_feedback.text.rate" not in telemetry.outputs[0]


class TestLot:
    @pytest.fixture
    def telemetry(self, switch_on):
        return switch_on(setting=SAMPLE)

    def test_some_keep_their_text_and_say_at_which_rate(self, telemetry):
        for _ in range(100):
            telemetry.chat(SECRET, ask=ASK)
        kept = [output for output in telemetry.outputs if "gen_ai.output.messages" in output]
        assert all(output["ai_feedback.text.rate"] == 0.5 for output in kept)
        assert all("gen_ai.input.messages" in output for output in kept)
        others = [output for output in telemetry.outputs if output not in kept]
        assert all("ai_feedback.text.rate" not in output for output in others)
        assert len({output["ai_feedback.output.hash"] for output in telemetry.outputs}) == 1
        # 100 throws of a coin: beyond these bounds once in a billion runs.
        assert 20 <= len(kept) <= 80

    def test_the_same_text_is_neither_always_in_nor_always_out(self, telemetry):
        for _ in range(100):
            telemetry.chat("the same")
        assert len({"ai_feedback.text.rate" in output for output in telemetry.outputs}) == 2

    def test_of_other_spans_no_text_stays(self, switch_on):
        telemetry = switch_on(setting=SAMPLE | {"REVIEW_TEXT_RATE": "1"})
        with telemetry.tracer.start_as_current_span("agent", attributes={"input.value": SECRET}):
            telemetry.chat("Paris.")
        assert SECRET not in carried(telemetry)
        assert "Paris." in carried(telemetry)

    def test_text_that_was_not_recorded_is_added(self, switch_on):
        telemetry = switch_on(setting=SAMPLE)
        hook = FeedbackHook()
        for _ in range(100):
            span = telemetry.chat(None, end=False)
            hook.on_completion(
                inputs=[{"role": "user", "parts": [{"type": "text", "content": ASK}]}],
                outputs=[{"role": "assistant", "parts": [
                    {"type": "reasoning", "content": "hidden"},
                    {"type": "tool_call", "name": "search", "arguments": {"q": "hidden"}},
                    {"type": "text", "content": SECRET},
                ]}],
                span=span,
            )  # fmt: skip
            span.end()
        kept = [output for output in telemetry.outputs if "ai_feedback.text.rate" in output]
        assert 20 <= len(kept) <= 80
        for output in telemetry.outputs:
            in_lot = output in kept
            assert ("gen_ai.output.messages" in output) is in_lot
            if in_lot:
                assert output["gen_ai.output.messages"] == messages(SECRET)
                assert output["gen_ai.input.messages"] == messages(ASK, "user")
        assert "hidden" not in carried(telemetry)

    def test_with_as_is_none_is_added(self, switch_on):
        telemetry = switch_on()
        span = telemetry.chat(None, end=False)
        part = {"type": "text", "content": SECRET}
        FeedbackHook().on_completion(outputs=[{"role": "assistant", "parts": [part]}], span=span)
        span.end()
        assert SECRET not in carried(telemetry)
        assert telemetry.counted == {"tagged": 1}

    def test_who_has_opted_out_is_not_in_it(self, switch_on):
        telemetry = switch_on(setting=SAMPLE | {"REVIEW_TEXT_RATE": "1"})
        with conversation("c1", observe=False):
            telemetry.chat(SECRET)
        assert SECRET not in carried(telemetry)


class TestDraw:
    KEY = b"k" * 32

    def test_is_uniform_whatever_the_ids(self):
        """Random ids, and ids that count up, as some tests and old SDKs make them."""
        drawn = random.Random(1)
        lot = ReviewText("sample", 0.2, self.KEY)
        for ids in (
            [(drawn.getrandbits(128), drawn.getrandbits(64)) for _ in range(20_000)],
            [(number, 1) for number in range(20_000)],
            [(7, number) for number in range(20_000)],
        ):
            share = sum(lot.keeps(*each) for each in ids) / len(ids)
            # Six standard errors.
            assert share == pytest.approx(0.2, abs=6 * (0.16 / 20_000) ** 0.5)

    @given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.floats(0.001, 1))
    def test_a_smaller_sample_is_part_of_a_larger_one(self, trace_id, span_id, rate):
        if ReviewText("sample", rate / 2, self.KEY).keeps(trace_id, span_id):
            assert ReviewText("sample", rate, self.KEY).keeps(trace_id, span_id)

    def test_the_whole_sample_and_none(self):
        ids = [(number, number) for number in range(1, 1000)]
        assert all(ReviewText("sample", 1.0, self.KEY).keeps(*each) for each in ids)
        assert not any(ReviewText("off", 1.0, self.KEY).keeps(*each) for each in ids)
        assert not any(ReviewText("as-is", 1.0, self.KEY).keeps(*each) for each in ids)

    def test_another_key_draws_another_sample(self):
        one, other = ReviewText("sample", 0.5, self.KEY), ReviewText("sample", 0.5, b"o" * 32)
        drawn = [(one.keeps(n, n), other.keeps(n, n)) for n in range(1, 1000)]
        assert len(set(drawn)) == 4


class TestLogs:
    """Records of a provider with an exporter that was there before capture."""

    @pytest.fixture
    def emit(self, switch_on):
        exporter = InMemoryLogRecordExporter()
        provider = LoggerProvider(shutdown_on_exit=False)
        provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))

        def emit(setting, span=None, **record):
            nonlocal telemetry
            if telemetry is None:
                telemetry = switch_on(setting=setting)
            context = None if span is None else trace.set_span_in_context(span)
            provider.get_logger("test").emit(LogRecord(context=context, **record))
            return exporter.get_finished_logs()[-1].log_record

        telemetry = None
        return emit

    def test_messages_and_details(self, emit):
        choice = {"index": 0, "message": {"content": SECRET}, "finish_reason": "stop"}
        record = emit(OFF, event_name="gen_ai.choice", body=choice)
        assert record.body == {"index": 0, "finish_reason": "stop"}
        record = emit(OFF, event_name="gen_ai.user.message", body=SECRET)
        assert record.body == ""
        record = emit(
            OFF,
            event_name="gen_ai.client.inference.operation.details",
            attributes={"gen_ai.output.messages": SECRET, "gen_ai.request.model": "m"},
        )
        assert dict(record.attributes) == {"gen_ai.request.model": "m"}
        record = emit(OFF, body={"gen_ai.input.messages": [SECRET], "other": 1})
        assert record.body == {"other": 1}

    def test_the_applications_own_are_left_alone(self, emit):
        body, attributes = {"text": SECRET}, {"exception.message": SECRET, "content": SECRET}
        record = emit(OFF, event_name="shop.checkout", body=body, attributes=attributes)
        assert record.body == body
        assert dict(record.attributes) == attributes
        assert emit(OFF, body=SECRET).body == SECRET

    def test_as_it_is(self, emit):
        record = emit({}, event_name="gen_ai.choice", body={"message": SECRET})
        assert record.body == {"message": SECRET}

    def test_the_answer_is_read_before_it_goes(self, switch_on):
        telemetry = switch_on(setting=OFF)
        span = telemetry.chat(None, end=False)
        telemetry.loggers.get_logger("test").emit(
            LogRecord(
                context=trace.set_span_in_context(span),
                event_name="gen_ai.choice",
                body={"index": 0, "message": {"content": SECRET}},
            )
        )
        span.end()
        assert telemetry.counted == {"tagged": 1}
        assert all(SECRET not in str(record.body) for record in telemetry.events)

    def test_record_and_span_agree_on_the_sample(self, switch_on):
        telemetry = switch_on(setting=SAMPLE)
        for _ in range(50):
            span = telemetry.chat(None, end=False)
            telemetry.loggers.get_logger("test").emit(
                LogRecord(
                    context=trace.set_span_in_context(span),
                    event_name="gen_ai.choice",
                    body={"index": 0, "message": {"content": SECRET}},
                )
            )
            span.end()
        in_lot = {
            s.context.span_id for s in telemetry.spans if "ai_feedback.text.rate" in s.attributes
        }
        kept = {r.span_id for r in telemetry.events if SECRET in str(r.body)}
        assert kept == in_lot
        assert 0 < len(kept) < 50

    def test_of_a_provider_whose_processors_do_not_wait(self, switch_on, caplog):
        telemetry = switch_on(setting=OFF)
        LoggerProvider(
            shutdown_on_exit=False, multi_log_record_processor=ConcurrentMultiLogRecordProcessor(2)
        )
        assert telemetry.counted == {"text_not_removed": 1}
        assert "do not run one after the other" in caplog.text

    @given(
        st.one_of(
            st.none(), st.text(), st.integers(), st.lists(st.text()),
            st.dictionaries(st.one_of(st.text(), st.integers()), st.text()),
        ),
        st.sampled_from(["", "gen_ai.choice", "gen_ai.x.message", "other"]),
    )  # fmt: skip
    def test_any_body(self, body, event):
        record = LogRecord(body=body)
        remove_from_record(record, event)
        if event in ("", "other") and not isinstance(body, dict):
            assert record.body == body


@given(st.text())
def test_any_name(name):
    assert is_text(name) in (True, False)
