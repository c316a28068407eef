"""A thread that does something again and again until it is told to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

_logger = logging.getLogger(__name__)


class Periodic:
    """Calls a function at once and then every so many seconds, for the length of a ``with`` block.

    A call that fails is logged, and the next one comes as if it had not.

    Args:
        call: The function.
        seconds: Pause between the end of a call and the next.
        title: Name of the thread, and of the work in the log.
    """

    def __init__(self, call: Callable[[], Any], seconds: float, title: str) -> None:
        self._call = call
        self._seconds = seconds
        self._title = title
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=title, daemon=True)

    def __enter__(self) -> Periodic:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self._call()
            except Exception:
                _logger.exception("%s failed; the next try is in %g s", self._title, self._seconds)
            if self._stop.wait(self._seconds):
                return
