"""What one connection may cost before a request of it has reached the application.

uvicorn waits forever for a request that does not come, takes as many header lines as are sent, and
accepts as many connections as there are file handles, which the engine needs too. So a connection
is closed when its request does not arrive in time, when it carries far more framing than data, and
when there are too many of them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from otel_ai_feedback.serve.limits import Limits

_REASONS: Final = {
    408: b"Request Timeout",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol within bounds.

    Args:
        *arguments: Those of the protocol.
        limits: The bounds.
        held: Connections of each address, shared by all protocols of a server.
        **named: Those of the protocol.
    """

    def __init__(self, *arguments: Any, limits: Limits, held: Counter[str], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._limits = limits
        self._held = held
        self._address: str | None = None
        self._late: asyncio.TimerHandle | None = None
        self._coming = False
        self._began = False
        # Bytes of the request that are not of its body, and those that are.
        self._framing = 0
        self._data = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or refuse it."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if (
            len(self.connections) > self._limits.connections
            or self._held[address] >= self._limits.connections_per_client
        ):
            self._refuse(503, "too many connections")
            return
        self._address = address
        self._held[address] += 1
        self._expect(self._limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place of a connection back."""
        super().connection_lost(exc)
        self._expect(None)
        if self._address is not None:
            self._held[self._address] -= 1
            if not self._held[self._address]:
                del self._held[self._address]
            self._address = None

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request."""
        if self.transport.is_closing():
            return
        if self._late is None:
            self._expect(self._limits.head_seconds)
        self._began = False
        super().data_received(data)
        # What came before the request in the same read is not its own.
        if self._coming and not self._began:
            self._framing += len(data)
            if self._framing > self._limits.head_bytes + self._data:
                self._refuse(431, "the head is too large")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._coming = self._began = True
        self._framing = self._data = 0
        if self._late is None:
            self._expect(self._limits.head_seconds)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the head, or of what follows a chunked body."""
        super().on_header(name, value)
        if len(self.headers) > self._limits.header_lines:
            self._refuse(431, "the head has too many lines")
            raise ValueError("too many header lines")

    def on_headers_complete(self) -> None:
        """The head is here; the body has its own time."""
        super().on_headers_complete()
        self._expect(self._limits.request_seconds)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        super().on_body(body)
        self._data += len(body)
        self._framing -= len(body)

    def on_message_complete(self) -> None:
        """All of the request is here; the answer may take as long as it does."""
        super().on_message_complete()
        self._coming = False
        self._expect(None)

    def _expect(self, seconds: float | None) -> None:
        """Close the connection after so many seconds unless something else is expected then."""
        if self._late is not None:
            self._late.cancel()
        self._late = None if seconds is None else self.loop.call_later(seconds, self._too_late)

    def _too_late(self) -> None:
        self._late = None
        self._refuse(408, "the request did not arrive in time")

    def _refuse(self, status: int, why: str) -> None:
        """Close the connection, with an answer where none has begun."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(
                b"HTTP/1.1 %d %b\r\ncontent-type: text/plain; charset=utf-8\r\n"
                b"content-length: %d\r\nretry-after: %d\r\nconnection: close\r\n\r\n%b\n"
                % (
                    status,
                    _REASONS[status],
                    len(why) + 1,
                    self._limits.retry_after_seconds,
                    why.encode(),
                )
            )
        self.transport.close()
