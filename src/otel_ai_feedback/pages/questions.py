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

from otel_ai_feedback.pages.answer_cache import AnswerCache
from otel_ai_feedback.store.ask import Row, in_words
from otel_ai_feedback.store.statements import statement


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
        self._cache = AnswerCache()

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
        run = partial(self._rows, sql, {})
        return await anyio.to_thread.run_sync(run, limiter=self._limiter)

    def ask_now(self, question: str, /, **parameters: Any) -> list[Row]:
        """The same for a thread that may wait."""
        return self._rows(statement(question).text, in_words(parameters))

    def _rows(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        with self._client() as client:
            return self._cache.answer(
                client,
                sql,
                repr(sorted(parameters.items())),
                lambda: list(client.query(sql, parameters=parameters).named_results()),
            )

    @contextmanager
    def _client(self) -> Iterator[Client]:
        client = self._free.get()
        try:
            yield client
        finally:
            self._free.put(client)
