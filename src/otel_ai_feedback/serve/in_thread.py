"""Blocking work beside the event loop, of which nothing stays in memory when it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

T = TypeVar("T")


@dataclass(frozen=True)
class _Failure:
    error: Exception


async def in_thread(call: Callable[[], T], limiter: CapacityLimiter | None = None) -> T:
    """Run blocking code in a worker thread.

    An exception holds the frames it came through, and they hold what the code worked on: a body, a
    result. Raised by anyio it would also hold the frame whose variable is the future that holds the
    exception. Such a circle stays, with megabytes, until the next full garbage collection.

    Args:
        call: The code.
        limiter: How much of this kind may run at once.

    Raises:
        MemoryError: There is no memory for another thread.
        Exception: Whatever the code raises.
    """
    try:
        found = await anyio.to_thread.run_sync(partial(_outcome, call), limiter=limiter)
    except RuntimeError as error:
        # What the code raises comes as a failure, so this is about the thread.
        raise MemoryError(str(error)) from None
    if not isinstance(found, _Failure):
        return found
    try:
        raise found.error
    finally:
        del found


def _outcome(call: Callable[[], T]) -> T | _Failure:
    try:
        return call()
    except Exception as error:
        return _Failure(error)
