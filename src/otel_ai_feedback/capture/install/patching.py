"""Hearing of every new instance of another person's class."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

from otel_ai_feedback.capture.guard import GUARD


class AfterConstruction:
    """Wraps a class's constructor so that new instances are reported.

    Args:
        cls: The class.
        report: Called with each instance once it is constructed.
    """

    def __init__(self, cls: Any, report: Callable[[Any], None]) -> None:
        constructor = cls.__init__

        @functools.wraps(constructor)
        def construct(instance: Any, *args: Any, **kwargs: Any) -> None:
            constructor(instance, *args, **kwargs)
            try:
                report(instance)
            except Exception:
                GUARD.failed(f"noticing a new {cls.__name__}")

        self._class: Final = cls
        self._before: Final = constructor
        self._ours: Final = construct
        cls.__init__ = construct

    def undo(self) -> None:
        """Put the constructor back, unless someone has wrapped ours since."""
        if self._class.__init__ is self._ours:
            self._class.__init__ = self._before
