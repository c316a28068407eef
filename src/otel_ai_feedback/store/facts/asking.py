"""How a pass asks the store: times are numbers, to the nanosecond, on the way out and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.statements import statement

_AS_NUMBERS: Final = {"DateTime*": "int"}


def ask(client: Client, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows that answer a question of the folder ``sql/facts``, with its times as numbers."""
    result = client.query(
        statement(f"store/facts/{name}").text,
        parameters=in_words(parameters),
        query_formats=_AS_NUMBERS,
    )
    return [tuple(row) for row in result.result_rows]


def command(client: Client, name: str, **parameters: Any) -> None:
    """Run a statement of the folder ``sql/facts`` that changes the store."""
    client.command(
        statement(f"store/facts/{name}").text,
        parameters=in_words(parameters),
        # A replay may bring in years at once.
        settings={"max_partitions_per_insert_block": 0},
    )


def in_words(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as statements take them: times to the microsecond in UTC."""
    return {
        name: value.isoformat(" ") if isinstance(value, datetime) else value
        for name, value in parameters.items()
    }


def day_of(nanoseconds: int) -> date:
    """The day of UTC of a time."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + nanoseconds // (86_400 * 10**9))
