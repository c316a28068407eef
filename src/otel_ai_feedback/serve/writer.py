"""Group commit: requests that wait at the same time become one insert.

An insert costs much the same whatever its size, with every view planned and every part written, and
small parts have to be merged sooner. So everything that waits goes into the next one, and when that
is little while more requests are being decoded, it waits for them, within bounds. No one waits when
nobody else is coming. A request is acknowledged only when the insert that holds its rows has
returned.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Final, NamedTuple

_logger = logging.getLogger(__name__)

Insert = Callable[[Sequence[bytes]], None]

_MAX_GROUP_BYTES: Final = 64 * 1024 * 1024
# With enough rows an insert goes as soon as half of the senders are there: their rows are written
# while the others are decoded. With plenty it goes at once.
_ENOUGH_ROWS: Final = 5_000
_PLENTY_ROWS: Final = 20_000
LONGEST_WAIT_SECONDS: Final = 0.1


class _Waiting(NamedTuple):
    block: bytes
    rows: int
    stored: Future[None]


class Writer:
    """One thread that inserts blocks into one table.

    Args:
        insert: Inserts Native blocks, all or none, and returns when every view has been fed.
        title: Name of the table, for the thread and the log.
        longest_wait: Seconds that a small insert waits at most for rows that are coming.
    """

    def __init__(
        self, insert: Insert, title: str, longest_wait: float = LONGEST_WAIT_SECONDS
    ) -> None:
        self._insert = insert
        self._title = title
        self._longest_wait = longest_wait
        self._changed = threading.Condition()
        self._coming = 0
        self._waiting: deque[_Waiting] = deque()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"writer {title}", daemon=True)
        self._thread.start()

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Announce rows: for the length of the block inserts wait a little for them."""
        with self._changed:
            self._coming += 1
        try:
            yield
        finally:
            with self._changed:
                self._coming -= 1
                self._changed.notify()

    def submit(self, block: bytes, rows: int) -> Future[None]:
        """Insert a block soon. The future ends when it is stored, or with the engine's error.

        Args:
            block: A Native block.
            rows: How many rows it has.
        """
        stored: Future[None] = Future()
        with self._changed:
            self._waiting.append(_Waiting(block, rows, stored))
            self._changed.notify()
        return stored

    def close(self) -> None:
        """Insert what still waits, then stop. Nothing may be submitted afterwards."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._next():
            self._commit(group)

    def _next(self) -> list[_Waiting]:
        """The blocks of the next insert; none when closed and all have been inserted."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            until = time.monotonic() + self._longest_wait
            while self._coming and not self._closing and not self._enough():
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            group: list[_Waiting] = []
            size = 0
            while self._waiting and size < _MAX_GROUP_BYTES:
                group.append(self._waiting.popleft())
                size += len(group[-1].block)
            return group

    def _enough(self) -> bool:
        rows = sum(waiting.rows for waiting in self._waiting)
        half = len(self._waiting) >= self._coming
        return rows >= _PLENTY_ROWS or (rows >= _ENOUGH_ROWS and half)

    def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            self._insert([waiting.block for waiting in group])
        except Exception as error:
            if len(group) > 1:
                # One block that the engine refuses must not fail those it travels with.
                for waiting in group:
                    self._commit([waiting])
                return
            _logger.exception("insert into %s failed", self._title)
            # Without the frames that it came through: they hold the block.
            group[0].stored.set_exception(error.with_traceback(None))
        else:
            for waiting in group:
                waiting.stored.set_result(None)
