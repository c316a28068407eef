"""One clock for everything the demo does, so that four weeks pass in a minute."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

# Where released SDKs hold the time source of spans, span events and log records.
_TIME_SOURCES: Final = (
    "opentelemetry.sdk.trace",
    "opentelemetry.sdk._logs._internal",
    "opentelemetry._logs._internal",
)


class DemoClock:
    """A clock that only moves when it is told to.

    People move it to when they act, the model server moves it on by the time an answer takes.
    Everything that has a time reads it: spans, log records, handles and their expiry.

    Args:
        now_ns: First reading, in nanoseconds since the Unix epoch.
    """

    def __init__(self, now_ns: int = 0) -> None:
        self._now_ns = now_ns
        self._lock = threading.Lock()

    def time_ns(self) -> int:
        """The present, in nanoseconds since the Unix epoch."""
        with self._lock:
            return self._now_ns

    def move_to(self, now_ns: int) -> None:
        """Make it another time, which may be earlier: conversations overlap."""
        with self._lock:
            self._now_ns = now_ns

    def advance(self, by_ns: int) -> None:
        """Let time pass.

        Raises:
            ValueError: For less than nothing.
        """
        if by_ns < 0:
            raise ValueError(f"a clock advances by 0 ns or more, not {by_ns}")
        with self._lock:
            self._now_ns += by_ns

    @contextmanager
    def drives_sdk(self) -> Iterator[None]:
        """Make this clock the time source of the OpenTelemetry SDK while the context is open."""
        replaced: list[tuple[Any, Any]] = []
        for name in _TIME_SOURCES:
            try:
                module: Any = importlib.import_module(name)
            except ImportError:
                continue
            if hasattr(module, "time_ns"):
                replaced.append((module, module.time_ns))
                module.time_ns = self.time_ns
        try:
            yield
        finally:
            for module, original in replaced:
                module.time_ns = original
