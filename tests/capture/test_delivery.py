"""Handing out handles."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanLimits
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import INVALID_SPAN, SpanContext

import otel_ai_feedback
from otel_ai_feedback import conversation, output_handle, record_action, request_handle
from otel_ai_feedback.capture.install.switch import SWITCH
from otel_ai_feedback.capture.linking.handles import verify
from otel_ai_feedback.capture.text.hashing import derive_key

from .telemetry import KEY, NOW


def read(handle):
    return verify(handle, derive_key(KEY.encode(), b"handle"), NOW)


def names(handle, span, kind="output"):
    found, context = read(handle), span.get_span_context()
    return (found.kind, found.trace_id, found.span_id) == (kind, context.trace_id, context.span_id)


KIND, TIME = "ai_feedback.handle.kind", "ai_feedback.output.time"


def delivered(telemetry):
    return [
        (event.span_id, {name: event.attributes[name] for name in (KIND, TIME)})
        for event in telemetry.events
        # The details of an output say it as well, where they leave later than the handle.
        if KIND in event.attributes
    ]


def test_delivery_of_an_open_span_is_recorded_on_the_span(telemetry):
    span = telemetry.chat(end=False)
    handle = output_handle(span)
    span.end()
    assert names(handle, span)
    assert read(handle).time == NOW
    assert telemetry.outputs[0]["ai_feedback.handle.kind"] == "output"
    output_handle(span)
    assert delivered(telemetry) == []


def test_delivery_of_a_span_that_was_read_is_one_event(telemetry):
    span = telemetry.chat(gen_ai__response__id="r1")
    assert len(telemetry.outputs) == 1
    assert output_handle(span) == output_handle(response_id="r1") == output_handle(span)
    expected = {"ai_feedback.handle.kind": "output", "ai_feedback.output.time": NOW}
    assert delivered(telemetry) == [(span.get_span_context().span_id, expected)]
    assert "ai_feedback.handle.kind" not in telemetry.outputs[0]


def test_delivery_is_recorded_once_whenever_the_handle_leaves(telemetry):
    early, late, _ = (telemetry.chat(ask="What is the capital?") for _ in range(3))
    output_handle(early)
    assert [output.get(KIND) for output in telemetry.outputs] == ["output", None, None]
    assert delivered(telemetry) == []
    output_handle(late)
    output_handle(early)
    assert [span_id for span_id, _ in delivered(telemetry)] == [late.context.span_id]
    assert [output.get(KIND) for output in telemetry.outputs] == ["output", None, None]


def test_delivery_is_recorded_when_the_queue_was_full(switch_on, monkeypatch):
    telemetry = switch_on(span_limits=SpanLimits(max_span_attribute_length=200))
    worker = SWITCH.capture.worker
    with monkeypatch.context() as patch:
        patch.setattr(worker, "_max_jobs", 0)
        span = telemetry.chat(ask="What is the capital?")
    output_handle(span)
    assert [span_id for span_id, _ in delivered(telemetry)] == [span.context.span_id]


def test_newest_of_the_request(telemetry):
    with telemetry.request():
        telemetry.chat("router")
        answer = telemetry.chat("answer")
        handle = output_handle()
    telemetry.chat("another request")
    assert names(handle, answer)


def test_a_step_of_tool_calls_alone_is_not_the_answer_but_an_empty_one_is(telemetry):
    tool = '[{"parts":[{"type":"tool_call","name":"search"}]}]'
    with telemetry.request():
        text = telemetry.chat("text")
        telemetry.chat(None, gen_ai__output__messages=tool)
        assert names(output_handle(), text)
        empty = telemetry.chat("")
        assert names(output_handle(), empty)


def test_newest_of_the_conversation_without_a_request_span(telemetry):
    with conversation("c1"):
        telemetry.chat("one")
        two = telemetry.chat("two")
        handle = output_handle()
    with conversation("c2"):
        assert output_handle() is None
    assert names(handle, two)


def test_requests_do_not_see_each_others_outputs(telemetry):
    start = telemetry.tracer.start_span
    one, other = start("one"), start("other")
    with trace.use_span(one):
        span = telemetry.chat("one")
    with trace.use_span(other):
        assert output_handle() is None
    with trace.use_span(one):
        assert names(output_handle(), span)


def test_a_request_handle_can_leave_before_any_output(telemetry):
    with telemetry.request() as root:
        handle = request_handle()
        with telemetry.tracer.start_as_current_span("inner"):
            assert request_handle() == handle
        telemetry.chat()
    assert names(handle, root, "request")
    expected = {"ai_feedback.handle.kind": "request", "ai_feedback.output.time": NOW}
    assert delivered(telemetry) == [(root.get_span_context().span_id, expected)]


@pytest.mark.parametrize("nothing", [{}, {"response_id": "unknown"}, {"span": INVALID_SPAN}])
def test_without_an_output_there_is_no_handle(telemetry, nothing):
    assert output_handle(**nothing) is None
    assert telemetry.counted == {"handle_unknown_output": 1}


def test_outside_any_span_there_is_no_request(telemetry):
    assert request_handle() is None
    assert telemetry.counted == {"handle_unknown_request": 1}


def test_a_span_context_of_an_unknown_output_has_no_time(telemetry):
    unknown = SpanContext(1, 2, is_remote=True, trace_flags=trace.TraceFlags(1))
    assert output_handle(unknown) is None


def test_unsampled_outputs_have_handles_whose_actions_say_so(switch_on):
    telemetry = switch_on(sampler=ALWAYS_OFF)
    span = telemetry.chat()
    with trace.use_span(span):
        handles = [output_handle(span), request_handle()]
    assert [read(handle).sampled for handle in handles] == [False, False]
    assert all(record_action(target, "copy", 1.0) for target in [*handles, span])
    assert telemetry.counted == {"actions": 3, "not_sampled": 3}
    assert telemetry.events == []
    for action in telemetry.actions:
        assert action.attributes["ai_feedback.output.sampled"] is False
        (link,) = action.links
        assert link.context.span_id == span.get_span_context().span_id
        assert not link.context.trace_flags.sampled


def test_before_instrument_there_are_no_handles():
    assert output_handle() is None
    assert request_handle() is None


def test_of_a_span_that_is_no_longer_remembered(switch_on):
    telemetry = switch_on()
    span = telemetry.chat()
    otel_ai_feedback.uninstrument()
    telemetry = switch_on()
    assert names(output_handle(span), span)
    assert [span_id for span_id, _ in delivered(telemetry)] == [span.get_span_context().span_id]
