import gc
import threading

from otel_ai_feedback.capture.worker import Worker


def make(handle, guard, **limits):
    return Worker(handle, lambda: None, guard, pause_seconds=0.01, **limits)


def test_handles_jobs_in_order_on_another_thread(guard):
    done = []
    worker = make(lambda job: done.append((job, threading.current_thread().name)), guard)
    assert all(worker.submit(number, 0) for number in range(100))
    assert worker.flush(10)
    assert [job for job, _ in done] == list(range(100))
    assert {name for _, name in done} == {"otel-ai-feedback"}
    worker.stop(10)


def test_drops_and_counts_when_full(guard):
    gate, started = threading.Event(), threading.Event()

    def handle(job):
        started.set()
        gate.wait(10)

    worker = make(handle, guard, max_jobs=3)
    assert worker.submit("in hand", 0)
    assert started.wait(10)
    assert [worker.submit(number, 0) for number in range(5)] == [True] * 3 + [False] * 2
    assert guard.counts.snapshot() == {"queue_full": 2}
    assert not worker.flush(0.01)
    gate.set()
    assert worker.flush(10)
    assert worker.submit("again", 0)
    worker.stop(10)


def test_text_that_waits_is_bounded_too(guard):
    gate, started = threading.Event(), threading.Event()

    def handle(job):
        started.set()
        gate.wait(10)

    worker = make(handle, guard, max_characters=10)
    worker.submit("in hand", 10)
    assert started.wait(10)
    assert worker.submit("fits", 10)
    assert not worker.submit("does not", 1)
    gate.set()
    worker.stop(10)


def test_an_error_in_one_job_does_not_stop_the_next(guard):
    done = []

    def handle(job):
        if job == "bad":
            raise ValueError(job)
        done.append(job)

    worker = make(handle, guard)
    for job in ("one", "bad", "two"):
        worker.submit(job, 0)
    assert worker.flush(10)
    assert done == ["one", "two"]
    assert guard.counts.snapshot() == {"errors": 1}
    worker.stop(10)


def test_after_stop_nothing_is_taken(guard):
    worker = make(lambda job: None, guard)
    worker.submit(1, 0)
    worker.stop(10)
    assert not worker.submit(2, 0)
    assert worker.flush(0)


def test_a_finalizer_that_submits_while_submitting_does_not_deadlock(guard):
    worker = make(lambda job: None, guard)

    class Finalized:
        def __del__(self):
            worker.submit("from a finalizer", 0)

    cycle = Finalized()
    cycle.me = cycle
    with worker._changed:
        del cycle
        gc.collect()
    assert worker.flush(10)
    worker.stop(10)


def test_a_flush_does_not_wait_for_the_pause(guard):
    done = []
    worker = Worker(done.append, lambda: None, guard, pause_seconds=1000)
    worker.submit(1, 0)
    assert worker.flush(60)
    worker.submit(2, 0)
    assert worker.flush(60)
    assert done == [1, 2]
    worker.stop(60)


def test_a_queue_that_fills_does_not_wait_either(guard):
    done, all_done = [], threading.Event()

    def handle(job):
        done.append(job)
        if len(done) == 3:
            all_done.set()

    worker = Worker(handle, lambda: None, guard, max_jobs=4, pause_seconds=1000)
    for number in range(3):
        assert worker.submit(number, 0)
    assert all_done.wait(60)
    worker.stop(60)
