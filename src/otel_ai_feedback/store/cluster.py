"""The same statements on a cluster: replicated tables, and distributed ones over them.

On a cluster a table ``t`` becomes ``t_local`` on every node, replicated within its shard, and a
``t`` that reads and writes all shards; views and jobs name ``t`` and need not know. What is about
one output lies on the shard of its trace, actions too, though they are spans of other traces:
so ``final`` and every first time are decided on one shard. Tables of a few rows are whole on every
node.
"""

from __future__ import annotations

import re
from typing import Final

# By what a row finds its shard.
SHARDED: Final = {
    "otel_traces": "cityHash64(TraceId)",
    "otel_logs": "cityHash64(TraceId)",
    "output_state": "cityHash64(trace_id)",
    "request_state": "cityHash64(trace_id)",
    "derived_actions": "cityHash64(trace_id)",
    "output_facts": "cityHash64(trace_id)",
    "linked_actions": "cityHash64(action_id)",
    "action_state": "cityHash64(if(linked_trace_id = '', action_id, linked_trace_id))",
    "late_links": "cityHash64(action_id)",
    "span_traits": "cityHash64(trace_id)",
    "evaluation_state": "cityHash64(evaluation_id)",
    "evaluation_facts": "cityHash64(evaluation_id)",
}

_CREATE: Final = re.compile(
    r"create table if not exists (?P<table>\w+)(?P<columns>\s*(?:\(.*\)\s*)?)"
    r"engine = (?P<engine>\w+)(?:\((?P<arguments>[^)]*)\))?(?P<rest>.*)",
    re.DOTALL,
)
_VIEW: Final = re.compile(
    r"create (?:materialized view if not exists|or replace(?: materialized)? view) \w+"
)
_DROP: Final = re.compile(r"drop (?:view|table) if exists \w+")
_ALTER: Final = re.compile(r"alter table (?P<table>\w+)")
_SOURCE: Final = re.compile(r"\bfrom (otel_traces|otel_logs|late_links)\b")


def statements(text: str, cluster: str | None) -> list[str]:
    """What to run for a statement of a migration or a view.

    Args:
        text: ``create table``, ``create view``, ``alter table`` or ``drop view``, as for a single
            server.
        cluster: Name of the cluster in the server's configuration; ``None`` for a single server.

    Raises:
        ValueError: The statement is of another kind; it would run on one node only.
    """
    if cluster is None:
        return [text]
    on_cluster = f"on cluster {quoted(cluster)}"
    if created := _CREATE.search(text):
        return _tables(created, cluster, on_cluster)
    if view := _VIEW.search(text):
        body = text[view.end() :]
        if "materialized" in view[0]:
            # Fed where a row arrives; what it makes of the row goes to the shard it belongs to.
            body = _SOURCE.sub(r"from \1_local", body)
        return [f"{view[0]} {on_cluster}{body}"]
    if dropped := _DROP.match(text):
        return [f"{dropped[0]} {on_cluster}{text[dropped.end() :]}"]
    if altered := _ALTER.search(text):
        table, rest = altered["table"], text[altered.end() :]
        names = [f"{table}_local", table] if table in SHARDED else [table]
        return [f"alter table {name} {on_cluster}{rest}" for name in names]
    raise ValueError(f"not known how to run this on a cluster: {text[:80]}")


def stored(table: str, cluster: str | None) -> str:
    """How to name, in ``alter table``, the table that holds the rows of ``table``."""
    if cluster is None:
        return table
    name = f"{table}_local" if table in SHARDED else table
    return f"{name} on cluster {quoted(cluster)}"


def _tables(created: re.Match[str], cluster: str, on_cluster: str) -> list[str]:
    table = created["table"]
    sharded = table in SHARDED
    name = f"{table}_local" if sharded else table
    # {shard} and {replica} are macros of the server's configuration. A table that is whole on every
    # node has one path, and all nodes are its replicas.
    path, replica = (
        (f"/clickhouse/tables/{{database}}/{table}/{{shard}}", "{replica}")
        if sharded
        else (f"/clickhouse/tables/{{database}}/{table}", "{shard}-{replica}")
    )
    arguments = ", ".join(filter(None, (f"'{path}'", f"'{replica}'", created["arguments"])))
    local = (
        f"create table if not exists {name} {on_cluster}{created['columns']}"
        f"engine = Replicated{created['engine']}({arguments}){created['rest']}"
    )
    if not sharded:
        return [local]
    return [
        local,
        f"create table if not exists {table} {on_cluster} as {name}\n"
        f"engine = Distributed({quoted(cluster)}, currentDatabase(), {name}, {SHARDED[table]})",
    ]


def quoted(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
