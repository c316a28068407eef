import time

import pytest
from opentelemetry.sdk.trace import TracerProvider

from otel_ai_feedback.demo.clock import DemoClock


def test_moves_only_when_told():
    clock = DemoClock(5)
    assert clock.time_ns() == clock.time_ns() == 5
    clock.advance(3)
    assert clock.time_ns() == 8
    clock.move_to(2)
    assert clock.time_ns() == 2


def test_never_advances_backwards():
    with pytest.raises(ValueError, match="-1"):
        DemoClock().advance(-1)


def test_drives_spans_and_their_events_and_lets_go():
    clock = DemoClock(1_000)
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("test")
    with clock.drives_sdk():
        span = tracer.start_span("a call")
        clock.advance(30)
        span.add_event("first token")
        clock.advance(70)
        span.end()
    assert (span.start_time, span.events[0].timestamp, span.end_time) == (1_000, 1_030, 1_100)

    before = time.time_ns()
    assert tracer.start_span("a later call").start_time >= before
