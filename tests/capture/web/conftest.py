"""Capture by the real clock, as servers and clients go by it."""

import time

import pytest


@pytest.fixture
def capture(switch_on):
    return switch_on(clock=RealClock())


class RealClock:
    @property
    def now(self):
        return time.time_ns()

    def __call__(self):
        return self.now
