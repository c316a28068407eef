"""A cluster runs the same statements, and two shards together say what one server says."""

from datetime import datetime, timedelta, timezone

import pytest
from parts import count
from raw_rows import SECOND, T0, action_span, event, insert, llm_span, request_action, send

from otel_ai_feedback import store
from otel_ai_feedback.attributes import EVENT_OUTPUT_DELIVERED
from otel_ai_feedback.store import cluster, facts, relations, schema

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
SHARDED = sorted(cluster.SHARDED)
# The jobs write them, through the database that reads both shards.
FACTS = ("output_facts", "linked_actions", "evaluation_facts")
TABLES = relations.tables()
FEEDS = relations.feeds()


def views():
    return [f"create or replace view {v.name} comment 'x' as\n{v.text}" for v in relations.views()]


def kept():
    return [schema.kept_table(each) for each in relations.kept()]


@pytest.mark.slow
@pytest.mark.parametrize("text", [*(each.text for each in (*TABLES, *FEEDS)), *views(), *kept()])
def test_every_statement_is_one_that_the_engine_can_read(engine, text):
    for rendered in cluster.statements(text, "main"):
        # a statement that names no cluster would run on one node only
        assert "on cluster 'main'" in rendered
        assert engine.query(f"explain ast {rendered}").result_rows


def test_a_single_server_gets_the_files_as_they_are():
    for each in (*TABLES, *FEEDS):
        assert cluster.statements(each.text, None) == [each.text]


def test_rows_about_one_output_are_on_one_shard_and_small_tables_everywhere():
    rendered = {each.name: cluster.statements(each.text, "main") for each in (*TABLES, *FEEDS)}
    local, distributed = rendered["output_state"]
    assert (
        "ReplicatedAggregatingMergeTree('/clickhouse/tables/{database}/output_state/{shard}'"
        in local
    )
    assert distributed.endswith("output_state_local, cityHash64(trace_id))")
    (rules,) = rendered["rollup_days"]
    assert "'/clickhouse/tables/{database}/rollup_days', '{shard}-{replica}', version)" in rules
    (fed,) = rendered["output_state_from_spans"]
    assert "to output_state as" in fed
    assert "from otel_traces_local" in fed


def test_a_statement_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="not known how"):
        cluster.statements("truncate table otel_traces", "main")


@pytest.fixture
def shards(engine, settings):
    """A client of a database that reads two others as Distributed tables read two shards.

    A node takes in any span; what follows from it goes to the shard of the sharding key.
    """
    databases = ("split", "split_1", "split_2")
    for name in databases:
        engine.command(f"create database {name}")
    clients = []
    for name in databases:
        client = store.connect(settings.store)
        client.database = name
        clients.append(client)
    whole, *nodes = clients
    for node in nodes:
        for table in TABLES:
            node.command(table.text)
    for table in TABLES:
        if table.name in SHARDED and table.name not in FACTS:
            whole.command(
                f"create table {table.name} as split_1.{table.name} "
                f"engine = Merge(REGEXP('^split_[12]$'), '^{table.name}$')"
            )
        else:
            whole.command(table.text)
    for node in nodes:
        for feed in FEEDS:
            if "late_links" in feed.text:
                continue
            name, target, body = relations.parts_of_feed(feed)
            if target not in SHARDED:  # whole on every node
                node.command(f"create materialized view {name} to split.{target} as {body}")
                continue
            for shard in (1, 2):
                node.command(
                    f"create materialized view {name}_{shard} to split_{shard}.{target} as "
                    f"select * from (\n{body}\n) where {cluster.SHARDED[target]} % 2 = {shard - 1}"
                )
    for each in relations.relations().values():
        if each.kind == "view":
            whole.command(f"create view {each.name} as\n{each.text}")
        elif each.kind == "kept":
            whole.command(schema.kept_table(each))
    yield whole, nodes
    for client in clients:
        client.close()
    for name in databases:
        engine.command(f"drop database {name}")


@pytest.mark.slow
def test_two_shards_say_what_one_server_says(clean, shards):
    whole, nodes = shards
    rows = []
    for number in range(24):
        name, at = f"o{number}", number * 4000
        rows += [
            llm_span(f"{name} plan", trace=name, at=at, seq=1, text=None),
            llm_span(
                name, trace=name, at=at + 2, seq=2, text=name,
                handle=("output", "request", None)[number % 3],
                gen_ai__conversation__id=f"c{number % 5}", ai_feedback__subject=f"s{number % 7}",
            ),
            llm_span(f"{name} again", trace=name, at=at + 2.1, seconds=0.5, seq=2, text=name,
                     parent=name),
            action_span("seen", name, trace=name, at=at + 5, output_at=at + 2),
            action_span("copy", name, trace=name, at=at + 9, value=number / 24, output_at=at + 2),
            request_action("rating", name, at=at + 20, value=1),
            event(EVENT_OUTPUT_DELIVERED, f"{name} root", trace=name, at=at,
                  ai_feedback__handle__kind="request"),
        ]  # fmt: skip
    insert(clean, rows)
    # every span arrives somewhere, some of them twice and on both nodes
    arriving = [*rows, *rows[::3]]
    for block in range(4):
        for node, client in enumerate(nodes):
            sent = [row for number, row in enumerate(arriving) if number * 7 % 5 % 2 == node]
            send(client, sorted(sent[block::4], key=lambda row: row["table"]))
    counts = [
        node.query("select uniqExact(trace_id) from output_state").result_rows[0][0]
        for node in nodes
    ]
    assert sum(counts) == 24
    assert all(counts)
    # `migrate` writes it on every node
    whole.command(f"insert into signal_list select * from {clean.database}.signal_list")
    facts.refresh(whole, datetime.now(timezone.utc).replace(tzinfo=None))
    then = "as_of = '2025-12-01 00:00:00.000'"
    for view, columns in {
        "outputs_at": "* except (arrived_at)", "actions_at": "*", "signal_rates_at": "*",
        "links_at": "*", "turn_pairs_at": "*",
    }.items():  # fmt: skip
        ask = f"select {columns} from {view}({then}) order by all"
        said = whole.query(ask)
        assert said.result_rows == clean.query(ask).result_rows, view
        if view == "signal_rates_at":
            series = said.column_names.index("series")
            rates = [row for row in said.result_rows if row[series] != "returned_7d"]
    count(clean, START + timedelta(days=14))
    kept = clean.query("select * from signal_rates where series != 'returned_7d' order by all")
    assert rates == kept.result_rows != []
