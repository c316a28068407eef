"""An injector: raises at the n-th line that is executed inside capture."""

import linecache
import sys
import threading
from pathlib import Path

import otel_ai_feedback

PACKAGE = Path(otel_ai_feedback.__file__).parent
ROOM = str(PACKAGE / "capture")
FACE = str(PACKAGE / "__init__.py")
# At these nothing of ours can fail: they do nothing, take or leave a lock, or undo a mark; or they
# are the application's own call that capture stands in the way of, whose exceptions are its own.
NOT_OURS = (
    "try:", "finally:", "yield", "with self._lock:", "with self._changed:", "with _lock:",
    "with span._lock:",
    "self._filing = False", "tokens = []", "while not self._stopped:",
    "inner(span, *args, **kwargs)", "constructor(instance, *args, **kwargs)",
    "return submit(pool, fn, *args, **kwargs)", "start(thread)", "return work(*args, **kwargs)",
    "carrying()", "taken: list[ExitStack] = []",
    "if self.inner is not None:",
)  # fmt: skip
ERRORS = (
    RuntimeError, MemoryError, RecursionError, KeyError, TypeError, UnicodeError, OSError,
    AssertionError, StopIteration, AttributeError, ZeroDivisionError, BufferError,
)  # fmt: skip


class Injector:
    """Counts the lines that run inside capture, and raises at one of them.

    Attributes:
        seen: Lines so far.
        injected: Faults so far.
    """

    def __init__(self):
        self.seen = 0
        self.injected = 0
        self._at = 0
        self._error = RuntimeError
        self._ours = {}

    def run(self, work, at=0, error=RuntimeError):
        """Run work, and raise ``error`` at its ``at``-th line inside capture, from 1.

        Returns:
            How many lines it ran.
        """
        self.seen, self._at, self._error = 0, at, error
        before = sys.gettrace()
        sys.settrace(self._call)
        try:
            work()
        finally:
            sys.settrace(before)
        return self.seen

    def on_new_threads(self, at, error):
        """The same in threads that start from now on, until :meth:`stop`."""
        self.seen, self._at, self._error = 0, at, error
        threading.settrace(self._call)

    def stop(self):
        threading.settrace(None)
        self._at = 0

    def _call(self, frame, event, arg):
        code = frame.f_code
        ours = self._ours.get(code)
        if ours is None:
            name = code.co_filename
            ours = self._ours[code] = name.startswith(ROOM) or name == FACE
        return self._line if ours else None

    def _line(self, frame, event, arg):
        if event == "line" and self._can_fail(frame):
            self.seen += 1
            if self.seen == self._at:
                self.injected += 1
                # This ends the tracing, so it happens once.
                raise self._error
        return self._line

    def _can_fail(self, frame):
        place = (frame.f_code, frame.f_lineno)
        can = self._ours.get(place)
        if can is None:
            line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
            can = self._ours[place] = line not in NOT_OURS
        return can
