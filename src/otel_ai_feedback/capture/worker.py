"""A background thread for what is too expensive for the application's thread."""

from __future__ import annotations

import atexit
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import ClassVar, Final, Generic, TypeVar

from otel_ai_feedback.capture.guard import Guard

T = TypeVar("T")

MAX_JOBS: Final = 2048
MAX_CHARACTERS: Final = 32_000_000
PAUSE_SECONDS: Final = 0.5


class Worker(Generic[T]):
    """Handles jobs in order on one daemon thread; when it cannot keep up, it drops and counts.

    The thread starts with the first job, so importing and forking cost nothing; after a fork the
    child starts its own and does not repeat the parent's jobs. It looks for jobs by the clock, as
    the SDK's batch processors do: waking it for each job took longer than the tagging itself.

    Args:
        handle: What to do with a job; its exceptions are counted, not raised.
        at_exit: What to call when the interpreter exits after any job was taken.
        guard: Where exceptions go, and dropped jobs are counted as ``queue_full``.
        max_jobs: How many jobs may wait.
        max_characters: How much text may wait with them.
        pause_seconds: How long a job waits at most before it is begun.

    Attributes:
        generation: Another after a fork, for whom the jobs of before do not wait; never 0.
    """

    _generations: ClassVar = itertools.count(1)

    def __init__(
        self,
        handle: Callable[[T], None],
        at_exit: Callable[[], object],
        guard: Guard,
        max_jobs: int = MAX_JOBS,
        max_characters: int = MAX_CHARACTERS,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._handle = handle
        self._at_exit = at_exit
        self._guard = guard
        self._max_jobs = max_jobs
        self._max_characters = max_characters
        # From here on the thread does not wait for the clock.
        self._many_jobs = max_jobs // 2
        self._many_characters = max_characters // 2
        self._pause_seconds = pause_seconds
        self._stopped = False
        self._reset()

    def _reset(self) -> None:
        self.generation = next(self._generations)
        self._waiting: deque[tuple[T, int]] = deque()
        self._characters = 0
        self._busy = False
        self._hurried = False
        self._running = False
        # Never waited for: under gevent starting a thread lets others run.
        self._starting = threading.Lock()
        self._make_locks()

    def _make_locks(self) -> None:
        # Re-entrant: a finalizer that ends a span may run inside.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)

    def after_fork(self) -> None:
        """In the child: no thread, no jobs, and locks that no thread holds."""
        self._reset()

    def submit(self, job: T, characters: int) -> bool:
        """Hand over a job; never waits.

        Args:
            job: The job.
            characters: Length of the text that it keeps alive.

        Returns:
            Whether it was taken.
        """
        if not self._running and not self._begin():
            self._guard.counts.add("queue_full")
            return False
        # Not by the Condition, whose way to the lock is longer.
        with self._lock:
            waiting, total = self._waiting, self._characters + characters
            usual = len(waiting) < self._many_jobs and total <= self._many_characters
            if not usual and not self._takes(len(waiting) + 1, total):
                self._guard.counts.add("queue_full")
                return False
            waiting.append((job, characters))
            self._characters = total
        return True

    def _takes(self, jobs: int, characters: int) -> bool:
        """Whether so much may wait, for which the thread is told to hurry."""
        if self._stopped or jobs > self._max_jobs or characters > self._max_characters:
            return False
        self._hurry()
        return True

    def _begin(self) -> bool:
        """Whether the thread runs or is being started, which it is here if need be."""
        if self._stopped:
            return False
        if not self._starting.acquire(blocking=False):
            return True
        try:
            if not self._running:
                if type(self._lock) is not type(threading.RLock()):
                    # gevent has replaced them since, and its threads share one of ours.
                    self._make_locks()
                self._running = self._start()
            return self._running
        finally:
            self._starting.release()

    def _hurry(self) -> None:
        self._hurried = True
        self._changed.notify_all()

    def _start(self) -> bool:
        thread = threading.Thread(target=self._run, name="otel-ai-feedback", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # No more threads: the interpreter is shutting down, or the host is at its limit.
            return False
        # Exit handlers run last in, first out: this one before those of the providers, which
        # exist by the time of the first LLM call and would close what we still want to send to.
        atexit.register(self._at_exit)
        return True

    def _run(self) -> None:
        while not self._stopped:
            try:
                self._work()
            except Exception:
                self._guard.failed("the background thread")
                time.sleep(self._pause_seconds)

    def _work(self) -> None:
        """Wait for jobs, and handle all there are."""
        with self._changed:
            self._changed.wait_for(lambda: self._hurried or self._stopped, self._pause_seconds)
        while (job := self._next()) is not None:
            try:
                self._handle(job)
            except Exception:
                self._guard.failed("the background worker")
            # A name that outlives its job would keep the job's text alive until the next.
            del job

    def _next(self) -> T | None:
        with self._changed:
            self._busy = bool(self._waiting)
            if not self._busy:
                self._hurried = False
                self._changed.notify_all()
                return None
            job, characters = self._waiting.popleft()
            self._characters -= characters
            return job

    def flush(self, seconds: float) -> bool:
        """Wait until nothing is left to do.

        Args:
            seconds: How long to wait at most.

        Returns:
            Whether everything was done in time.
        """
        with self._changed:
            if self._waiting:
                self._hurry()
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, seconds)

    def stop(self, seconds: float) -> None:
        """Finish what is waiting, take no more, and end the thread."""
        self.flush(seconds)
        atexit.unregister(self._at_exit)
        with self._changed:
            self._stopped, self._running = True, False
            self._waiting.clear()
            self._characters = 0
            self._changed.notify_all()
