"""Asks the store with the statements of this package, for callers with a client of their own."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.statements import statement

Row = dict[str, Any]


def ask(client: Client, path: str, /, **parameters: Any) -> list[Row]:
    """The rows that answer a question.

    Args:
        client: From ``connect``.
        path: The statement, such as ``review/known_modes``.
        **parameters: Its parameters.

    Raises:
        clickhouse_connect.driver.exceptions.ClickHouseError: The store does not answer.
    """
    given = in_words(parameters)
    return list(client.query(statement(path).text, parameters=given).named_results())


def command(client: Client, path: str, /, **parameters: Any) -> None:
    """Run a statement that changes the store.

    Args:
        client: From ``connect``, with the right to insert.
        path: The statement, such as ``review/tables/draws.fill``.
        **parameters: Its parameters.

    Raises:
        clickhouse_connect.driver.exceptions.ClickHouseError: The engine refused.
    """
    client.command(statement(path).text, parameters=in_words(parameters))


def in_words(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters as statements take them: times to the millisecond in UTC, naive ones being UTC."""
    return {
        name: moment(value) if isinstance(value, datetime) else value
        for name, value in parameters.items()
    }


def moment(time: datetime) -> str:
    """A time as a parameter of type DateTime64(3, 'UTC'); a naive one is UTC."""
    if time.tzinfo is not None:
        time = time.astimezone(timezone.utc)
    return time.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
