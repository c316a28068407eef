"""Asks the store what pages show. Every statement is a file in the folder ``sql`` of a room."""

from __future__ import annotations

import queue
from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import Any

import anyio.to_thread
from anyio import CapacityLimiter
from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.statements import statement

Row = dict[str, Any]


class Questions:
    """Runs the pages' statements in threads, as many at once as there are clients.

    Args:
        clients: Read-only clients of the store, used by this object and those made from it alone.
        package: The package in whose folder ``sql`` the statements are.
    """

    def __init__(self, clients: Sequence[Client], package: str = __package__) -> None:
        self._package = package
        self._free: queue.SimpleQueue[Client] = queue.SimpleQueue()
        for client in clients:
            self._free.put(client)
        self._limiter = CapacityLimiter(len(clients))

    def of(self, package: str) -> Questions:
        """The same clients for the statements of another room.

        Args:
            package: Such as ``otel_ai_feedback.review``.
        """
        other = copy(self)
        other._package = package
        return other

    async def ask(self, question: str, /, **parameters: Any) -> list[Row]:
        """The rows that answer a question.

        Args:
            question: Name of a file in ``sql/``, without the ending.
            **parameters: Its parameters.

        Raises:
            clickhouse_connect.driver.exceptions.ClickHouseError: The store does not answer.
        """
        run = partial(self._run, _sql(self._package, question), parameters)
        return await anyio.to_thread.run_sync(run, limiter=self._limiter)

    async def rows(self, sql: str) -> list[Row]:
        """The rows of a statement that is no file of ours as it stands, such as a chart's.

        Args:
            sql: One statement; the clients may only read.

        Raises:
            clickhouse_connect.driver.exceptions.ClickHouseError: The store does not answer.
        """
        return await anyio.to_thread.run_sync(partial(self._run, sql, {}), limiter=self._limiter)

    def ask_now(self, question: str, /, **parameters: Any) -> list[Row]:
        """The same for a thread that may wait."""
        return self._run(_sql(self._package, question), parameters)

    def _run(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        client = self._free.get()
        try:
            return list(client.query(sql, parameters=parameters).named_results())
        finally:
            self._free.put(client)


def _sql(package: str, question: str) -> str:
    return statement(f"{package.rpartition('.')[2]}/{question}").text
