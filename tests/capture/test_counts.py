"""Counters that are added up later, and by anyone who comes to it first."""

from collections import deque

from otel_ai_feedback.capture.counts import Counts


def test_ones_and_more_add_up():
    counts = Counts()
    for _ in range(1000):
        counts.add("tagged")
    counts.add("tagged", 5)
    counts.add("too_short", 3)
    assert counts.snapshot() == {"tagged": 1005, "too_short": 3}
    assert counts.snapshot() == {"tagged": 1005, "too_short": 3}


def test_a_finalizer_that_adds_up_in_between_loses_nothing():
    counts = Counts()

    class Interrupted(deque):
        """As if the cycle collector ended a span, once, before the second name is taken."""

        taken = 0

        def popleft(self):
            self.taken += 1
            if self.taken == 2:
                counts.add("by finalizer")
                counts.snapshot()
            return super().popleft()

    counts._ones = Interrupted()
    for _ in range(3):
        counts.add("tagged")
    assert counts.snapshot() == {"tagged": 3, "by finalizer": 1}
