"""A queue of its own for what strangers send: they never take the place of the application's spans.

A span exporter's queue has 2,048 places by default, and drops what comes when it is
full. So actions of beacons wait here, and are handed on at a pace at which they take a small part
of it. What waits is at most half of that queue, so that at exit it can go at once.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from otel_ai_feedback.capture.guard import Guard

T = TypeVar("T")

MOST: Final = 1024
AT_ONCE: Final = 50
PAUSE_SECONDS: Final = 0.5


class PacedQueue(Generic[T]):
    """Hands items on from a daemon thread that starts with the first of them.

    Args:
        handle: What to do with an item; its exceptions are counted, not raised.
        at_exit: What to call when the interpreter exits after any item was taken.
        guard: Where exceptions go.
        most: How many items may wait.
        at_once: How many are handed on before each pause.
        pause_seconds: How long the pause is.
    """

    def __init__(
        self,
        handle: Callable[[T], None],
        at_exit: Callable[[], object],
        guard: Guard,
        most: int = MOST,
        at_once: int = AT_ONCE,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._handle = handle
        self._at_exit = at_exit
        self._guard = guard
        self._most = most
        self._at_once = at_once
        self._pause_seconds = pause_seconds
        self._stopped = False
        self.after_fork()

    def after_fork(self) -> None:
        """In the child: no thread, no items, and locks that no thread holds."""
        self._waiting: deque[T] = deque()
        self._running = False
        self._changed = threading.Condition()

    def submit(self, items: Sequence[T]) -> bool:
        """Hand over items, all or none; never waits.

        Args:
            items: The items.

        Returns:
            Whether there was room.
        """
        with self._changed:
            if self._stopped or len(self._waiting) + len(items) > self._most:
                self._guard.counts.add("queue_full")
                return False
            if not self._running and not self._start():
                return False
            self._waiting.extend(items)
            self._changed.notify()
        return True

    def _start(self) -> bool:
        thread = threading.Thread(target=self._run, name="otel-ai-feedback actions", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # No more threads: the interpreter is shutting down, or the host is at its limit.
            return False
        self._running = True
        atexit.register(self._at_exit)
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopped)
                if self._stopped:
                    return
            self._hand_on(self._at_once)
            time.sleep(self._pause_seconds)

    def _hand_on(self, most: int) -> None:
        for _ in range(most):
            with self._changed:
                if not self._waiting:
                    return
                item = self._waiting.popleft()
            try:
                self._handle(item)
            except Exception:
                self._guard.failed("recording a beacon")

    def flush(self) -> None:
        """Hand on all that waits, now and here."""
        self._hand_on(self._most)

    def stop(self) -> None:
        """Hand on all that waits, and take no more."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self.flush()
        atexit.unregister(self._at_exit)
