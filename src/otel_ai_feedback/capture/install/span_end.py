"""How capture gets the last word before a span ends.

``SpanProcessor._on_ending`` comes too late: in every released SDK the span is frozen first. So the
SDK's ``Span.end`` is wrapped, once for all spans. (Replacing it on each instance costs five times
as much for each span, and makes a reference cycle that must be cut again.)
"""

from __future__ import annotations

import functools
from typing import Any, Final

from opentelemetry.sdk.trace import Span

from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.span_state import take_end_hook


class BeforeEnd:
    """Calls what :func:`.span_state.begin` was given, before the span ends.

    A span that another processor or the application gave an ``end`` of its own passes through it
    all the same, as that one calls the class's in the end.

    Args:
        guard: Counters and log.
    """

    def __init__(self, guard: Guard) -> None:
        inner = Span.end

        @functools.wraps(inner)
        def end(span: Span, *args: Any, **kwargs: Any) -> None:
            try:
                before_end = take_end_hook(span)
                if before_end is not None:
                    before_end(span)
            except Exception:
                guard.failed("tagging an LLM span")
            finally:
                # In the finally clause: an interrupt while tagging must not leave the span open.
                inner(span, *args, **kwargs)

        self._before: Final = inner
        self._ours: Final = end
        Span.end = end  # type: ignore[assignment, method-assign]

    def undo(self) -> None:
        """Put the method back, unless someone has wrapped ours since."""
        if Span.end is self._ours:
            Span.end = self._before  # type: ignore[method-assign]
