"""What capture did and what it refused, by reason."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import Final

# How many of them wait at most.
_AT_ONCE: Final = 256


class Counts:
    """Thread-safe counters by name; unknown names start at 0."""

    def __init__(self) -> None:
        self._values: dict[str, int] = {}
        # Names that are to be counted once more each. To append takes no lock, and most LLM spans
        # count one.
        self._ones: deque[str] = deque()
        # Re-entrant: a finalizer that ends a span may run while this lock is held.
        self._lock = threading.RLock()

    def add(self, name: str, amount: int = 1) -> None:
        """Add to one counter."""
        if amount == 1:
            ones = self._ones
            ones.append(name)
            if len(ones) > _AT_ONCE:
                self._add_up()
            return
        with self._lock:
            self._values[name] = self._values.get(name, 0) + amount

    def snapshot(self) -> dict[str, int]:
        """All counters as they are now."""
        self._add_up()
        with self._lock:
            return dict(self._values)

    def _add_up(self) -> None:
        # One by one, as a finalizer that comes in between may count something as well, and may even
        # have added up the rest itself.
        with self._lock, suppress(IndexError):
            while True:
                name = self._ones.popleft()
                self._values[name] = self._values.get(name, 0) + 1

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held when the process forked."""
        self._lock = threading.RLock()
