"""Bodies of requests: read and decompressed, never beyond a limit."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.requests import ClientDisconnect, Request

from otel_ai_feedback.formats import duration
from otel_ai_feedback.serve.limits import Limits

_CHUNK: Final = 1024 * 1024


class TooLargeError(Exception):
    """The body, as sent or decompressed, is over the limit."""


class TooSlowError(Exception):
    """The body did not arrive in time."""


class UndecodableError(ValueError):
    """The body is not what its headers say; the message says in what way."""


class Body:
    """The body of one request.

    Args:
        request: The request, of which nothing has been read.
        limits: The bounds to keep.
    """

    def __init__(self, request: Request, limits: Limits) -> None:
        self._chunks = request.stream()
        self._limits = limits
        self._size = 0

    async def read(self, take: Callable[[int], None]) -> bytes:
        """The body as it was sent.

        Args:
            take: Called with the size of each chunk before it is kept.

        Raises:
            TooLargeError: It is over ``limits.body_bytes``.
            TooSlowError: It took longer than ``limits.body_seconds``.
            OverloadedError: From ``take``.
        """
        kept: list[bytes] = []

        async def collect() -> None:
            async for chunk in self._chunks:
                self._size += len(chunk)
                if self._size > self._limits.body_bytes:
                    raise TooLargeError(f"the body is larger than {self._limits.body_bytes} bytes")
                take(len(chunk))
                kept.append(chunk)

        try:
            await asyncio.wait_for(collect(), self._limits.body_seconds)
        except asyncio.TimeoutError:
            raise TooSlowError(
                f"the body did not arrive within {duration(self._limits.body_seconds)}"
            ) from None
        return b"".join(kept)

    async def drain(self) -> None:
        """Read what is left, within bounds, and forget it.

        A client that sends all before it listens then gets its answer, not a broken connection.
        """

        async def forget() -> None:
            async for chunk in self._chunks:
                self._size += len(chunk)
                if self._size > self._limits.drained_bytes:
                    return

        with suppress(asyncio.TimeoutError, ClientDisconnect):
            await asyncio.wait_for(forget(), self._limits.body_seconds)


def gunzip(data: bytes, limit: int) -> bytes:
    """Decompress gzip, one member or several, without ever holding more than ``limit`` bytes.

    Raises:
        TooLargeError: It is more than ``limit`` bytes when decompressed.
        UndecodableError: It is not gzip, cut short, or followed by something else.
    """
    chunks: list[bytes] = []
    size = 0
    while data:
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        while not member.eof:
            try:
                chunk = member.decompress(data, _CHUNK)
            except zlib.error as error:
                raise UndecodableError(f"the body is not valid gzip: {error}") from None
            size += len(chunk)
            if size > limit:
                raise TooLargeError(f"the decompressed body is larger than {limit} bytes")
            chunks.append(chunk)
            data = member.unconsumed_tail
            if not data and not chunk and not member.eof:
                raise UndecodableError("the body is not valid gzip: it ends too early")
        data = member.unused_data
    if not chunks:
        raise UndecodableError("the body is not valid gzip: it is empty")
    return b"".join(chunks)
