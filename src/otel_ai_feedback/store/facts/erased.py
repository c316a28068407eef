"""What was written of a person while they were erased goes again.

A pass reads the data of a trace, and writes a moment later. A person who is erased in between
would be back, so a pass asks what is still there after it has written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.cluster import stored
from otel_ai_feedback.store.facts.asking import ask

COLUMN: Final = {
    "output_facts": "trace_id",
    "linked_actions": "action_id",
    "evaluation_facts": "evaluation_id",
}
"""By what the rows of each table of facts are found that have nothing under them any more."""

_FOUND_BY: Final = COLUMN | {"output_state": "trace_id"}


def sweep(client: Client, table: str, names: Sequence[str], **days: Any) -> None:
    """Delete facts of which nothing is known any more.

    Args:
        client: From ``connect``, with the right to delete facts.
        table: Which of these tables.
        names: Traces of outputs, or ids of actions, that were just written.
        **days: First and last day of the outputs, as ``since`` and ``until``.
    """
    if not names:
        return
    gone = [name for (name,) in ask(client, f"{table}.gone", names=list(names), **days)]
    if gone:
        delete(client, table, gone, _cluster(client, table))


def delete(client: Client, table: str, names: Sequence[str], cluster: str | None) -> None:
    """Delete facts, or states of outputs, by their trace, or the id of the action.

    Args:
        client: As for ``sweep``.
        table: Which of these tables, or ``output_state``.
        names: Of which traces or actions.
        cluster: The setting of that name.
    """
    client.command(
        f"alter table {stored(table, cluster)} "
        f"delete where {_FOUND_BY[table]} in {{names:Array(String)}}",
        parameters={"names": list(names)},
        settings={"mutations_sync": 2},
    )


def _cluster(client: Client, table: str) -> str | None:
    """Name of the cluster that a table is spread over, as its engine says it."""
    engine = (
        "select extract(engine_full, '^Distributed\\\\(\\'?([^,\\']+)') from system.tables "
        "where database = currentDatabase() and name = {table:String}"
    )
    found = client.query(engine, parameters={"table": table}).result_rows
    return str(found[0][0]) or None if found else None
