"""What strangers send waits in a queue of its own, and is handed on at a pace."""

import threading

import pytest

from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.paced import AT_ONCE, MOST, PacedQueue

# Places of the queue of an SDK's span exporter, unless someone says otherwise.
EXPORTER = 2048


@pytest.fixture
def queue():
    made = []

    def queue(handle, **options):
        made.append(PacedQueue(handle, lambda: None, Guard(), **options))
        return made[-1]

    yield queue
    for each in made:
        each.stop()


def test_a_burst_takes_a_small_part_of_an_exporters_queue_at_a_time(queue):
    handled, first = [], threading.Event()

    def handle(item):
        handled.append(item)
        if len(handled) == AT_ONCE:
            first.set()

    paced = queue(handle, pause_seconds=3600)
    assert paced.submit(range(MOST))
    assert first.wait(20)
    assert handled == list(range(AT_ONCE))
    assert AT_ONCE * 10 < EXPORTER
    assert MOST <= EXPORTER // 2, "all of it may go at once, at exit"


def test_more_than_may_wait_is_refused_whole(queue):
    paced = queue(lambda _: None, most=10, pause_seconds=3600)
    assert not paced.submit(range(11))
    assert paced.submit(range(10))


def test_a_flush_hands_on_all_that_waits(queue):
    handled = []
    paced = queue(handled.append, pause_seconds=3600)
    paced.submit(range(500))
    paced.flush()
    assert sorted(handled) == list(range(500))


def test_a_failure_costs_one_item(queue):
    handled = []

    def handle(item):
        if item == 1:
            raise ValueError
        handled.append(item)

    paced = queue(handle)
    paced.submit(range(3))
    paced.stop()
    assert sorted(handled) == [0, 2]
    assert not paced.submit([4])
