"""Workers that fork after instrument(): no deadlock, and nothing told twice."""

import os
import threading

import pytest

import otel_ai_feedback
from otel_ai_feedback.capture.install.switch import SWITCH
from otel_ai_feedback.capture.linking import output as linking_output

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def in_child(work):
    """Run in a forked child; its answer, or nothing if it hung for 20 s or failed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            threading.Timer(20, os._exit, (1,)).start()
            os.write(writer, repr(work()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return answer


def test_the_child_has_its_own_worker_and_not_the_parents_jobs(telemetry):
    otel_ai_feedback.request_handle(telemetry.chat("Paris."))
    assert len(telemetry.events) == 1

    def work():
        telemetry.log_exporter.clear()
        otel_ai_feedback.request_handle(telemetry.chat("Rome."))
        return len(telemetry.events)

    assert in_child(work) == "1"
    assert len(telemetry.events) == 1


def test_the_child_says_that_it_handed_out_what_the_parent_made(telemetry):
    span = telemetry.chat("Paris.", ask="in the parent")

    def work():
        # The parent's span was not read yet, and is the parent's to send.
        telemetry.log_exporter.clear()
        otel_ai_feedback.output_handle(span)
        return [event.event_name for event in telemetry.events]

    assert in_child(work) == "['ai_feedback.output.delivered']"
    assert telemetry.events == []
    assert "ai_feedback.handle.kind" not in telemetry.outputs[0]


def test_a_child_forked_while_all_our_locks_are_held(telemetry):
    span = telemetry.chat("Paris.", ask="in the parent")
    handle = otel_ai_feedback.output_handle(span)
    capture = SWITCH.capture
    held, release = threading.Event(), threading.Event()

    def hold():
        with (
            capture.worker._changed,
            capture.outputs._lock,
            capture.outputs._keys._lock,
            linking_output._lock,
            capture.guard.counts._lock,
            capture.guard.once._lock,
        ):
            held.set()
            release.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(20)

    def work():
        dict(telemetry.chat("Rome.", ask="in the child").attributes)
        return otel_ai_feedback.record_action(handle, "copy", 1.0)

    try:
        assert in_child(work) == "True"
    finally:
        release.set()
        thread.join()


def test_handles_cross_processes_of_a_host(telemetry):
    def work():
        return otel_ai_feedback.output_handle(telemetry.chat("in the child"))

    handle = in_child(work).strip("'")
    assert otel_ai_feedback.record_action(handle, "copy", 1.0)
