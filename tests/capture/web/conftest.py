"""Capture by the real clock, as servers and clients go by it."""

import pytest

from .served import RealClock


@pytest.fixture
def capture(switch_on):
    return switch_on(clock=RealClock())
