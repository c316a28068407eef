"""What the LLM spans of one request share. It hangs on the spans; no table holds it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import SpanContext

from otel_ai_feedback.capture.linking.output import Output

if TYPE_CHECKING:
    from otel_ai_feedback.capture.exchange import Exchange


class Request:
    """A local root span and the outputs made beneath it.

    Attributes:
        context: Trace and span id of the root span.
        start: Its start, nanoseconds since the epoch.
        root: Gives the root span while it lives.
        newest: The last output that may have been the user's answer.
        parent: What the root span was started under; in another process, if it is any.
        delivered: Whether a handle for the request has left.
        exchange: The HTTP request that it is, where a middleware sees those.
        opted_out: Whether no handle for it may leave.
    """

    __slots__ = (
        "_hex",
        "_places",
        "context",
        "delivered",
        "exchange",
        "newest",
        "opted_out",
        "parent",
        "root",
        "start",
    )

    def __init__(
        self,
        context: SpanContext,
        start: int,
        root: Callable[[], Any],
        parent: SpanContext | None = None,
    ) -> None:
        self.context: Final = context
        self.start: Final = start
        self.root: Final = root
        self.parent: Final = parent
        self.newest: Output | None = None
        self.delivered = False
        self.exchange: Exchange | None = None
        self.opted_out = False
        self._places = itertools.count(1)
        self._hex: str | None = None

    @property
    def hex(self) -> str:
        """Span id of the root span as attributes have it; made once for all its outputs."""
        found = self._hex
        if found is None:
            found = self._hex = f"{self.context.span_id:016x}"
        return found

    @property
    def time(self) -> int:
        """Start of the root span in whole seconds."""
        return self.start // 1_000_000_000

    @property
    def key(self) -> tuple[int, int]:
        """Trace and span id of the root span."""
        return self.context.trace_id, self.context.span_id

    def next_place(self) -> int:
        """The place of the next output to end, from 1; atomic without a lock."""
        return next(self._places)
