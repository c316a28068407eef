"""Trace and span ids that are the same when a demo is run again.

The store removes what arrives twice by its ids. A demo that was killed half-way is therefore
started again from the beginning and ends in the same counts as one that was never killed.
"""

from __future__ import annotations

import random
import threading
from hashlib import sha256

from opentelemetry.sdk.trace.id_generator import IdGenerator


class SeededIds(IdGenerator):
    """Draws ids from a sequence that :meth:`start` begins again.

    Each conversation begins its own sequence, so its ids do not depend on those before it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(0)  # noqa: S311 - ids, not secrets

    def start(self, seed: str) -> None:
        """Begin the sequence of this seed."""
        with self._lock:
            self._random = random.Random(seed)  # noqa: S311 - ids, not secrets

    def generate_span_id(self) -> int:
        """The next 64-bit id, never 0."""
        return self._draw(64)

    def generate_trace_id(self) -> int:
        """The next 128-bit id, never 0."""
        return self._draw(128)

    def _draw(self, bits: int) -> int:
        with self._lock:
            while True:
                drawn = self._random.getrandbits(bits)
                if drawn:
                    return drawn


def derived_id(*parts: str, digits: int = 24) -> str:
    """Lower-case hexadecimal id that follows from the parts alone."""
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:digits]
