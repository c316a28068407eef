"""How much one ``serve`` takes on at once, and who is refused when it is more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What the receiver accepts.

    Attributes:
        body_bytes: Largest body of a request, both as sent and decompressed.
        drained_bytes: How much of a refused body is still read, so that a client that sends all
            before it listens gets its answer instead of a broken connection.
        body_seconds: Longest time that a body may take to arrive.
        requests: Requests in work at the same time; the next one gets 503.
        requests_per_client: Requests in work at the same time for one address; the next one of it
            gets 429, so that one client cannot take every place.
        pending_bytes: Bytes of bodies and rows in work at the same time; a request beyond gets 503.
        retry_after_seconds: After how long a refused client may come back.
        head_bytes: Largest head of a request, and by how much the framing of a chunked body may
            be larger than the body.
        header_lines: Most lines of a head; the request gets 431.
        head_seconds: Longest time from the opening of a connection, or the first byte of a
            request, to the end of its head.
        request_seconds: Longest time from there to the end of its body.
        connections: Open connections; the next one gets 503. The engine needs file handles too.
        connections_per_client: Open connections of one address; the next one of it gets 503.
    """

    body_bytes: int = 64 * _MIB
    drained_bytes: int = 256 * _MIB
    body_seconds: float = 30
    requests: int = 128
    requests_per_client: int = 96
    pending_bytes: int = 256 * _MIB
    retry_after_seconds: int = 2
    head_bytes: int = 64 * 1024
    header_lines: int = 200
    head_seconds: float = 30
    request_seconds: float = 90
    connections: int = 512
    connections_per_client: int = 384


class OverloadedError(Exception):
    """There is no place for this request now."""


class QuotaExceededError(Exception):
    """This client already holds all the places one client may have."""


class Admission:
    """Counts what is in work. Used from the event loop only, so it needs no lock.

    Args:
        limits: The bounds to keep.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._clients: Counter[str] = Counter()
        self._requests = 0
        self._pending_bytes = 0

    @contextmanager
    def request(self, client: str) -> Iterator[None]:
        """Hold a place for one request of ``client``.

        Raises:
            OverloadedError: All places are taken.
            QuotaExceededError: All places of this client are taken.
        """
        if self._requests >= self._limits.requests:
            raise OverloadedError("too many requests in progress")
        if self._clients[client] >= self._limits.requests_per_client:
            raise QuotaExceededError("too many requests of this client in progress")
        self._requests += 1
        self._clients[client] += 1
        try:
            yield
        finally:
            self._requests -= 1
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    @contextmanager
    def memory(self) -> Iterator[Callable[[int], None]]:
        """Hold memory for one request; the yielded function takes more of it, in bytes.

        It gives back with a negative number. It raises :class:`OverloadedError` when the memory of
        all requests is taken.
        """
        held = 0

        def take(size: int) -> None:
            nonlocal held
            if self._pending_bytes + size > self._limits.pending_bytes:
                raise OverloadedError("too many bytes in progress")
            self._pending_bytes += size
            held += size

        try:
            yield take
        finally:
            self._pending_bytes -= held
