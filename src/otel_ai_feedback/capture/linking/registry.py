"""A bounded map for what is worth remembering for a day."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

LIFETIME_SECONDS: Final = 24 * 3600


class Registry(Generic[T]):
    """A bounded map that forgets the least recently used and whatever is too old.

    Args:
        clock: Nanoseconds since the epoch.
        max_entries: How many entries to keep.
        lifetime_seconds: How long to keep one after it was put.
    """

    def __init__(
        self,
        clock: Callable[[], int],
        max_entries: int,
        lifetime_seconds: int = LIFETIME_SECONDS,
    ) -> None:
        self._clock = clock
        self._max_entries = max_entries
        self._lifetime = lifetime_seconds * 1_000_000_000
        self._entries: OrderedDict[Hashable, tuple[int, T]] = OrderedDict()
        # Re-entrant: a finalizer that ends a span may run while this lock is held.
        self._lock = threading.RLock()

    def put(self, key: Hashable, value: T) -> None:
        """Remember a value under a key."""
        now = self._clock()
        with self._lock:
            self._entries[key] = (now, value)
            self._entries.move_to_end(key)
            while len(self._entries) > self._max_entries:
                self._entries.popitem(last=False)

    def get(self, key: Hashable) -> T | None:
        """The value under a key, unless it was forgotten."""
        now = self._clock()
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            put_at, value = found
            if now - put_at > self._lifetime:
                del self._entries[key]
                return None
            self._entries.move_to_end(key)
            return value

    def __len__(self) -> int:
        return len(self._entries)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held when the process forked."""
        self._lock = threading.RLock()
