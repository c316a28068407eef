"""Creating and upgrading the schema."""

from __future__ import annotations

from typing import Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from otel_ai_feedback.config import Settings
from otel_ai_feedback.store import cluster, retention, statements
from otel_ai_feedback.store.errors import StoreError
from otel_ai_feedback.store.statements import Statement

# What the incremental views read of the raw tables, which a Collector may have made.
_RAW_SHAPE: Final = {
    "otel_traces": {
        "Timestamp": "DateTime64(9",
        "SpanAttributes": "Map(",
        "ResourceAttributes": "Map(",
        "Links.TraceId": "Array(String)",
        "Links.SpanId": "Array(String)",
    },
    "otel_logs": {
        "Timestamp": "DateTime64(9",
        "LogAttributes": "Map(",
        "ResourceAttributes": "Map(",
    },
}
_MIGRATIONS: Final = (
    "create table if not exists migrations (name String, checksum String, "
    "applied_at DateTime64(3, 'UTC')) engine = ReplacingMergeTree(applied_at) order by name"
)
# A view is replaced in one step, but two processes doing so at once can trip over each other.
_ATTEMPTS: Final = 5


def migrate(client: Client, settings: Settings) -> list[str]:
    """Bring the schema to this version's.

    Numbered migrations run once each; views are replaced when they are missing or differ, and
    dropped when an earlier version made them and this one has none of the name. Every
    step can be repeated, so a run that was cut short, or that another process makes at the same
    time, does no harm.

    Args:
        client: From ``connect``, with the right to create.
        settings: Their ``timezone``, ``environments``, ``segments`` and retention become the
            store's.

    Returns:
        The names of the migrations and views that were applied, and of views that were dropped, in
        order; empty when there was nothing to do.

    Raises:
        StoreError: A migration was changed after it had been applied, the store belongs to a newer
            version, its raw tables have a shape that we cannot read, or there is something to do
            for which the client has not the right.
    """
    try:
        return _migrate(client, settings)
    except DatabaseError as error:
        if "ACCESS_DENIED" not in str(error):
            raise
        raise StoreError(
            "the schema is not this version's, and this user may not change it: run "
            f"`otel-ai-feedback migrate` as one who may ({str(error).partition(chr(10))[0][:300]})"
        ) from error


def _migrate(client: Client, settings: Settings) -> list[str]:
    # A user without the right to create can use a schema that is up to date.
    if not client.command("exists table migrations"):
        for text in cluster.statements(_MIGRATIONS, settings.cluster):
            client.command(text)
    pending = _pending(client)
    if pending:
        _check_raw_tables(client)
    applied: list[str] = []
    for migration in pending:
        for text in cluster.statements(migration.text, settings.cluster):
            client.command(text)
        _record(client, migration)
        applied.append(migration.name)
    _set(client, "timezone", settings.timezone)
    _set(client, "environments", ",".join(settings.environments))
    _set(client, "review_minutes_per_week", str(settings.review_minutes_per_week))
    chosen = ",".join(f"{name}={value}" for name, value in settings.health_thresholds.items())
    _set(client, "health_thresholds", chosen)
    _set(client, "segments", ",".join(settings.segments) or "none")
    retention.apply(client, settings)
    if settings.retention_derived_months is not None:
        _set(client, "retention_derived_months", str(settings.retention_derived_months))
    applied.extend(_replace_views(client, settings.cluster))
    applied.extend(_drop_retired(client, settings.cluster))
    return applied


def _pending(client: Client) -> list[Statement]:
    known = {migration.name: migration for migration in statements.migrations()}
    recorded = set()
    for name, checksum in client.query(
        "select name, max(checksum) from migrations group by name order by name"
    ).result_rows:
        if name not in known:
            raise StoreError(
                f"the store has migration {name}, which this version does not know: it was "
                "migrated by a newer otel-ai-feedback; upgrade this one"
            )
        if checksum != known[name].checksum:
            raise StoreError(
                f"migration {name} was changed after it had been applied to this store; restore "
                "the file as it was released, and put the change into a new migration"
            )
        recorded.add(name)
    return [migration for name, migration in known.items() if name not in recorded]


def _record(client: Client, migration: Statement) -> None:
    client.command(
        "insert into migrations select {name:String}, {checksum:String}, now64(3, 'UTC')",
        parameters={"name": migration.name, "checksum": migration.checksum},
    )


def _check_raw_tables(client: Client) -> None:
    """Refuse raw tables that are there already and that the incremental views could not read."""
    rows = client.query(
        "select table, name, type from system.columns where database = currentDatabase() "
        "and table in ('otel_traces', 'otel_logs')"
    ).result_rows
    found = {(table, column): kind for table, column, kind in rows}
    present = {table for table, _ in found}
    wrong = [
        f"{table}.{column} is {found.get((table, column), 'missing')}"
        for table in sorted(present)
        for column, kind in _RAW_SHAPE[table].items()
        if not found.get((table, column), "").startswith(kind)
    ]
    if wrong:
        raise StoreError(
            "the raw tables have another shape than the Collector's ClickHouse exporter gives "
            f"them: {', '.join(wrong)}; switch its `json` option off, or use another database"
        )


def _set(client: Client, name: str, value: str) -> None:
    client.command(
        "insert into settings select {name:String}, {value:String}, now64(3, 'UTC') where "
        "(select any(value) from (select value from settings final where name = {name:String})) "
        "!= {value:String}",
        parameters={"name": name, "value": value},
    )


def _replace_views(client: Client, cluster_name: str | None) -> list[str]:
    rows = client.query(
        "select name, comment from system.tables "
        "where database = currentDatabase() and engine = 'View'"
    ).result_rows
    present = set(map(tuple, rows))
    replaced = []
    for view in statements.views():
        comment = f"{view.question} [{view.checksum}]"
        if (view.name, comment) not in present:
            _replace_view(client, view, comment, cluster_name)
            replaced.append(view.name)
    return replaced


def _drop_retired(client: Client, cluster_name: str | None) -> list[str]:
    """Drop views of an earlier version; one of the same name that somebody else made stays."""
    rows = client.query(
        "select name from system.tables where database = currentDatabase() and engine = 'View' "
        "and has({names:Array(String)}, name) and match(comment, ' \\\\[[0-9a-f]{32}\\\\]$')",
        parameters={"names": list(statements.RETIRED_VIEWS)},
    ).result_rows
    dropped = [name for (name,) in rows]
    for name in dropped:
        for text in cluster.statements(f"drop view if exists {name}", cluster_name):
            client.command(text)
    return dropped


def _replace_view(client: Client, view: Statement, comment: str, cluster_name: str | None) -> None:
    quoted = comment.replace("\\", "\\\\").replace("'", "\\'")
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            create = f"create or replace view {view.name} comment '{quoted}' as\n{view.text}"
            for text in cluster.statements(create, cluster_name):
                client.command(text)
        except DatabaseError:
            if attempt == _ATTEMPTS:
                raise
        else:
            return
