"""Group commit: requests that wait at the same time become one insert.

An insert costs milliseconds whatever its size, with every view fed and every part written. Taking
all that waits into the next one keeps the cost per span low under load and adds no delay without
it. A request is acknowledged only when the insert that holds its rows has returned.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

_logger = logging.getLogger(__name__)

Insert = Callable[[Sequence[bytes]], None]

_MAX_GROUP_BYTES: Final = 64 * 1024 * 1024

_Waiting = tuple[bytes, "Future[None]"]


class Writer:
    """One thread that inserts blocks into one table.

    Args:
        insert: Inserts Native blocks, all or none, and returns when every view has been fed.
        title: Name of the table, for the thread and the log.
    """

    def __init__(self, insert: Insert, title: str) -> None:
        self._insert = insert
        self._title = title
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"writer {title}", daemon=True)
        self._thread.start()

    def submit(self, block: bytes) -> Future[None]:
        """Insert a block soon. The future ends when it is stored, or with the engine's error."""
        stored: Future[None] = Future()
        self._waiting.put((block, stored))
        return stored

    def close(self) -> None:
        """Insert what still waits, then stop. Nothing may be submitted afterwards."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            first = self._waiting.get()
            if first is None:
                return
            group = [first]
            size = len(first[0])
            while size < _MAX_GROUP_BYTES:
                try:
                    following = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    open_ = False
                    break
                group.append(following)
                size += len(following[0])
            self._commit(group)

    def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            self._insert([block for block, _ in group])
        except Exception as error:
            if len(group) > 1:
                # One block that the engine refuses must not fail those it travels with.
                for waiting in group:
                    self._commit([waiting])
                return
            _logger.exception("insert into %s failed", self._title)
            group[0][1].set_exception(error)
        else:
            for _, stored in group:
                stored.set_result(None)
