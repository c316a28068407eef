"""Creating, upgrading and adopting a schema: again, at once, and after a crash."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Event

import pytest
from raw_rows import action_span, insert, llm_span, send

from otel_ai_feedback import store
from otel_ai_feedback.store import relations, statements

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


def names(*kinds):
    return [each.name for kind in kinds for each in kind()]


def columns(client):
    """Every column of every table and view, by name and type."""
    rows = client.query(
        "select table, name, type from system.columns where database = currentDatabase() "
        "order by table, name"
    ).result_rows
    return {(table, name): kind for table, name, kind in rows}


def test_everything_is_made_once(empty, settings):
    applied = store.migrate(empty, settings)
    assert applied[: len(relations.tables())] == names(relations.tables)
    assert set(applied) == set(relations.relations())
    assert len(applied) == len(set(applied))
    assert store.migrate(empty, settings) == []
    assert used(empty) == [("used",)]


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("made", [1, 7, 30])
def test_a_run_that_was_cut_short_goes_on(empty, settings, made):
    for table in relations.tables()[:made]:
        empty.command(table.text)
    store.migrate(empty, settings)
    assert store.migrate(empty, settings) == []
    assert used(empty) == [("used",)]


@pytest.fixture
def later(monkeypatch):
    """A later release: a table has a column more, which an incremental view and a view use."""
    known = statements.statement.__wrapped__
    name = "store/migrations/0001_output_state_tone"
    column = "tone SimpleAggregateFunction(max, String)"
    change = f"alter table output_state add column if not exists {column}"
    texts = {
        name: f"-- The tone of an answer.\n{change}",
        "store/state/output_state": None,
        "store/state/output_state_from_spans": None,
        "store/views/outputs/outputs_within": None,
    }
    replaced = {
        "store/state/output_state": (
            "    tagged Simple",
            f"    {column},\n    tagged Simple",
        ),
        "store/state/output_state_from_spans": (
            "\nselect\n",
            "\nselect\n    SpanAttributes['tone'] as tone,\n",
        ),
        "store/views/outputs/outputs_within": ("\nselect\n", "\nselect\n    'new' as tone,\n"),
    }
    for path, (old, new) in replaced.items():
        text = known(path).text
        head, found, rest = text.rpartition(old) if "select" in old else text.partition(old)
        assert found, path
        texts[path] = head + new + rest

    def statement(path):
        return statements.Statement(path, texts[path]) if path in texts else known(path)

    def release():
        listed = (*statements.paths(), name)
        for module in (statements, relations):
            monkeypatch.setattr(module, "statement", statement)
            monkeypatch.setattr(module, "paths", lambda: listed)
        statements.migrations.cache_clear()
        relations.relations.cache_clear()

    yield release
    monkeypatch.undo()
    statements.migrations.cache_clear()
    relations.relations.cache_clear()


def test_an_upgrade_adds_what_a_new_store_has(empty, engine, settings, later):
    store.migrate(empty, settings)
    insert(empty, [llm_span("before")])
    later()
    applied = store.migrate(empty, settings)
    assert applied[0] == "0001_output_state_tone"
    assert "output_state_from_spans" in applied
    assert {"outputs_at", "outputs", "loop_health"} & set(applied) == {"outputs_at", "outputs"}
    assert store.migrate(empty, settings) == []
    insert(empty, [llm_span("after", tone="warm")])
    told = empty.query("select tone from output_state where tagged order by tone").result_rows
    assert told == [("",), ("warm",)]
    assert empty.query("select tone from outputs").result_rows == [("new",), ("new",)]

    engine.command("create database upgraded_fresh")
    new = store.connect(settings.store)
    new.database = "upgraded_fresh"
    try:
        assert "0001_output_state_tone" in store.migrate(new, settings)
        assert columns(new) == columns(empty)
    finally:
        new.close()
        engine.command("drop database upgraded_fresh")


class PowerCutError(Exception):
    """The process ends here."""


@pytest.mark.slow
def test_an_upgrade_that_is_cut_short_again_and_again_gets_to_its_end(
    empty, settings, later, monkeypatch
):
    store.migrate(empty, settings)
    insert(empty, [llm_span("before")])
    later()
    command, left = empty.command, 0

    def dying(*arguments, **named):
        nonlocal left
        if not left:
            raise PowerCutError
        left -= 1
        return command(*arguments, **named)

    monkeypatch.setattr(empty, "command", dying)
    for cuts in count(1):
        left = cuts
        try:
            store.migrate(empty, settings)
        except PowerCutError:
            continue
        break
    assert cuts > 3
    monkeypatch.undo()
    later()
    assert store.migrate(empty, settings) == []
    insert(empty, [llm_span("after", tone="warm")])
    told = empty.query("select tone from output_state where tagged order by tone").result_rows
    assert told == [("",), ("warm",)]


@pytest.mark.slow
def test_what_arrives_during_an_upgrade_is_counted(empty, settings, later):
    """A `serve` of the version before goes on writing and reading meanwhile."""
    store.migrate(empty, settings)
    later()
    other = store.connect(settings.store)
    other.database = empty.database
    over, sent = Event(), []

    def serving():
        while not over.is_set() or len(sent) < 5:
            insert(other, [llm_span(f"meanwhile {len(sent)}", at=len(sent))])
            sent.append(other.query("select count() from outputs").result_rows[0][0])

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(serving)
        try:
            assert "0001_output_state_tone" in store.migrate(empty, settings)
        finally:
            over.set()
        running.result()
    other.close()
    assert sent == list(range(1, len(sent) + 1))


@pytest.mark.slow
def test_a_column_of_an_inner_view_reaches_the_public_one(empty, settings, monkeypatch):
    """What reads ``select *`` of a changed view is made again, though its text is as before."""
    store.migrate(empty, settings)
    known, path = statements.statement.__wrapped__, "triage/views/incidents_at"
    text = known(path).text
    at = text.rindex("\nselect\n") + len("\nselect\n")
    changed = f"{text[:at]}    'new' as added,\n{text[at:]}"
    monkeypatch.setattr(
        relations,
        "statement",
        lambda name: statements.Statement(path, changed) if name == path else known(name),
    )
    relations.relations.cache_clear()
    try:
        replaced = store.migrate(empty, settings)
        assert {"incidents_at", "incidents", "triage_open_at", "loop_health"} <= set(replaced)
        assert "signal_rates" not in replaced
        assert empty.query("select added from incidents").result_rows == []
    finally:
        relations.relations.cache_clear()


@pytest.mark.slow
def test_a_changed_migration_is_refused(empty, settings, later):
    later()
    store.migrate(empty, settings)
    empty.command(
        "alter table migrations update checksum = 'x' where name = '0001_output_state_tone' "
        "settings mutations_sync = 2"
    )
    with pytest.raises(store.StoreError, match="0001_output_state_tone was changed"):
        store.migrate(empty, settings)


@pytest.mark.slow
def test_a_store_of_a_newer_version_is_left_alone(empty, settings):
    store.migrate(empty, settings)
    empty.command("insert into migrations values ('9999_future', 'x', now64(3))")
    with pytest.raises(store.StoreError, match=r"9999_future.*upgrade"):
        store.migrate(empty, settings)


@pytest.mark.slow
def test_a_view_that_differs_is_replaced_and_no_other(empty, settings):
    store.migrate(empty, settings)
    empty.command("create or replace view links as select 1 as one")
    empty.command("drop view outputs")
    empty.command("alter table action_state_from_spans modify comment 'another'")
    replaced = {"outputs", "links", "action_state_from_spans"}
    assert set(store.migrate(empty, settings)) == replaced
    assert empty.query("select count() from links").result_rows == [(0,)]
    assert used(empty) == [("used",)]


@pytest.mark.slow
def test_a_view_that_a_version_no_longer_has_is_dropped_and_no_other(empty, settings):
    store.migrate(empty, settings)
    comment = relations.views()[0].comment
    empty.command(f"create view made_by_us comment '{comment}' as select 1 as one")
    empty.command("create view made_by_them comment 'Mine [1]' as select 1 as one")
    empty.command(
        f"create materialized view fed_by_us to heartbeats comment '{comment}' as "
        "select * from heartbeats"
    )
    assert sorted(store.migrate(empty, settings)) == ["fed_by_us", "made_by_us"]
    left = "select name from system.tables where database = currentDatabase() and name like {of}"
    assert empty.query(left.replace("{of}", "'%_by_us' or name = 'made_by_them'")).result_rows == [
        ("made_by_them",)
    ]
    assert store.migrate(empty, settings) == []


@pytest.mark.slow
def test_the_time_zone_follows_the_settings(empty, settings):
    store.migrate(empty, settings)
    store.migrate(empty, replace(settings, timezone="Asia/Tokyo"))
    store.migrate(empty, replace(settings, timezone="Asia/Tokyo"))
    rows = empty.query("select value from settings final where name = 'timezone'").result_rows
    assert rows == [("Asia/Tokyo",)]


@pytest.mark.slow
def test_tables_that_an_older_collector_made_are_adopted(empty, settings):
    traces, logs = (relations.relations()[name].text for name in ("otel_traces", "otel_logs"))
    empty.command(traces)
    older = "    TimestampTime DateTime default toDateTime(Timestamp),\n    TraceId"
    logs = logs.replace("    TraceId", older, 1).replace(
        "    EventName String codec(ZSTD(1)),\n", ""
    )
    empty.command(logs.replace("toDate(Timestamp)", "toDate(TimestampTime)"))
    send(empty, [llm_span("before")])
    store.migrate(empty, settings)
    columns = [row[0] for row in empty.query("describe otel_logs").result_rows]
    assert {"TimestampTime", "EventName"} <= set(columns)
    assert used(empty) == [("used",)]


def test_tables_of_another_shape_are_refused_before_anything_reads_them(empty, settings):
    traces = relations.relations()["otel_traces"].text
    traces = traces.replace(
        "SpanAttributes Map(LowCardinality(String), String)", "SpanAttributes JSON"
    )
    empty.command("\n".join(line for line in traces.splitlines() if "idx_span_attr" not in line))
    with pytest.raises(
        store.StoreError, match=r"otel_traces\.SpanAttributes is JSON.*`json` option"
    ):
        store.migrate(empty, settings)


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
        store.statement("store/views/nothing")
