"""Runs this room's own statements, for those who also write."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.statements import statement

Row = dict[str, Any]


def ask(client: Client, question: str, **parameters: Any) -> list[Row]:
    """The rows that answer a question.

    Args:
        client: From ``store.connect``.
        question: Name of a file in ``sql/``, without the ending.
        **parameters: Its parameters.

    Raises:
        clickhouse_connect.driver.exceptions.ClickHouseError: The store does not answer.
    """
    return list(
        client.query(statement(f"review/{question}").text, parameters=parameters).named_results()
    )


def moment(time: datetime) -> str:
    """An aware time as the statements take it."""
    return time.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def aware(time: datetime) -> datetime:
    """A time as the store gives it: UTC, which it does not say."""
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)
