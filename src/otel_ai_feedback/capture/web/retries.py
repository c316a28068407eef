"""Requests that a client or proxy sends again by itself, as no one has asked again then."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

HEADER: Final = "idempotency-key"
MAX_KEYS: Final = 10_000
LIFETIME_SECONDS: Final = 600
_MAX_LENGTH: Final = 256
_NANOSECONDS: Final = 1_000_000_000


class Retries:
    """Remembers the ``Idempotency-Key`` of requests: the same again is the same request.

    Args:
        max_keys: How many are remembered; the oldest go first.
        lifetime_seconds: For how long.
    """

    def __init__(
        self, max_keys: int = MAX_KEYS, lifetime_seconds: float = LIFETIME_SECONDS
    ) -> None:
        self._max_keys = max_keys
        self._lifetime = lifetime_seconds * _NANOSECONDS
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._seen)

    def is_retry(self, key: str | None, now_ns: int) -> bool:
        """Whether a request came before; it is remembered from now on.

        Args:
            key: Value of its header, if it has one.
            now_ns: Nanoseconds of any clock that does not go back.
        """
        if not key:
            return False
        key = key[:_MAX_LENGTH]
        with self._lock:
            before = self._seen.pop(key, None)
            self._seen[key] = now_ns
            if len(self._seen) > self._max_keys:
                self._seen.popitem(last=False)
        return before is not None and now_ns - before <= self._lifetime
