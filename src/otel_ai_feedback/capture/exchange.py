"""One HTTP request that is being answered, as seen from the server's side of the application.

The span processor finds it, and tells it which request its LLM calls belong to and when an output
has ended. It is a context variable of its own: instrumentations of web frameworks replace the
OpenTelemetry context by one that they make from the headers.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from otel_ai_feedback.capture.linking.answer_choice import choose
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.linking.request import Request
from otel_ai_feedback.capture.scope import request_opted_out

# How much of an answer is looked for in the response, and of how much of the response.
_LONGEST_TEXT: Final = 200
_MAX_BODY: Final = 64 * 1024
_CURRENT: Final[ContextVar[Exchange | None]] = ContextVar("otel-ai-feedback-exchange", default=None)


class Exchange:
    """A request and its response.

    A handle makes an output a delivered one, and most requests of a service never call a model. So
    a handle leaves with the response silently, and when the response has ended it is told which
    output it means. What the service does after that reaches nobody by it.

    Args:
        leave: Told of an output that was still being made when the client had gone; called once.
        answered: Told, when the response has ended, of the request whose handle left with it.
        observed: Whether anything of it may be recorded.
        retry: Whether it has been sent before, by a client that had no answer.

    Attributes:
        retry: As given. Its question was asked before and says nothing new of the last answer.
        observed: As given.
        request: Local root of the request's spans, once one has been seen.
        handed_out: Whether a handle has left and the response has not ended.
        ended: Whether the response has ended.
        left_at: When the client was found to be gone, nanoseconds since the epoch.
        read_share: Share of the response that had been sent by then, if it is known.
    """

    __slots__ = (
        "_answered",
        "_body",
        "_last_part_at",
        "_leave",
        "_size",
        "_texts",
        "ended",
        "handed_out",
        "left_at",
        "observed",
        "read_share",
        "request",
        "retry",
    )

    def __init__(
        self,
        leave: Callable[[Exchange, Output], None],
        answered: Callable[[Request], None],
        observed: bool,
        retry: bool,
    ) -> None:
        self.observed: Final = observed
        self.retry: Final = retry
        self._leave: Callable[[Exchange, Output], None] | None = leave
        self._answered: Final = answered
        self._texts: list[tuple[Output, str]] = []
        self._body: list[bytes] = []
        self._size = 0
        self._last_part_at = 0
        self.ended = False
        self.request: Request | None = None
        self.handed_out = False
        self.left_at: int | None = None
        self.read_share: float | None = None

    def bind(self, request: Request) -> None:
        """Learn which request this is.

        Where nothing makes a span around them, each LLM call is a request of its own; the last one
        is the answer.
        """
        request.response = self
        if not self.ended:
            self.request = request

    def part_sent(self, now_ns: int, part: bytes) -> None:
        """Account for a part of the body."""
        if part and self.handed_out:
            self._last_part_at = now_ns
            if self._size < _MAX_BODY:
                self._body.append(part)
                self._size += len(part)

    def began_before_last_part(self, start: int) -> bool:
        """Whether a part was sent after a moment, in nanoseconds since the epoch."""
        return start < self._last_part_at

    def output_ended(self, output: Output, text: str | None) -> None:
        """Account for an output; called by the processor when its span ends."""
        if not self.ended:
            output.open = True
            self._texts.append((output, (text or "")[:_LONGEST_TEXT]))
        if self.left_at is not None:
            self._tell(output)

    def client_left(
        self, now_ns: int, read_share: float | None, made: Output | None = None
    ) -> None:
        """Account for a client that went away before it had the whole response.

        Args:
            now_ns: Nanoseconds since the epoch.
            read_share: Share of the response that had been sent, if it is known.
            made: The output that it did not wait for, if that has been made.
        """
        if self.left_at is None and not self.ended:
            self.left_at, self.read_share = now_ns, read_share
            if made is not None:
                self._tell(made)

    def _tell(self, output: Output) -> None:
        if self._leave is not None:
            leave, self._leave = self._leave, None
            leave(self, output)

    def end(self) -> None:
        """The response has ended."""
        if self.ended:
            return
        self.ended = True
        handed_out, self.handed_out = self.handed_out, False
        # The request knows the exchange; a circle would be left to the cycle collector.
        request, self.request = self.request, None
        texts, self._texts = self._texts, []
        body, self._body = self._body, []
        for output, _ in texts:
            output.open = False
        if handed_out and request is not None:
            if choose(request.outputs).ambiguous:
                _mark(texts, b"".join(body))
            self._answered(request)

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make it the one that is being answered, for a ``with`` block."""
        token = _CURRENT.set(self)
        try:
            with request_opted_out(not self.observed):
                yield
        finally:
            _CURRENT.reset(token)


def current_exchange() -> Exchange | None:
    """The exchange that is being answered, if a middleware sees those."""
    return _CURRENT.get()


def _mark(texts: list[tuple[Output, str]], body: bytes) -> None:
    """Mark the one output whose text is in the response, if it is one."""
    held = [output for output, text in texts if text and any(f in body for f in _written(text))]
    if len(held) == 1:
        held[0].marked = True


def _written(text: str) -> set[bytes]:
    """How a text may appear in a response: as it is, in JSON, in HTML."""
    text = text.strip()
    forms = (
        text,
        html.escape(text),
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
    )
    return {form.encode("utf-8", "replace") for form in forms if form}
