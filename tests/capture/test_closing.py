"""What the interpreter or a provider closes waits for us no longer than it should."""

import threading
import time

import pytest

from otel_ai_feedback import config
from otel_ai_feedback.capture import capture as module
from otel_ai_feedback.capture.capture import Capture


class Hanging:
    """A logger provider whose endpoint is down."""

    def __init__(self):
        self.asked = []
        self.over = threading.Event()

    def force_flush(self):
        self.asked.append("flush")
        self.over.wait()

    def shutdown(self):
        self.asked.append("shutdown")
        self.over.wait()


@pytest.fixture
def hanging():
    made = Hanging()
    yield made
    made.over.set()


@pytest.fixture
def capture(hanging, guard, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "CLOSING_SECONDS", 0.2)
    settings = config.load(overrides={"state_dir": str(tmp_path)})
    made = Capture(settings, time.time_ns, None, guard)
    made.events.provide(lambda: hanging)
    # The worker runs, as after any model call.
    made.worker.submit(lambda: None, 0)
    yield made
    made.worker.stop(0)


def test_what_closes_together_waits_once(capture, hanging):
    for _ in range(5):
        capture.close()
    assert hanging.asked == ["flush"]


def test_what_closes_much_later_waits_for_itself(capture, hanging, monkeypatch):
    capture.close()
    monkeypatch.setattr(module, "_TOGETHER_SECONDS", -1.0)
    capture.close()
    assert hanging.asked == ["flush", "flush"]


def test_an_endpoint_that_answers_uses_nothing_up(capture, hanging):
    hanging.over.set()
    for _ in range(3):
        capture.close()
    assert hanging.asked == ["flush"] * 3


@pytest.mark.parametrize("how", ["close", "shutdown"])
def test_where_no_thread_can_be_started_it_waits_no_longer(capture, hanging, monkeypatch, how):
    """As while the interpreter of Python 3.12 shuts down; a hang here is the failure."""

    def start(thread):
        raise RuntimeError("can't create new thread at interpreter shutdown")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        getattr(capture, how)()
    assert hanging.asked == [{"close": "flush", "shutdown": "shutdown"}[how]]


def test_switching_off_closes_the_provider_even_when_nothing_is_left(capture, hanging):
    capture.close()
    capture.shutdown()
    deadline = time.monotonic() + 20
    while "shutdown" not in hanging.asked and time.monotonic() < deadline:
        time.sleep(0.01)
    assert hanging.asked == ["flush", "shutdown"]
