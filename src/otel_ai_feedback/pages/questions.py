"""Asks the store what pages show, in threads beside the event loop."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import anyio.to_thread
from anyio import CapacityLimiter
from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.ask import Row, ask


class Questions:
    """Runs the pages' statements in threads, as many at once as there are clients.

    Args:
        clients: Read-only clients of the store, used by this object alone.
    """

    def __init__(self, clients: Sequence[Client]) -> None:
        self._free: queue.SimpleQueue[Client] = queue.SimpleQueue()
        for client in clients:
            self._free.put(client)
        self._limiter = CapacityLimiter(len(clients))

    async def ask(self, question: str, /, **parameters: Any) -> list[Row]:
        """The rows that answer a question.

        Args:
            question: The statement, such as ``pages/inventory``.
            **parameters: Its parameters.

        Raises:
            clickhouse_connect.driver.exceptions.ClickHouseError: The store does not answer.
        """
        run = partial(self.ask_now, question, **parameters)
        return await anyio.to_thread.run_sync(run, limiter=self._limiter)

    async def rows(self, sql: str) -> list[Row]:
        """The rows of a statement that is no file of ours as it stands, such as a chart's.

        Args:
            sql: One statement; the clients may only read.

        Raises:
            clickhouse_connect.driver.exceptions.ClickHouseError: The store does not answer.
        """

        def run() -> list[Row]:
            with self._client() as client:
                return list(client.query(sql).named_results())

        return await anyio.to_thread.run_sync(run, limiter=self._limiter)

    def ask_now(self, question: str, /, **parameters: Any) -> list[Row]:
        """The same for a thread that may wait."""
        with self._client() as client:
            return ask(client, question, **parameters)

    @contextmanager
    def _client(self) -> Iterator[Client]:
        client = self._free.get()
        try:
            yield client
        finally:
            self._free.put(client)
