"""One HTTP request that is being answered, as seen from the server's side of the application.

It travels in the OpenTelemetry context, so that the span processor can tell it which request its
LLM calls belong to and when an output has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from opentelemetry import context as otel_context
from opentelemetry.context import Context

from otel_ai_feedback.capture.delivery import announce_request

if TYPE_CHECKING:
    from otel_ai_feedback.capture.capture import Capture
    from otel_ai_feedback.capture.output import Output
    from otel_ai_feedback.capture.request import Request

_KEY: Final = otel_context.create_key("otel-ai-feedback-exchange")


class Exchange:
    """A request and its response.

    A handle makes a request a delivered one, and most requests of a service never call a model. So
    a handle leaves with the response silently, and the request is delivered as soon as there is an
    output to deliver. What the service does after the response has ended reaches nobody by it.

    Args:
        leave: Told of an output that was still being made when the client had gone; called once.

    Attributes:
        request: Local root of the request's spans, once one has been seen.
        handed_out: Whether a handle has left and the response has not ended.
        left_at: When the client was found to be gone, nanoseconds since the epoch.
        read_share: Share of the response that had been sent by then, if it is known.
    """

    __slots__ = ("_ended", "_leave", "handed_out", "left_at", "read_share", "request")

    def __init__(self, leave: Callable[[Exchange, Output], None]) -> None:
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
        if self.left_at is not None and self._leave is not None:
            leave, self._leave = self._leave, None
            leave(self, output)

    def client_left(self, now_ns: int, read_share: float | None) -> None:
        """Account for a client that went away before it had the whole response.

        Args:
            now_ns: Nanoseconds since the epoch.
            read_share: Share of the response that had been sent, if it is known.
        """
        if self.left_at is None and not self._ended:
            self.left_at, self.read_share = now_ns, read_share

    def end(self) -> None:
        """The response has ended."""
        self._ended = True
        self.handed_out = False
        # The request knows the exchange; a circle would be left to the cycle collector.
        self.request = None

    def context(self) -> Context:
        """The current context with this exchange in it."""
        return otel_context.set_value(_KEY, self)


def exchange_of(context: Context) -> Exchange | None:
    """The exchange in a context."""
    found = context.get(_KEY)
    return found if isinstance(found, Exchange) else None
