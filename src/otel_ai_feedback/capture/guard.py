"""The one place where an error of ours is stopped before it reaches user code."""

from __future__ import annotations

import logging
import threading
from typing import Final

from otel_ai_feedback.capture.counts import Counts

logger: Final = logging.getLogger("otel_ai_feedback")


class Once:
    """Logs each kind of message once in the life of the process, so that logs stay readable."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        # Re-entrant: a finalizer that ends a span may run while this lock is held.
        self._lock = threading.RLock()

    def warn(self, kind: str, message: str) -> None:
        """Log a warning unless this kind was logged before."""
        self._log(logging.WARNING, kind, message)

    def info(self, kind: str, message: str) -> None:
        """Log a note unless this kind was logged before."""
        self._log(logging.INFO, kind, message)

    def error(self, where: str) -> None:
        """Log the exception being handled, once per place."""
        message = f"otel-ai-feedback: {where} failed; logged once, the application is not affected"
        self._log(logging.WARNING, f"error:{where}", message, exc_info=True)

    def _log(self, level: int, kind: str, message: str, exc_info: bool = False) -> None:
        with self._lock:
            if kind in self._seen:
                return
            self._seen.add(kind)
        try:
            logger.log(level, "%s", message, exc_info=exc_info)
        except Exception:
            # A logging handler of the application failed; there is nowhere left to say so.
            return

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held when the process forked."""
        self._lock = threading.RLock()


class Guard:
    """Stops every exception: counts it under ``errors`` and logs it once per place.

    Attributes:
        counts: Where errors are counted, and everything else that capture counts.
        once: Where they are logged.
    """

    def __init__(self) -> None:
        self.counts: Final = Counts()
        self.once: Final = Once()

    def failed(self, where: str) -> None:
        """Account for the exception being handled; never raises itself."""
        try:
            self.counts.add("errors")
            self.once.error(where)
        except Exception:
            # There is nowhere left to say so.
            return

    def refused(self, reason: str, remedy: str | None = None) -> None:
        """Account for something that capture did not do, and say once what helps."""
        self.counts.add(reason)
        if remedy is not None:
            self.once.warn(reason, f"otel-ai-feedback: {remedy}")

    def after_fork(self) -> None:
        """Replace the locks, which other threads may have held when the process forked."""
        self.counts.after_fork()
        self.once.after_fork()


# One for the process: what is counted and logged once outlives any one switching on and off.
GUARD: Final = Guard()
