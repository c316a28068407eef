"""How far the demo is, for people: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Final

from tqdm import tqdm

from otel_ai_feedback.formats import count, plural

_EVERY_SECONDS: Final = 5.0


class Progress:
    """The questions that have been answered, of how many."""

    def __init__(self) -> None:
        self._bar = tqdm(unit=" questions", file=sys.stderr, disable=not sys.stderr.isatty())
        self._said_at = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.close()

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is."""
        if not self._bar.disable:
            self._bar.total = total
            self._bar.update(done - self._bar.n)
        elif time.monotonic() - self._said_at >= _EVERY_SECONDS:
            self._said_at = time.monotonic()
            say(f"  {count(done)} of {plural(total, 'question')} answered")


def say(text: str) -> None:
    """To people, not to programs."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
