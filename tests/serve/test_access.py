"""What users of the ClickHouse endpoint reach, and what they must not.

One file, although it is long: the lists of statements are of use only side by side.
"""

import gzip
import re

import clickhouse_connect
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback import store
from otel_ai_feedback.store import facts

from . import otlp

SECRET = "the text of an answer"

# Each would read or write something else than the numbers in the views.
OUT_OF_REACH = [
    # files, addresses, programs
    "select * from file('/etc/passwd', 'LineAsString')",
    "select file('/etc/passwd')",
    "select FILE('/etc/passwd')",
    "select columns('name') apply file from system.one",
    "select arrayMap(x -> file(x), ['/etc/passwd'])",
    "select * from url('http://127.0.0.1:1/', 'LineAsString')",
    "select * from remote('127.0.0.1', system, one)",
    "select * from remoteSecure('127.0.0.1', system, one)",
    "select * from cluster('default', system, one)",
    "select * from s3('http://127.0.0.1:1/a')",
    "select * from mysql('127.0.0.1', 'a', 'b', 'c', 'd')",
    "select * from sqlite('/tmp/a', 'b')",
    "select * from executable('sh', 'TabSeparated', 'a String')",
    "select * from python('a')",
    "select * from eval('select 1')",
    "select * from filesystem('/etc')",
    "select 1 into outfile '/tmp/never'",
    "select * from (select 1) into outfile '/tmp/never' truncate",
    "select hasColumnInTable('127.0.0.1', 'default', '', 'system', 'one', 'dummy')",
    "select aiGenerate('model', 'prompt')",
    # strings and identifiers that are code
    "select b from values('a String, b String alias file(''/etc/passwd'')', 'x')",
    "select b from values('b String default file(''/etc/passwd'')', ('x'))",
    "select * from format(JSONEachRow, 'b String alias file(''/etc/passwd'')', '{}')",
    "select * from generateRandom('b String alias file(''/etc/passwd'')')",
    "select arrayMap(file, ['/etc/passwd'])",
    "select arrayMap(`file`, ['/etc/passwd'])",
    "select arrayMap(FILE, ['/etc/passwd'])",
    "with file as f select arrayMap(f, ['/etc/passwd'])",
    "with x -> file(x) as f select f('/etc/passwd')",
    "select * apply file from (select '/etc/passwd' as a)",
    "show tables limit (select 1)",
    "show tables limit (select ascii(file('/etc/passwd')))",
    "show tables limit 1 + 1",
    "show databases limit (select count() from otel_traces)",
    "select editDistance(repeat('a', 60000), repeat('b', 60000))",
    # where files lie
    "select data_paths from system.tables",
    "select * from system.tables",
    "select * from system.databases",
    "with t as (select * from system.tables) select data_paths from t",
    # what the server knows of itself and of others
    "select * from system.processes",
    "select * from system.server_settings",
    "select * from system.users",
    "select * from system.parts",
    "select * from system.query_log",
    "select * from information_schema.tables",
    "select * from `system`.`processes`",
    "select * from merge('system', '.*')",
    "select 1 in system.processes",
    "select 1 in (system.processes)",
    "select 1 global not in system.processes",
    "select getServerSetting('display_name')",
    "select getMacro('a')",
    "select hostName()",
    "select dictGet('a', 'b', 1)",
    "select joinGet('a', 'b', 1)",
    "select addressToLine(1)",
    "select showCertificate()",
    "select serverUUID()",
    "select @@version",
    "show processlist",
    "show create table outputs",
    "show grants",
    "show settings like 'a'",
    "show tables from system",
    "explain select 1",
    "explain ast select 1",
    # changes
    "insert into otel_logs (Body) values ('x')",
    "insert into otel_logs (Body) select 'x'",
    "create table x (a Int8) engine = Memory",
    "create view x as select 1",
    "create function f as x -> x",
    "drop view outputs",
    "alter table output_state delete where 1",
    "truncate table output_state",
    "optimize table output_state",
    "system shutdown",
    "kill query where 1",
    "set readonly = 0",
    "use system",
    "select 1 settings readonly = 0",
    "select 1 settings max_threads = 1",
    "attach database x",
    "backup database ai_feedback to File('/tmp/never')",
    # two statements in one
    "select 1; select 2",
    "select 1; drop view outputs",
    "select 1;; select file('/etc/passwd')",
]  # fmt: skip

TEXTS = [
    "select SpanAttributes from otel_traces",
    "select SpanAttributes from ai_feedback.otel_traces",
    'select * from "ai_feedback"."otel_traces"',
    "select * from `otel_traces`",
    "select count() from otel_traces",
    "select Body from otel_logs",
    "with t as (select * from otel_traces) select * from t",
    "select (select any(Body) from otel_logs)",
    "select * from outputs where output_id in (select Body from otel_logs)",
    "select 'x' in otel_logs",
    "select 'x' in ai_feedback.otel_logs",
    "select * from outputs left join otel_traces on trace_id = TraceId",
    "select 1 union all select 1 from otel_logs",
    "select 1 intersect select 1 from otel_logs",
    "select 1 where exists (select * from otel_logs)",
    "select arrayMap(x -> (select any(Body) from otel_logs), [1])",
    "select otel_traces.* from otel_traces",
    "select 1 order by (select any(Body) from otel_logs)",
    "select sum(1) over (order by (select any(Body) from otel_logs))",
    "select 1 limit (select count() from otel_logs)",
    "select * from view(select * from otel_logs)",
    "select * from viewIfPermitted(select * from otel_logs else null('a Int8'))",
    "select * from numbers((select count() from otel_logs))",
    "show tables limit (select count() from otel_logs)",
    "select * from mergeTreeIndex(ai_feedback, otel_logs)",
    "select * from loop(ai_feedback, otel_logs)",
    "from otel_logs select *",
    "select * from {t:Identifier}",
]

ALLOWED = [
    "select * from outputs",
    "select day, service, sum(k) / sum(n) from signal_rates group by all",
    "select * from ai_feedback.actions",
    "select * from outputs_at(as_of = now64(3, 'UTC'))",
    "select * from output_state final",
    "with o as (select * from outputs) select count() from o where service in ('a', 'b')",
    "select countIf(class = 'used'), quantileTDigestIf(0.5)(1, 1), uniqExact(service) from outputs",
    "select toStartOfInterval(time, interval 1 hour) as t, count() from outputs group by t "
    "order by t with fill step interval 1 hour",
    "select service, row_number() over (partition by service order by time) from outputs",
    "select columns('^serv') apply upper from outputs",
    "select * except (class) replace (1 as failed) from outputs limit 1 by service limit 10",
    "select case when class = 'used' then 1 else 0 end, class = 'used' ? 1 : 0 from outputs",
    "select arrayJoin([1]), map('a', 1)['a'], (1, 2).1, arrayMap(x -> x, [1]) from numbers(3) "
    "array join [1] as x",
    "select 1 in [1, 2], 1 in (1, 2), (1, 2) in ((1, 2)), 1 not in (select 2) as x",
    "select cast(1 as String), 1::Int8, interval 1 day, null, date '2026-01-01', -1, 1.5",
    "select name from system.tables where database = 'ai_feedback'",
    "select name, type from system.columns where table = 'outputs'",
    "select name from system.databases",
    "show tables",
    "show databases",
    "desc table outputs",
    "describe table ai_feedback.otel_traces",
    "select version(), timezone(), currentDatabase()",
    "select * from outputs format JSON",
    "-- a comment\nselect 1 /* another; select 2 */;",
]


@pytest.fixture
def connect(server, passwords):
    opened = []

    def connect(name, **options):
        host, port = server.url.removeprefix("http://").split(":")
        client = clickhouse_connect.get_client(
            host=host, port=int(port), username=name, password=passwords[name],
            database=store.DATABASE, autogenerate_session_id=False, **options,
        )  # fmt: skip
        opened.append(client)
        return client

    yield connect
    for client in opened:
        client.close()


@pytest.fixture
def ask(web, passwords):
    """Ask as one of the users; the answer is HTTP's."""

    def ask(name, sql, **parameters):
        return web.post("/", content=sql, params=parameters, auth=(name, passwords[name]))

    return ask


@pytest.fixture(scope="module")
def texts(web, engine):
    """A span whose text must not come out."""
    for table in ("otel_traces", "otel_logs", "output_state", "output_facts", "rollup_days"):
        engine.command(f"truncate table {table}")
    spans = otlp.traces(otlp.output(1, **{"gen_ai.output.messages": SECRET}))
    headers = {"Content-Type": "application/x-protobuf"}
    sent = web.post("/v1/traces", content=spans.SerializeToString(), headers=headers)
    assert sent.status_code == 200, sent.text
    facts.catch_up(engine)


@pytest.mark.parametrize("name", ["grafana", "analyst", "collector"])
def test_out_of_reach(ask, name):
    for sql in OUT_OF_REACH:
        answer = ask(name, sql)
        assert answer.status_code in (400, 403, 404), (sql, answer.text)
        assert answer.headers["x-clickhouse-exception-code"]
        assert "root:" not in answer.text


@pytest.mark.parametrize("name", ["grafana", "collector"])
def test_texts_are_out_of_reach(ask, texts, name):
    for sql in TEXTS:
        answer = ask(name, sql, param_t="otel_traces")
        assert answer.status_code == 403, (sql, answer.text)
        assert answer.headers["x-clickhouse-exception-code"] == "497"
        assert answer.headers["x-clickhouse-exception-name"] == "ACCESS_DENIED"
        assert SECRET not in answer.text


@pytest.mark.parametrize("name", ["grafana", "analyst"])
def test_the_sample_key_is_out_of_reach(ask, name):
    answer = ask(name, "select k0 from draw_key")
    assert answer.status_code == 403, answer.text
    assert "secret" in answer.text


def test_a_reader_with_text_reads_it(ask, texts):
    assert SECRET in ask("analyst", "select SpanAttributes from otel_traces").text
    answer = ask("grafana", "select SpanAttributes from otel_traces")
    assert "text = true" in answer.text, "the refusal says what to do"


def test_what_dashboards_ask(ask, texts):
    for sql in ALLOWED:
        answer = ask("grafana", sql)
        assert answer.status_code == 200, (sql, answer.text)
        assert SECRET not in answer.text


@pytest.mark.slow
def test_no_view_passes_a_text_on(ask, texts, engine):
    """Nor any table beside those that are named: what a reader can select, all of it."""
    names = engine.query(
        "select name from system.tables where database = 'ai_feedback' and "
        "engine != 'MaterializedView' and name not in {texts:Array(String)} "
        "and empty(parameterized_view_parameters)",
        parameters={"texts": sorted(store.TEXT_TABLES | store.SECRET_TABLES)},
    ).result_rows
    assert len(names) > 8
    for (name,) in names:
        answer = ask("grafana", f"select * from {name}")
        assert answer.status_code == 200, answer.text
        assert SECRET not in answer.text, name


def test_the_usual_client_connects_as_a_reader(connect, texts):
    client = connect("grafana")
    assert client.query("select service, class from outputs").result_rows == [("chat", "none")]
    assert client.query(
        "select {a:Array(String)}, {s:String}", parameters={"a": ["x'"], "s": "y\n"}
    ).result_rows == [(["x'"], "y\n")]


def test_the_usual_client_connects_as_a_writer(connect, engine):
    engine.command("truncate table otel_logs")
    connect("collector").insert("otel_logs", [["x"]], column_names=["Body"])
    assert engine.query("select count() from otel_logs").result_rows == [(1,)]


def test_the_order_of_a_statement_is_kept(ask):
    answer = ask("grafana", "select number from numbers(5) order by number desc limit 3 by number")
    assert answer.text == "4\n3\n2\n1\n0\n"
    assert ask("grafana", "select 1 as a format JSON -- last").status_code == 403
    unnamed = ask("grafana", "select 1 in (select 1)")
    assert "a name" in unnamed.text


@pytest.mark.parametrize(
    "setting",
    [
        "additional_table_filters",
        "format_schema",
        "output_format_schema",
        "readonly_",
        "log_queries",
    ],
)
def test_settings_that_a_reader_may_not_send(ask, setting):
    answer = ask("grafana", "select 1", **{setting: "x"})
    assert answer.status_code == 403
    assert setting in answer.text


def test_other_databases(ask):
    assert ask("grafana", "select 1", database="system").status_code == 403
    assert ask("grafana", "select 1", database=store.DATABASE).status_code == 200


def test_a_reader_has_a_time_limit(ask):
    long = "select count() from numbers(1000000000000) where not ignore(sipHash64(number))"
    answer = ask("grafana", long, max_execution_time="0.2")
    assert answer.headers["x-clickhouse-exception-code"] == "159", "TIMEOUT_EXCEEDED"
    assert ask("grafana", "select 1", max_execution_time="100000").status_code == 200
    assert ask("grafana", "select 1", max_execution_time="soon").status_code == 403


def test_a_reader_has_limits_of_memory_and_of_the_answer(ask):
    large = ask("grafana", "select repeat('x', 1000000) from numbers(2500)", max_result_bytes="0")
    assert large.headers["x-clickhouse-exception-code"] in ("241", "396"), large.text
    state = ask("grafana", "select length(groupArray(number)) from numbers(1000000000)")
    assert state.headers["x-clickhouse-exception-code"] == "241", "MEMORY_LIMIT_EXCEEDED"


def test_what_a_reader_sends_is_unpacked_to_no_more_than_a_statement(web, passwords):
    body = gzip.compress(b"select 1 -- " + b"a" * (63 << 20))
    answer = web.post(
        "/",
        content=body,
        headers={"Content-Encoding": "gzip"},
        auth=("grafana", passwords["grafana"]),
    )
    assert answer.status_code == 400
    assert "larger than" in answer.text


def test_a_writer_adds_rows_to_the_raw_tables(ask, engine):
    engine.command("truncate table otel_logs")
    for into in ("otel_logs", "ai_feedback.otel_logs", '"ai_feedback"."otel_logs"', "`otel_logs`"):
        sql = f'insert into {into} ("Body", EventName) format JSONEachRow\n{{"Body": "x"}}'
        answer = ask("collector", sql, async_insert="1")
        assert answer.status_code == 200, answer.text
    assert engine.query("select count() from otel_logs").result_rows == [(4,)]


NOT_ADDED = [
    'insert into output_state (service) format JSONEachRow\n{"service": "x"}',
    'insert into elsewhere.otel_logs (Body) format JSONEachRow\n{"Body": "x"}',
    "insert into otel_logs (Body) format Template\nx",
    "insert into function file('/tmp/never', 'CSV', 'a String') format CSV\nx",
    "insert into otel_logs from infile '/etc/passwd' format LineAsString\n",
    "insert into otel_logs (Body) settings async_insert = 1 format CSV\nx",
    "insert into otel_logs (* except(Body)) format CSV\nx",
]


def test_a_writer_adds_nothing_else(ask, engine):
    before = engine.query("select count() from otel_logs").result_rows
    for sql in NOT_ADDED:
        assert ask("collector", sql).status_code in (400, 403), sql
        assert ask("grafana", sql).status_code in (400, 403), sql
    assert engine.query("select count() from otel_logs").result_rows == before


def test_a_writer_reads_nothing_but_what_inserts_need(ask):
    assert ask("collector", "select 1").text == "1\n"
    assert ask("collector", 'desc table "ai_feedback"."otel_logs"').status_code == 200
    for sql in ("select * from outputs", "select 'x' in outputs", "select * from system.tables"):
        assert ask("collector", sql).status_code == 403


def test_a_statement_nested_too_deeply(ask):
    answer = ask("grafana", "select " + "(" * 5000 + "1" + ")" * 5000)
    assert answer.status_code in (400, 403, 500)
    assert ask("grafana", "select " + "-(" * 200 + "1" + ")" * 200).status_code == 200


WORDS = re.findall(
    r"\S+",
    """
    select from otel_traces otel_logs ai_feedback . , ( ) * 'x' "otel_logs" `otel_traces` in where
    with as t union all file system processes 1 ; -- /* */ join on Body {t:Identifier} into outfile
    format CSV settings final $$ \\
""",
)
SQL = st.lists(st.sampled_from([*WORDS, "\n"]), max_size=14).map(" ".join)


@given(sql=SQL | st.text(max_size=40))
def test_no_mixture_of_words_brings_out_a_text(texts, web, passwords, sql):
    answer = web.post(
        "/",
        content=("select " + sql).encode("utf-8", "replace"),
        params={"param_t": "otel_logs"},
        auth=("grafana", passwords["grafana"]),
    )
    assert SECRET not in answer.text
    assert answer.status_code in (200, 400, 403, 404, 500, 503)


def test_tables_with_a_column_for_text_are_named(engine):
    """A table that can hold a text is in TEXT_TABLES; another calls its columns otherwise.

    But for two: Grafana takes the words of an annotation from a column `text`, and those of ours
    name models, releases and rules; and `heartbeats` counts refusals by HTTP status. A map of what
    was done to when it was done has no text either.
    """
    rows = engine.query(
        "select distinct table from system.columns where database = currentDatabase() and "
        "(table, name) not in (('annotations', 'text'), ('heartbeats', 'refusals')) and "
        "((type like 'Map(%' and type not like 'Map(String, DateTime64(3%') "
        "or (type like '%String%' and match(lower(name), "
        "'^(body|text|input|output|prompt|answer|messages?|question|content|note|comment)$')))"
    ).result_rows
    assert {table for (table,) in rows} <= store.TEXT_TABLES
