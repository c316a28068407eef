"""Capture leaves nothing to the cycle collector, whose pauses the application would feel."""

import gc
import weakref

import pytest
from opentelemetry.sdk.trace import TracerProvider

import otel_ai_feedback

from .telemetry import messages


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def tracer(switch_on):
    """A tracer of a provider with our processor alone: what an exporter keeps is not our doing."""
    switch_on()
    return TracerProvider(shutdown_on_exit=False).get_tracer("t")


ATTRIBUTES = {
    "gen_ai.operation.name": "chat",
    "gen_ai.output.messages": messages("Paris."),
    "gen_ai.input.messages": messages("Which city is the capital?", "user"),
}


@pytest.mark.slow
def test_ended_spans_are_freed_at_once(tracer, no_collector):
    with tracer.start_as_current_span("warm up"):
        tracer.start_span("chat", attributes=ATTRIBUTES).end()
    gc.collect()
    references = []
    for _ in range(50):
        with otel_ai_feedback.conversation("c"), tracer.start_as_current_span("POST") as root:
            span = tracer.start_span("chat", attributes=ATTRIBUTES)
            span.end()
            otel_ai_feedback.output_handle()
            references += [weakref.ref(root), weakref.ref(span)]
        del root, span
    assert [reference() for reference in references if reference() is not None] == []
    assert gc.collect() == 0


@pytest.mark.slow
def test_failing_spans_are_freed_too(tracer, no_collector, monkeypatch):
    from opentelemetry.sdk.trace import Span

    with tracer.start_as_current_span("warm up"):
        pass
    gc.collect()

    def broken(self, attributes):
        raise RuntimeError("broken")

    monkeypatch.setattr(Span, "set_attributes", broken)
    for _ in range(20):
        tracer.start_span("chat", attributes=ATTRIBUTES).end()
    assert gc.collect() == 0


def test_spans_that_never_end_can_be_collected(tracer):
    span = tracer.start_span("chat", attributes=ATTRIBUTES)
    reference = weakref.ref(span)
    del span
    gc.collect()
    assert reference() is None


def test_a_switched_off_capture_can_be_collected(switch_on):
    from otel_ai_feedback.capture.install.switch import SWITCH

    switch_on()
    reference = weakref.ref(SWITCH.capture)
    otel_ai_feedback.uninstrument()
    gc.collect()
    assert reference() is None


def test_nested_spans_do_not_hold_their_ancestors(tracer, no_collector):
    """A loop whose every step is a child of the last must not grow forever."""
    from opentelemetry import trace

    span = tracer.start_span("step")
    first = weakref.ref(span)
    for _ in range(10):
        context = trace.set_span_in_context(span)
        span.end()
        span = tracer.start_span("step", context=context)
        del context
    assert first() is None
