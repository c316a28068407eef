"""What an LLM span gets, over a real SDK."""

import json
import threading

import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ConcurrentMultiSpanProcessor, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Decision, Sampler, SamplingResult
from opentelemetry.trace import NonRecordingSpan, SpanContext, StatusCode, TraceFlags

import otel_ai_feedback
from otel_ai_feedback.capture.text.hashing import hash_text

from .telemetry import KEY, NOW, SECOND, messages


def ours(attributes):
    return {k: v for k, v in attributes.items() if k.startswith("ai_feedback.")}


def test_an_llm_span_gets_hash_length_time_and_place(telemetry):
    telemetry.clock.forward(0.9)
    span = telemetry.chat("  Paris is\r\nthe capital.  ")
    (output,) = telemetry.outputs
    assert ours(output) == {
        "ai_feedback.output.hash": hash_text("Paris is the capital.", KEY.encode()),
        "ai_feedback.output.length": 21,
        "ai_feedback.output.time": NOW,
        "ai_feedback.request.span_id": f"{span.get_span_context().span_id:016x}",
        "ai_feedback.request.seq": 1,
        "ai_feedback.sampling.ratio": 1.0,
    }
    assert telemetry.counted == {"tagged": 1}


def test_other_spans_get_nothing(telemetry):
    with telemetry.tracer.start_as_current_span("GET /"):
        telemetry.tracer.start_span("x", attributes={"gen_ai.operation.name": "embeddings"}).end()
    assert [ours(span.attributes) for span in telemetry.spans] == [{}, {}]
    assert telemetry.counted == {}


def test_plain_hash_and_its_minimum_length(switch_on):
    telemetry = switch_on(setting={"HASH": "plain"})
    telemetry.chat("x" * 63)
    telemetry.chat("x" * 64)
    short, long = telemetry.outputs
    assert "ai_feedback.output.hash" not in short
    assert short["ai_feedback.output.length"] == 63
    assert long["ai_feedback.output.hash"] == hash_text("x" * 64, None)
    assert telemetry.counted == {"too_short": 1, "tagged": 1}


def test_an_empty_answer_has_length_0_and_no_hash(telemetry):
    telemetry.chat(" \n\t ")
    telemetry.chat(None, gen_ai__output__messages='[{"role":"assistant","parts":[]}]')
    for output in telemetry.outputs:
        assert output["ai_feedback.output.length"] == 0
        assert "ai_feedback.output.hash" not in output
    assert telemetry.counted == {"empty": 2}


TOOL = {"type": "tool_call", "name": "search", "arguments": {}, "id": "1"}
IMAGE = {"type": "blob", "modality": "image", "content": "..."}


@pytest.mark.parametrize("parts", [[TOOL], [IMAGE], [{"type": "text", "content": " "}, TOOL]])
def test_tool_calls_or_media_alone_have_neither(telemetry, parts):
    telemetry.chat(None, gen_ai__output__messages=json.dumps([{"parts": parts}]))
    (output,) = telemetry.outputs
    assert {"ai_feedback.output.hash", "ai_feedback.output.length"}.isdisjoint(output)
    assert output["ai_feedback.output.time"] == NOW
    assert telemetry.counted == {"no_text": 1}


def test_a_failed_call_is_an_output_without_text(telemetry):
    with (
        pytest.raises(RuntimeError),
        telemetry.tracer.start_as_current_span(
            "chat", attributes={"gen_ai.operation.name": "chat"}
        ),
    ):
        raise RuntimeError("503")
    span = telemetry.chat("", end=False)
    span.set_status(StatusCode.ERROR)
    span.end()
    for output in telemetry.outputs:
        assert "ai_feedback.output.time" in output
        assert "ai_feedback.output.length" not in output
    assert telemetry.counted == {"not_recorded": 1, "failed": 1}


def test_unreadable_text_is_counted(telemetry):
    telemetry.chat(None, gen_ai__output__messages='[{"role":')
    telemetry.chat(None, gen_ai__output__messages='{"role": "assistant"}')
    for output in telemetry.outputs:
        assert {"ai_feedback.output.hash", "ai_feedback.output.length"}.isdisjoint(output)
    assert telemetry.counted == {"unparseable": 2}


def test_a_cut_value_gets_no_hash(switch_on):
    telemetry = switch_on(span_limits=SpanLimits(max_span_attribute_length=100))
    telemetry.chat("x" * 200)
    telemetry.chat("x" * 10)
    cut, whole = telemetry.outputs
    assert "ai_feedback.output.hash" not in cut
    assert whole["ai_feedback.output.hash"] == hash_text("x" * 10, KEY.encode())
    assert telemetry.counted == {"truncated": 1, "tagged": 1}


def test_a_full_span_keeps_what_it_has_and_the_event_carries_ours(switch_on):
    telemetry = switch_on(span_limits=SpanLimits(max_span_attributes=10))
    theirs = {f"a{number}": number for number in range(6)}
    span = telemetry.chat("Paris. " * 50, ask="Which city is the capital?", **theirs)
    assert ours(span.attributes) == {}
    assert span.attributes["gen_ai.operation.name"] == "chat"
    (event,) = telemetry.events
    assert event.event_name == "ai_feedback.output.details"
    assert event.span_id == span.get_span_context().span_id
    assert set(event.attributes) == {
        "ai_feedback.output.time",
        "ai_feedback.output.hash",
        "ai_feedback.output.length",
        "ai_feedback.request.span_id",
        "ai_feedback.request.seq",
        "ai_feedback.input.hash",
        "ai_feedback.input.sketch",
        "ai_feedback.sampling.ratio",
    }


def test_a_limit_that_would_cut_the_hash_sends_it_by_event(switch_on):
    telemetry = switch_on(span_limits=SpanLimits(max_span_attribute_length=43))
    span = telemetry.chat(None, llm__request__type="chat", gen_ai__completion__0__content="Paris.")
    assert ours(span.attributes) == {}
    (event,) = telemetry.events
    assert event.attributes["ai_feedback.output.hash"] == hash_text("Paris.", KEY.encode())


def test_places_count_in_the_order_in_which_outputs_end(telemetry):
    with telemetry.tracer.start_as_current_span("POST /chat") as root:
        outer = telemetry.chat("outer", end=False)
        with trace.use_span(outer):
            telemetry.chat("inner")
        outer.end()
    telemetry.chat("another request")
    inner, outer, other = telemetry.outputs
    root_id = f"{root.get_span_context().span_id:016x}"
    assert [o["ai_feedback.request.seq"] for o in (inner, outer, other)] == [1, 2, 1]
    assert [o["ai_feedback.request.span_id"] == root_id for o in (inner, outer, other)] == [
        True, True, False,
    ]  # fmt: skip


def test_the_request_begins_at_the_local_root(telemetry):
    remote = SpanContext(1 << 100, 1 << 50, is_remote=True, trace_flags=TraceFlags(1))
    above = trace.set_span_in_context(NonRecordingSpan(remote), Context())
    with telemetry.tracer.start_as_current_span("POST /chat", context=above) as root:
        telemetry.chat("one")
    (output,) = telemetry.outputs
    assert output["ai_feedback.request.span_id"] == f"{root.get_span_context().span_id:016x}"


def test_a_request_that_began_before_capture_is_one_request(switch_on):
    early = TracerProvider().get_tracer("early").start_span("POST /chat")
    telemetry = switch_on()
    with trace.use_span(early):
        telemetry.chat("one")
        telemetry.chat("two")
    root_id = f"{early.get_span_context().span_id:016x}"
    assert [
        (o["ai_feedback.request.span_id"], o["ai_feedback.request.seq"]) for o in telemetry.outputs
    ] == [(root_id, 1), (root_id, 2)]


def test_parent_context_counts_and_not_the_current_one(telemetry):
    with telemetry.tracer.start_as_current_span("one") as one:
        pass
    with telemetry.tracer.start_as_current_span("two"):
        inside = trace.set_span_in_context(one, Context())
        span = telemetry.tracer.start_span(
            "chat", context=inside, attributes={"gen_ai.operation.name": "chat"}
        )
        span.end()
    (output,) = telemetry.outputs
    assert output["ai_feedback.request.span_id"] == f"{one.get_span_context().span_id:016x}"


def test_a_provider_that_calls_processors_on_other_threads(switch_on):
    telemetry = switch_on(active_span_processor=ConcurrentMultiSpanProcessor(2))
    with otel_ai_feedback.conversation("c1"), telemetry.tracer.start_as_current_span("r") as root:
        telemetry.chat("one")
    (output,) = telemetry.outputs
    assert output["ai_feedback.request.span_id"] == f"{root.get_span_context().span_id:016x}"
    assert output["gen_ai.conversation.id"] == "c1"


def test_unsampled_spans_are_left_alone(switch_on):
    class RecordOnly(Sampler):
        def should_sample(self, *args, **kwargs):
            return SamplingResult(Decision.RECORD_ONLY)

        def get_description(self):
            return "record only"

    for sampler in (ALWAYS_OFF, RecordOnly()):
        telemetry = switch_on(sampler=sampler)
        span = telemetry.chat("one")
        assert "end" not in vars(span)
        assert telemetry.counted == {}


def test_ending_twice_and_from_two_threads_tags_once(telemetry):
    span = telemetry.chat("one", end=False)
    barrier = threading.Barrier(4)

    def end():
        barrier.wait()
        span.end()

    threads = [threading.Thread(target=end) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    span.end()
    assert telemetry.counted["tagged"] == 1
    assert len(telemetry.outputs) == 1


def test_an_end_time_is_passed_on(telemetry):
    telemetry.chat("one", end=False).end(NOW * SECOND + 5)
    telemetry.chat("one", end=False).end(end_time=NOW * SECOND + 6)
    assert [span.end_time % SECOND for span in telemetry.spans] == [5, 6]


def test_a_span_without_references_still_ends(telemetry):
    telemetry.tracer.start_span("chat", attributes={"gen_ai.operation.name": "chat"}).end()
    end = telemetry.tracer.start_span("x").end
    end()
    assert [span.name for span in telemetry.spans] == ["chat", "x"]


def test_wrappers_of_end_before_and_after_ours_are_called(switch_on):
    telemetry = switch_on()
    calls = []

    def wrap(span, name):
        inner = span.end

        def end(*args, **kwargs):
            calls.append(name)
            inner(*args, **kwargs)

        span.end = end

    class Before(SimpleSpanProcessor):
        def on_start(self, span, parent_context=None):
            wrap(span, "before")

    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False, active_span_processor=None)
    ours_first = provider._active_span_processor._span_processors
    provider._active_span_processor._span_processors = (Before(exporter), *ours_first)
    span = provider.get_tracer("t").start_span(
        "chat",
        attributes={"gen_ai.operation.name": "chat", "gen_ai.output.messages": messages("x")},
    )
    wrap(span, "after")
    span.end()
    assert calls == ["after", "before"]
    assert len(exporter.get_finished_spans()) == 1
    assert "ai_feedback.output.hash" in span.attributes
    assert telemetry.counted["tagged"] == 1


def test_another_providers_spans_are_tagged_too(telemetry):
    later = TracerProvider(shutdown_on_exit=False)
    span = later.get_tracer("t").start_span("chat", attributes={"gen_ai.operation.name": "chat"})
    span.end()
    assert "ai_feedback.output.time" in span.attributes


def test_lone_surrogates_do_not_reach_the_exporter(telemetry):
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

    raw = '[{"parts":[{"type":"text","content":"a\\ud800b"}]}]'
    with otel_ai_feedback.conversation("c\udc00", subject="\ud800", feature="f\ud800"):
        telemetry.chat(None, gen_ai__output__messages=raw)
    (output,) = telemetry.outputs
    assert output["ai_feedback.output.hash"] == hash_text("a\ufffdb", KEY.encode())
    assert output["gen_ai.conversation.id"] == "c\ufffd"
    encode_spans(telemetry.spans)


def test_the_span_carries_the_last_user_turn_as_hash_and_sketch(telemetry):
    turn = "Which city is the capital of France?"
    telemetry.chat("Paris.", ask=turn)
    (output,) = telemetry.outputs
    assert output["ai_feedback.input.hash"] == hash_text(turn, KEY.encode())
    assert len(output["ai_feedback.input.sketch"]) == 256
    assert telemetry.events == []


def test_where_values_have_a_limit_the_turn_leaves_by_event(switch_on):
    """The SDK would cut the sketch."""
    turn = "Which city is the capital of France?"
    telemetry = switch_on(span_limits=SpanLimits(max_span_attribute_length=200))
    span = telemetry.chat("Paris.", ask=turn)
    (event,) = telemetry.events
    assert event.event_name == "ai_feedback.output.details"
    assert event.trace_id == span.get_span_context().trace_id
    assert event.span_id == span.get_span_context().span_id
    assert event.timestamp == telemetry.clock.now
    assert event.attributes["ai_feedback.output.time"] == NOW
    assert event.attributes["ai_feedback.input.hash"] == hash_text(turn, KEY.encode())
    assert len(event.attributes["ai_feedback.input.sketch"]) == 256
    assert turn not in str(event.to_json() if hasattr(event, "to_json") else event.attributes)


@pytest.mark.parametrize("turn", ["?!", "continue"])
def test_of_a_turn_that_says_too_little_nothing_is_sent(telemetry, turn):
    telemetry.chat("Paris.", ask=turn)
    (output,) = telemetry.outputs
    assert {"ai_feedback.input.hash", "ai_feedback.input.sketch"}.isdisjoint(output)


def test_where_nothing_is_sent_of_a_turn_there_is_no_event_either(switch_on):
    telemetry = switch_on(span_limits=SpanLimits(max_span_attribute_length=200))
    span = telemetry.chat("Paris.", ask="continue")
    assert telemetry.events == []
    otel_ai_feedback.output_handle(span)
    assert [e.event_name for e in telemetry.events] == ["ai_feedback.output.delivered"]


def test_without_a_shared_key_nothing_of_the_input_leaves(switch_on, environment, tmp_path):
    (tmp_path / "file").write_text("")
    del environment["KEY"]
    environment["STATE_DIR"] = str(tmp_path / "file")
    telemetry = switch_on()
    telemetry.chat("Paris.", ask="Which city is the capital?")
    assert "ai_feedback.output.hash" in telemetry.outputs[0]
    assert telemetry.events == []


def test_a_huge_conversation_is_not_looked_at(telemetry):
    telemetry.chat("Paris.", ask="x" * 2_000_001)
    assert telemetry.events == []
    assert telemetry.counted == {"tagged": 1, "input_too_long": 1}


def test_switched_off_while_a_span_is_open(telemetry):
    span = telemetry.chat("one", end=False)
    otel_ai_feedback.uninstrument()
    span.end()
    assert ours(telemetry.outputs[0]) == {}
    telemetry.chat("two")
    assert ours(telemetry.outputs[1]) == {}
