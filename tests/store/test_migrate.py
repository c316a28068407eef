"""Creating, upgrading and adopting a schema: again, at once, and after a crash."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files
from itertools import count

import pytest
from raw_rows import action_span, insert, llm_span

from otel_ai_feedback import store
from otel_ai_feedback.store import cluster, statements

_numbers = count()


@pytest.fixture
def empty(engine, settings):
    """A client of a database that holds nothing yet."""
    name = f"migrating_{next(_numbers)}"
    engine.command(f"create database {name}")
    client = store.connect(settings.store)
    client.database = name
    yield client
    client.close()
    engine.command(f"drop database {name}")


def used(client):
    insert(client, [llm_span("a"), action_span("copy", "a", at=5, value=1)])
    return client.query("select class from outputs").result_rows


def test_everything_is_applied_once(empty, settings):
    applied = store.migrate(empty, settings)
    assert applied == [s.name for s in (*statements.migrations(), *statements.views())]
    assert store.migrate(empty, settings) == []
    assert used(empty) == [("used",)]


def test_from_several_processes_at_once(empty, settings):
    def migrate(_):
        client = store.connect(settings.store)
        client.database = empty.database
        try:
            return store.migrate(client, settings)
        finally:
            client.close()

    with ThreadPoolExecutor(4) as threads:
        applied = list(threads.map(migrate, range(4)))
    assert any(applied)
    assert store.migrate(empty, settings) == []
    assert used(empty) == [("used",)]


def test_a_run_that_was_cut_short_goes_on(empty, settings):
    for migration in statements.migrations()[:7]:
        empty.command(migration.text)  # applied, but the record was never written
    store.migrate(empty, settings)
    assert used(empty) == [("used",)]


def test_from_every_earlier_schema_on_with_rows_in_it(empty, settings, monkeypatch):
    """One store, upgraded step by step; an output and its action arrive before each step."""
    known = statements.migrations()
    sent = []
    with monkeypatch.context() as earlier:
        earlier.setattr(statements, "views", tuple)  # they stand on the last schema
        for applied in range(2, len(known) + 1):
            if applied < 4:  # where the settings are kept
                for migration in known[:applied]:
                    empty.command(migration.text)
            else:
                earlier.setattr(statements, "migrations", lambda until=applied: known[:until])
                step = known[:4] if applied == 4 else known[applied - 1 : applied]
                assert store.migrate(empty, settings) == [migration.name for migration in step]
            name = f"a{applied}"
            rows = [llm_span(name), action_span("copy", name, at=5, value=1)]
            insert(empty, rows)
            sent += rows
    assert store.migrate(empty, settings) == [view.name for view in statements.views()]
    assert store.migrate(empty, settings) == []
    assert empty.query("select count() from otel_traces").result_rows == [(len(sent),)]
    # what a view had not been there to see is seen when a Collector sends it once more
    insert(empty, sent)
    outputs = empty.query("select class, count() from outputs group by all").result_rows
    assert outputs == [("used", len(known) - 1)]
    assert empty.query("select count() from actions").result_rows == [(len(known) - 1,)]


def test_a_changed_migration_is_refused(empty, settings):
    store.migrate(empty, settings)
    empty.command(
        "alter table migrations update checksum = 'x' where name = '0005_output_state' "
        "settings mutations_sync = 2"
    )
    with pytest.raises(store.StoreError, match="0005_output_state was changed"):
        store.migrate(empty, settings)


def test_a_store_of_a_newer_version_is_left_alone(empty, settings):
    store.migrate(empty, settings)
    empty.command("insert into migrations values ('9999_future', 'x', now64(3))")
    with pytest.raises(store.StoreError, match=r"9999_future.*upgrade"):
        store.migrate(empty, settings)


def test_a_view_that_differs_is_replaced_and_no_other(empty, settings):
    store.migrate(empty, settings)
    empty.command("create or replace view links as select 1 as one")
    empty.command("drop view outputs")
    assert store.migrate(empty, settings) == ["outputs", "links"]
    assert empty.query("select count() from links").result_rows == [(0,)]


def test_a_view_that_a_version_no_longer_has_is_dropped_and_no_other(empty, settings):
    store.migrate(empty, settings)
    retired, theirs, *_ = statements.RETIRED_VIEWS
    made_by_us = statements.views()[0]
    comment = f"{made_by_us.question} [{made_by_us.checksum}]"
    empty.command(f"create view {retired} comment '{comment}' as select 1 as one")
    empty.command(f"create view {theirs} as select 1 as one")
    empty.command(f"create view of_ours comment '{comment}' as select 1 as one")
    assert store.migrate(empty, settings) == [retired]
    left = "select name from system.tables where database = currentDatabase() and name in ({of})"
    names = ", ".join(f"'{name}'" for name in (retired, theirs, "of_ours"))
    rows = empty.query(left.replace("{of}", names) + " order by name").result_rows
    assert rows == [(theirs,), ("of_ours",)]
    assert store.migrate(empty, settings) == []


def test_no_view_is_retired_that_is_there():
    assert not set(statements.RETIRED_VIEWS) & set(statements.VIEWS)
    assert cluster.statements("drop view if exists shares_at", "main") == [
        "drop view if exists shares_at on cluster 'main'"
    ]


def test_the_time_zone_follows_the_settings(empty, settings):
    store.migrate(empty, settings)
    store.migrate(empty, replace(settings, timezone="Asia/Tokyo"))
    store.migrate(empty, replace(settings, timezone="Asia/Tokyo"))
    rows = empty.query("select value from settings final where name = 'timezone'").result_rows
    assert rows == [("Asia/Tokyo",)]


def test_tables_that_an_older_collector_made_are_adopted(empty, settings):
    traces, logs = (m.text for m in statements.migrations()[:2])
    empty.command(traces)
    older = "    TimestampTime DateTime default toDateTime(Timestamp),\n    TraceId"
    logs = logs.replace("    TraceId", older, 1).replace(
        "    EventName String codec(ZSTD(1)),\n", ""
    )
    empty.command(logs.replace("toDate(Timestamp)", "toDate(TimestampTime)"))
    insert(empty, [llm_span("before")])
    store.migrate(empty, settings)
    columns = [row[0] for row in empty.query("describe otel_logs").result_rows]
    assert {"TimestampTime", "EventName"} <= set(columns)
    assert used(empty) == [("used",)]


def test_tables_of_another_shape_are_refused_before_anything_reads_them(empty, settings):
    traces = statements.migrations()[0].text
    traces = traces.replace(
        "SpanAttributes Map(LowCardinality(String), String)", "SpanAttributes JSON"
    )
    empty.command("\n".join(line for line in traces.splitlines() if "idx_span_attr" not in line))
    with pytest.raises(
        store.StoreError, match=r"otel_traces\.SpanAttributes is JSON.*`json` option"
    ):
        store.migrate(empty, settings)


def test_every_statement_is_one_file_that_says_what_it_is_for(engine):
    folder = files("otel_ai_feedback.store") / "sql"
    on_disk = {p.name.removesuffix(".sql") for p in (folder / "views").iterdir()}
    assert on_disk == set(statements.VIEWS)
    for view in statements.views():
        assert view.question.endswith("?"), view.name
    for migration in statements.migrations():
        assert migration.text.startswith("-- "), migration.name
    numbers = [migration.name[:4] for migration in statements.migrations()]
    assert numbers == sorted(set(numbers))


def test_every_view_has_the_columns_that_others_rely_on(engine):
    stable = {
        "outputs": "output_id time model release conversation_id trace_id span_id output_hash "
        "delivered_by class matured_at",
        "actions": "action_id time action value source output_id link_method ambiguous",
        "signal_rates": "day model release series k n rate low high",
        "sampling": "day outputs estimated_outputs unknown_share actions_not_sampled warning",
        "annotations": "time kind text",
        "turn_pairs": "output_id next_output_id gap_seconds identical similarity action",
        "links": "day link_method actions share",
    }
    for view, columns in stable.items():
        found = {row[0] for row in engine.query(f"describe {view}").result_rows}
        assert {*columns.split(), "service", "environment", "feature"} <= found, view


def test_an_unknown_statement_is_a_key_error():
    with pytest.raises(KeyError):
        store.statement("views/nothing")
