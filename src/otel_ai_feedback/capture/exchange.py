"""One HTTP request that is being answered, as seen from the server's side of the application.

The span processor finds it, and tells it which request its LLM calls belong to and when an output
has ended. It is a context variable of its own: instrumentations of web frameworks replace the
OpenTelemetry context by one that they make from the headers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from otel_ai_feedback.capture.linking.handle_issuing import announce_request
from otel_ai_feedback.capture.scope import request_opted_out

if TYPE_CHECKING:
    from otel_ai_feedback.capture.capture import Capture
    from otel_ai_feedback.capture.linking.output import Output
    from otel_ai_feedback.capture.linking.request import Request

_CURRENT: Final[ContextVar[Exchange | None]] = ContextVar("otel-ai-feedback-exchange", default=None)


class Exchange:
    """A request and its response.

    A handle makes a request a delivered one, and most requests of a service never call a model. So
    a handle leaves with the response silently, and the request is delivered as soon as there is an
    output to deliver. What the service does after the response has ended reaches nobody by it.

    Args:
        leave: Told of an output that was still being made when the client had gone; called once.
        observed: Whether anything of it may be recorded.
        retry: Whether it has been sent before, by a client that had no answer.

    Attributes:
        retry: As given. Its question was asked before and says nothing new of the last answer.
        observed: As given.
        request: Local root of the request's spans, once one has been seen.
        handed_out: Whether a handle has left and the response has not ended.
        left_at: When the client was found to be gone, nanoseconds since the epoch.
        read_share: Share of the response that had been sent by then, if it is known.
    """

    __slots__ = (
        "_ended",
        "_leave",
        "handed_out",
        "left_at",
        "observed",
        "read_share",
        "request",
        "retry",
    )

    def __init__(
        self, leave: Callable[[Exchange, Output], None], observed: bool, retry: bool
    ) -> None:
        self.observed: Final = observed
        self.retry: Final = retry
        self._leave: Callable[[Exchange, Output], None] | None = leave
        self._ended = False
        self.request: Request | None = None
        self.handed_out = False
        self.left_at: int | None = None
        self.read_share: float | None = None

    def bind(self, request: Request) -> None:
        """Learn which request this is.

        Where nothing makes a span around them, each LLM call is a request of its own; the last one
        is the answer.
        """
        request.exchange = self
        if not self._ended:
            self.request = request

    def output_ended(self, capture: Capture, request: Request, output: Output) -> None:
        """Account for an output; called by the processor when its span ends."""
        if self.handed_out and request is self.request:
            announce_request(capture, request)
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
        if self.left_at is None and not self._ended:
            self.left_at, self.read_share = now_ns, read_share
            if made is not None:
                self._tell(made)

    def _tell(self, output: Output) -> None:
        if self._leave is not None:
            leave, self._leave = self._leave, None
            leave(self, output)

    def end(self) -> None:
        """The response has ended."""
        self._ended = True
        self.handed_out = False
        # The request knows the exchange; a circle would be left to the cycle collector.
        self.request = None

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
