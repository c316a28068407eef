"""Creating and upgrading the schema."""

from __future__ import annotations

import re
from typing import Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from otel_ai_feedback import evaluators, signals
from otel_ai_feedback._version import __version__
from otel_ai_feedback.config import Settings
from otel_ai_feedback.store import cluster, relations, retention, statements
from otel_ai_feedback.store.errors import StoreError
from otel_ai_feedback.store.relations import Relation
from otel_ai_feedback.store.statements import Statement, statement

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
# How the comment of a view ends that was made here.
_OURS: Final = re.compile(r" \[[0-9a-f]{32}\]$")
# A view is replaced in one step, but two processes doing so at once can trip over each other.
_ATTEMPTS: Final = 5


def migrate(client: Client, settings: Settings) -> list[str]:
    """Bring the schema to this version's.

    Tables that are missing are created as they are today. Numbered migrations, which change tables
    of an earlier release, run once each, on a new store too, where they find nothing to change.
    Views, incremental ones too, are replaced when they are missing or when anything under them
    differs, and dropped when this version has none of the name. Every step can be repeated, so a
    run that was cut short, or that another process makes at the same time, does no harm.

    Args:
        client: From ``connect``, with the right to create.
        settings: Their ``timezone``, ``environments``, ``segments``, ``effect_floor`` and
            retention become the store's.

    Returns:
        The names of tables, migrations and views that were made or replaced, and of views that were
        dropped, in order; empty when there was nothing to do.

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
    there = _comments(client)
    missing = [table for table in relations.tables() if table.name not in there]
    pending = _pending(client) if "migrations" in there else list(statements.migrations())
    if missing or pending:
        _prepare_raw_tables(client, settings)
    applied: list[str] = []
    for table in missing:
        _run(client, table.text, settings)
        applied.append(table.name)
    for migration in pending:
        _run(client, migration.text, settings)
        _record(client, migration)
        applied.append(migration.name)
    for feed in relations.feeds():
        if there.get(feed.name) != feed.comment:
            _run(client, _feeding(feed, is_new=feed.name not in there), settings)
            applied.append(feed.name)
    _set(client, "migrated_by", __version__)
    _set(client, "timezone", settings.timezone)
    _set(client, "environments", ",".join(settings.environments))
    _set(client, "exclude", ",".join(settings.exclude))
    _set(client, "review_minutes_per_week", str(settings.review_minutes_per_week))
    _set(client, "segments", ",".join(settings.segments) or "none")
    _set(client, "effect_floor", ",".join(f"{value:g}" for value in settings.effect_floor))
    _set_signals(client, settings)
    _set_evaluators(client, settings)
    _set_health_checks(client, settings)
    retention.apply(client, settings)
    if settings.retention_derived_months is not None:
        _set(client, "retention_derived_months", str(settings.retention_derived_months))
    applied.extend(_replace_views(client, settings))
    applied.extend(_drop_views(client, settings))
    return applied


def _run(client: Client, text: str, settings: Settings) -> None:
    for rendered in cluster.statements(text, settings.cluster):
        client.command(rendered)


def _comments(client: Client) -> dict[str, str]:
    """Comment of every table and view that is there, by name."""
    return {
        str(name): str(comment)
        for name, comment in client.query(
            statement("store/raw/migrations.relations").text
        ).result_rows
    }


def _feeding(feed: Relation, *, is_new: bool) -> str:
    name, table, body = relations.parts_of_feed(feed)
    how = (
        "create materialized view if not exists"
        if is_new
        else "create or replace materialized view"
    )
    return f"{how} {name} to {table} comment {cluster.quoted(feed.comment)} as{body}"


def refuse_newer(client: Client) -> None:
    """Refuse a store that a newer version has migrated, without changing anything.

    Args:
        client: From ``connect``; the right to read is enough.

    Raises:
        StoreError: It has a migration that this version does not know.
    """
    if not client.query("exists table migrations").result_rows[0][0]:
        return
    known = {migration.name for migration in statements.migrations()}
    for (name,) in client.query("select distinct name from migrations order by name").result_rows:
        if name not in known:
            raise StoreError(_newer(name))


def _newer(name: str) -> str:
    return (
        f"the store has migration {name}, which this version does not know: it was migrated by a "
        "newer otel-ai-feedback; upgrade this one"
    )


def _pending(client: Client) -> list[Statement]:
    known = {migration.name: migration for migration in statements.migrations()}
    recorded = set()
    for name, checksum in client.query(
        "select name, max(checksum) from migrations group by name order by name"
    ).result_rows:
        if name not in known:
            raise StoreError(_newer(name))
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


def _prepare_raw_tables(client: Client, settings: Settings) -> None:
    """Adopt raw tables that are there already, or refuse them: the incremental views read them."""
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
    if "otel_logs" in present and ("otel_logs", "EventName") not in found:
        _run(client, statement("store/raw/otel_logs.adopt").text, settings)


def _set(client: Client, name: str, value: str) -> None:
    client.command(
        "insert into settings select {name:String}, {value:String}, now64(3, 'UTC') where "
        "(select any(value) from (select value from settings final where name = {name:String})) "
        "!= {value:String}",
        parameters={"name": name, "value": value},
    )


def _set_signals(client: Client, settings: Settings) -> None:
    rows = [
        [
            signal.name,
            signal.evidence,
            signal.offered or signal.evidence,
            signal.exposure,
            signal.good,
            signal.meaning,
            str(int(signal.own)),
            str(place),
        ]
        for place, signal in enumerate((*signals.BUILT_IN, *settings.signals), 1)
    ]
    client.command(statement("store/raw/signal_list.set").text, parameters={"signals": rows})


def _set_evaluators(client: Client, settings: Settings) -> None:
    rows = [
        [each.name, each.kind, each.good, f"{each.threshold:g}"]
        for each in evaluators.listed(settings.evaluators)
    ]
    client.command(statement("store/raw/evaluator_list.set").text, parameters={"evaluators": rows})


def _set_health_checks(client: Client, settings: Settings) -> None:
    chosen = ",".join(f"{name}={value}" for name, value in settings.health_thresholds.items())
    text = statement("health/tables/health_checks.set").text
    client.command(text, parameters={"chosen": chosen})


def _replace_views(client: Client, settings: Settings) -> list[str]:
    there = _comments(client)
    replaced = []
    for relation in relations.relations().values():
        if relation.kind not in ("view", "kept") or there.get(relation.name) == relation.comment:
            continue
        if relation.kind == "view":
            _replace_view(client, relation, settings)
        else:
            _replace_kept(client, relation, settings, is_new=relation.name not in there)
        replaced.append(relation.name)
    return replaced


def kept_table(kept: Relation) -> str:
    """The statement that makes a table with the columns of a question's answers.

    The engine takes the columns from the question itself: that costs a quarter of a
    ``describe``, which also plans it.

    Args:
        kept: The table of kept answers.
    """
    (asked,) = kept.reads
    return (
        f"create table if not exists {kept.name}\nengine = MergeTree\n"
        f"partition by toYYYYMM(kept_day)\norder by (kept_day, kept_version)\n"
        f"comment {cluster.quoted(kept.comment)}\nempty as\n"
        "select toDate(0) as kept_day, toUInt64(0) as kept_version, * "
        f"from {asked}(as_of = now64(3, 'UTC'))"
    )


def _replace_kept(client: Client, kept: Relation, settings: Settings, *, is_new: bool) -> None:
    if not is_new:
        # The answers of an earlier text go.
        _run(client, f"drop table if exists {kept.name} sync", settings)
    _run(client, kept_table(kept), settings)


def _replace_view(client: Client, view: Relation, settings: Settings) -> None:
    comment = cluster.quoted(view.comment)
    create = f"create or replace view {view.name} comment {comment} as\n{view.text}"
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _run(client, create, settings)
        except DatabaseError:
            if attempt == _ATTEMPTS:
                raise
        else:
            return


def _drop_views(client: Client, settings: Settings) -> list[str]:
    """Drop the views of an earlier version: our comment marks them. Others' views stay."""
    known = relations.relations()
    dropped = [
        name
        for name, comment in _comments(client).items()
        if name not in known and _OURS.search(comment)
    ]
    for name in dropped:
        _run(client, f"drop view if exists {name}", settings)
    return dropped
