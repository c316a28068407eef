"""Forgetting a person: everything kept under a subject key goes, the totals stay.

In the folder ``sql/erase`` of a room, ``table.sql`` finds the rows to delete; ``table.ids.sql`` the
outputs that stand in rows about others too. Those get random names instead: ``table.before.sql``
writes what must be known under them, ``table.replaced.sql`` puts them in their place.
"""

from __future__ import annotations

import re
import secrets
from functools import cache
from graphlib import TopologicalSorter
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store import arrows
from otel_ai_feedback.store.cluster import stored
from otel_ai_feedback.store.facts import erased
from otel_ai_feedback.store.statements import Statement, paths, statement

_FOLDER: Final = "/erase/"
_AT_ONCE: Final = 1_000
_KINDS: Final = (".ids", ".before", ".replaced")
_REPLACED: Final = re.compile(
    r"^select\s+(.*)\s+as\s+(\w+)\s+from\s+(\w+)\s+where\s+(.*)", re.MULTILINE | re.DOTALL
)


@cache
def tables() -> dict[str, Statement]:
    """Tables with rows about a person, each with the statement that finds them.

    It is a file in the folder ``sql/erase`` of the table's room. What is found through another
    table stands before that, so that a run cut short can be repeated.
    """
    found = {
        item.name: item
        for item in map(statement, (path for path in paths() if _FOLDER in path))
        if not item.name.endswith(_KINDS)
    }
    reads = {
        name: arrows.read_by(item.text) & found.keys() - {name} for name, item in found.items()
    }
    order = TopologicalSorter(reads).static_order()
    return {name: found[name] for name in reversed([*order])}


def erase(
    client: Client, subject: str, *, dry_run: bool = False, cluster: str | None = None
) -> dict[str, int]:
    """Delete every row about one person, in place: the parts that held one are written again.

    An output of theirs that was sampled for review counts as read, with no label, under a random
    name, so that erasing moves no other label in or out of quality. Counts by hour (``signals``),
    delivery rules and weekly totals name nobody and stay as they are.
    What a sender still holds and delivers later comes in again: erase once more after it.

    Args:
        client: From ``connect``, with the right to delete.
        subject: The key under which the person is stored, as in ``outputs.subject``; not empty.
        dry_run: Count only.
        cluster: The setting of that name.

    Returns:
        How many rows of each table there were, and now are not; of tables whose rows stay, how
        many outputs had their name there.

    Raises:
        ValueError: ``subject`` is empty, which is the key of everyone without one.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused; run it again.
    """
    if not subject:
        raise ValueError("subject must not be empty")
    parameters: dict[str, Any] = {"subject": subject}
    found = {}
    for table, search in tables().items():
        found[table] = int(client.query(search.text, parameters=parameters).result_rows[0][0])
    staying = {
        search.name.removesuffix(".ids"): [
            str(row[0]) for row in client.query(search.text, parameters=parameters).result_rows
        ]
        for search in _of_kind(".ids")
    }
    if not dry_run:
        ids = sorted({output_id for named in staying.values() for output_id in named})
        instead = [f"erased-{secrets.token_hex(16)}" for _ in ids]
        replaced = {"ids": ids, "instead": instead}
        if ids:
            for search in _of_kind(".before"):
                client.command(search.text, parameters=replaced)
            for search in _of_kind(".replaced"):
                _replace(client, search, replaced, cluster)
        written = {table: _names(client, table, parameters) for table in erased.COLUMN}
        for table in found:
            if found[table]:
                _delete(client, table, parameters, cluster)
        # A pass over the facts may have written of them what it had read before.
        for table, names in written.items():
            for first in range(0, len(names), _AT_ONCE):
                erased.delete(client, table, names[first : first + _AT_ONCE], cluster)
    return found | {table: len(named) for table, named in staying.items()}


def _of_kind(ending: str) -> list[Statement]:
    return [statement(path) for path in paths() if _FOLDER in path and path.endswith(ending)]


def _replace(
    client: Client, search: Statement, names: dict[str, list[str]], cluster: str | None
) -> None:
    """Put what a statement selects in place of what stands in the rows that it finds."""
    parts = _REPLACED.search(search.text)
    if parts is None:
        raise ValueError(f"{search.path} does not select one column of a table")
    value, column, table, condition = parts.groups()
    client.command(
        f"alter table {stored(table, cluster)} update {column} = {value} where {condition}",
        parameters=names,
        settings={"mutations_sync": 2},
    )


def _names(client: Client, table: str, parameters: dict[str, str]) -> list[str]:
    """Traces, or ids of actions, by which facts about a person are found."""
    states = {
        "output_facts": "output_state",
        "linked_actions": "action_state",
        "evaluation_facts": "evaluation_state",
    }
    condition = tables()[states[table]].text.partition("\nwhere")[2]
    names = client.query(
        f"select distinct {erased.COLUMN[table]} from {states[table]} where {condition}",  # noqa: S608
        parameters=parameters,
    ).result_rows
    return [name for (name,) in names]


def _delete(client: Client, table: str, parameters: dict[str, Any], cluster: str | None) -> None:
    """Delete what the statement of a table finds: by one condition, so both mean the same rows.

    The states of outputs go by the names of their traces, which are asked for first. A mutation
    takes one part after another, and its condition is asked again for each: once the part that
    says whose a trace is was written again, no other part of that trace would be found.
    """
    if table == "output_state":
        traces = _names(client, "output_facts", parameters)
        for first in range(0, len(traces), _AT_ONCE):
            erased.delete(client, table, traces[first : first + _AT_ONCE], cluster)
        return
    condition = tables()[table].text.partition(f"from {table}\nwhere")[2]
    client.command(
        f"alter table {stored(table, cluster)} delete where {condition}",
        parameters=parameters,
        # Wait for every replica; the condition reads other tables, which nobody changes meanwhile.
        settings={"mutations_sync": 2, "allow_nondeterministic_mutations": 1},
    )
