"""What capture did and what it refused, by reason."""

from __future__ import annotations

import threading


class Counts:
    """Thread-safe counters by name; unknown names start at 0."""

    def __init__(self) -> None:
        self._values: dict[str, int] = {}
        # Re-entrant: a finalizer that ends a span may run while this lock is held.
        self._lock = threading.RLock()

    def add(self, name: str, amount: int = 1) -> None:
        """Add to one counter."""
        with self._lock:
            self._values[name] = self._values.get(name, 0) + amount

    def snapshot(self) -> dict[str, int]:
        """All counters as they are now."""
        with self._lock:
            return dict(self._values)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held when the process forked."""
        self._lock = threading.RLock()
