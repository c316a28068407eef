"""Statements of others that ignore their limit, and what ends them.

The engine looks at a limit, and at `KILL QUERY`, between two blocks of rows: a function that works
for minutes on one row is deaf to both (measured on chdb-core 26.9: `hasAny` of two long arrays ran
on for half a minute after each). Only the end of the process ends it. That costs seconds and
nothing that was acknowledged, so the command `serve` starts itself again; the user is refused for
an hour, or they would do so once a minute.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from otel_ai_feedback.formats import duration

_logger = logging.getLogger(__name__)

CHECK_EVERY_SECONDS: Final = 5.0
# A statement that reads much may look at its limit late without being deaf to it.
GRACE_SECONDS: Final = 30.0
REFUSED_SECONDS: Final = 3600.0
FILE_NAME: Final = "refused-users.json"


class Overdue:
    """Knows the statements of others that run, and whom to refuse.

    Args:
        directory: Of the store, where it is kept who is refused.
        restart: Ends this process and begins it again; ``None`` where that is not ours to do.
        grace: Seconds after its limit at which a statement is taken to be deaf to it.
    """

    def __init__(
        self,
        directory: str | Path,
        restart: Callable[[], None] | None = None,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._path = Path(directory) / FILE_NAME
        self._restart = restart
        self._grace = grace
        self._lock = threading.Lock()
        self._running: dict[object, tuple[str, float]] = {}
        self._refused = self._read()

    @contextmanager
    def running(self, user: str, seconds: float) -> Iterator[None]:
        """Hold a statement's place in the list for as long as it runs.

        Args:
            user: Whose statement it is.
            seconds: Its limit.
        """
        mark = object()
        with self._lock:
            self._running[mark] = (user, time.monotonic() + seconds + self._grace)
        try:
            yield
        finally:
            with self._lock:
                self._running.pop(mark, None)

    def refused_seconds(self, user: str) -> float:
        """For how long a user is refused; 0 for everyone who did nothing."""
        return max(0.0, self._refused.get(user, 0.0) - time.time())

    def check(self) -> None:
        """End the statements that are deaf to their limit, by ending the process."""
        with self._lock:
            now = time.monotonic()
            late = {mark: user for mark, (user, until) in self._running.items() if until < now}
            for mark in late:
                del self._running[mark]
        if not late:
            return
        users = sorted(set(late.values()))
        self._refused |= dict.fromkeys(users, time.time() + REFUSED_SECONDS)
        _logger.error(
            "a statement of %s runs on %s after its limit; %s refused for %s, and %s",
            ", ".join(users),
            duration(self._grace),
            "they are" if len(users) > 1 else "this user is",
            duration(REFUSED_SECONDS),
            "serve starts again to end it" if self._restart else "only a restart ends it",
        )
        self._path.write_text(json.dumps(self._refused), encoding="utf-8")
        if self._restart is not None:
            self._restart()

    def _read(self) -> dict[str, float]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(user): float(until) for user, until in kept.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}
