"""Asks the store what the pages show. Every statement is a file in ``sql/``."""

from __future__ import annotations

import queue
from collections.abc import Sequence
from functools import cache, partial
from importlib.resources import files
from typing import Any

import anyio.to_thread
from anyio import CapacityLimiter
from clickhouse_connect.driver.client import Client

Row = dict[str, Any]


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
            question: Name of a file in ``sql/``, without the ending.
            **parameters: Its parameters.

        Raises:
            clickhouse_connect.driver.exceptions.ClickHouseError: The store does not answer.
        """
        run = partial(self._run, _sql(question), parameters)
        return await anyio.to_thread.run_sync(run, limiter=self._limiter)

    def _run(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        client = self._free.get()
        try:
            return list(client.query(sql, parameters=parameters).named_results())
        finally:
            self._free.put(client)


@cache
def _sql(question: str) -> str:
    return (files(__package__) / "sql" / f"{question}.sql").read_text(encoding="utf-8")
