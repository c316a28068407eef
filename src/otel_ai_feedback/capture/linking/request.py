"""What the LLM spans of one request share. It hangs on the spans; no table holds it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Final, Protocol

from opentelemetry.trace import SpanContext

from otel_ai_feedback.capture.linking.output import Output

# Of more model calls in one request the first are no answer.
MAX_OUTPUTS: Final = 32


class Response(Protocol):
    """What is asked of the HTTP response that a request ends in, where a middleware sees it."""

    @property
    def retry(self) -> bool:
        """Whether the request was sent before, by a client that had no answer."""

    @property
    def ended(self) -> bool:
        """Whether all of it was sent."""

    def began_before_last_part(self, start: int) -> bool:
        """Whether a part was sent after a moment, in nanoseconds since the epoch."""

    def output_ended(self, output: Output, text: str | None) -> None:
        """Account for an output."""


class Request:
    """A local root span and the outputs made beneath it.

    Attributes:
        context: Trace and span id of the root span.
        start: Its start, nanoseconds since the epoch.
        root: Gives the root span while it lives.
        outputs: Those that may be the user's answer, in the order in which they ended.
        parent: What the root span was started under; in another process, if it is any.
        delivered: Whether a handle for the request has left.
        response: The HTTP response that it ends in, where a middleware sees it.
        opted_out: Whether no handle for it may leave.
        asked_a_model: Whether a model was called, whose errors quote what it was given.
    """

    __slots__ = (
        "_hex",
        "_places",
        "asked_a_model",
        "context",
        "delivered",
        "opted_out",
        "outputs",
        "parent",
        "response",
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
        self.outputs: list[Output] = []
        self.delivered = False
        self.response: Response | None = None
        self.opted_out = False
        self.asked_a_model = False
        self._places = itertools.count(1)
        self._hex: str | None = None

    @property
    def newest(self) -> Output | None:
        """The last output that may be the user's answer."""
        return self.outputs[-1] if self.outputs else None

    def made(self, output: Output) -> None:
        """Account for an output that may be the answer."""
        self.outputs.append(output)
        if len(self.outputs) > MAX_OUTPUTS:
            del self.outputs[0]

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
