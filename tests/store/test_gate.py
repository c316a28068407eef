"""What a reader who has the engine in his own process must not reach with a statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback import store
from otel_ai_feedback.store.gate import Gate

check_statement = Gate().check_statement

FILE = "file('{secret}', 'LineAsString')"
HOSTILE = [
    "select file('{secret}')",
    "select FILE('{secret}')",
    "select (select file('{secret}'))",
    "select 1 where 'x' in (select file('{secret}'))",
    "select arrayMap(x -> file(x), ['{secret}'])",
    "select * from (select '{secret}' as x) order by file(x)",
    "select columns('x') apply file from (select '{secret}' as x)",
    "select columns('x') apply(x -> file(x)) from (select '{secret}' as x)",
    "select throwIf(true, file('{secret}'))",
    "with x as (select file('{secret}') as y) select y from x",
    "with (select file('{secret}')) as x select x",
    "select 1 union all select length(file('{secret}'))",
    "select * from view(select file('{secret}'))",
    "select * from viewIfPermitted(select file('{secret}') as a else null('a String'))",
    "select count() from outputs where output_id = (select file('{secret}'))",
    f"select * from {FILE}",
    f"from {FILE} select *",
    f"select * from view(select * from {FILE})",
    f"select * from loop({FILE})",
    f"with x as (select * from {FILE}) select * from x",
    f"select (select count() from {FILE})",
    f"select 1 in (select 1 from {FILE})",
    "select * from url('http://127.0.0.1:1/', 'LineAsString')",
    "with x as (select * from url('http://127.0.0.1:1/', 'LineAsString')) select * from x",
    "select * from remote('127.0.0.1', system, one)",
    "select * from executable('sh', 'TabSeparated', 'a String')",
    "select 1 into outfile '{out}'",
    "select 1 into outfile '{out}' append",
    "select 1 into outfile '{out}' and stdout",
    "select * from (select 1) into outfile '{out}' truncate format CSV",
    "select 1 union all select 2 into outfile '{out}'",
    "explain select 1 into outfile '{out}'",
    "explain select file('{secret}')",
    "show tables into outfile '{out}'",
    "describe table outputs into outfile '{out}'",
    "describe (select throwIf(true, file('{secret}')))",
    f"describe {FILE}",
    "exists table outputs into outfile '{out}'",
    "show create table outputs into outfile '{out}'",
    "select b from values('a String, b String alias file(''{secret}'')', 'x')",
    "select arrayMap(file, ['{secret}'])",
    "show tables limit (select length(file('{secret}')))",
    "show tables like 'x' limit 1 + 1",
    "explain ast drop table otel_traces",
    "explain select * from values('b String alias file(''{secret}'')', 'x')",
    "select 1; select 2",
    "select 1; drop table otel_traces",
    "select 1;; select file('{secret}')",
    "select 1 /* ; */ ; select 2",
    "drop table otel_traces",
    "insert into otel_logs (Body) select 'x'",
    "set readonly = 0",
    "select 1 settings readonly = 0",
    "system shutdown",
    "",
]


@pytest.fixture
def reader(engine, settings):
    client = store.connect(settings.store, read_only=True)
    yield client
    client.close()


def ask(client, sql):
    check_statement(client, sql)
    return client.raw_query(sql).decode()


@pytest.mark.parametrize("sql", HOSTILE)
def test_nothing_but_tables_is_reached(reader, tmp_path, sql):
    secret, out = tmp_path / "secret", tmp_path / "out"
    secret.write_text("very secret")
    with pytest.raises(Exception, match=r".") as refused:
        ask(reader, sql.format(secret=secret, out=out))
    assert "very secret" not in str(refused.value)
    assert not out.exists()
    assert reader.query("exists table otel_traces").result_rows == [(1,)]


@pytest.mark.parametrize(
    "sql",
    [
        "select count() from outputs",
        "with x as (select 1 as n) select n from x",
        "select service, grouping(service) from outputs group by service",
        "select service, grouping(service) from outputs group by grouping sets ((service), ())",
        "select service, grouping(service) from outputs group by rollup (service, model)",
        "select service, grouping(service) from outputs group by cube (service, model)",
        "select 'into outfile', 'file(1)'",
        "select countIf(table = 'outputs') from system.columns",
        "select * from signal_rates_at(as_of = now64(3, 'UTC'))",
        "show tables",
        "explain select 1",
        "describe outputs",
        "describe table `outputs` format CSV",
        "exists table outputs",
        "show create view ai_feedback.outputs",
        "select 1 -- a comment; with a semicolon",
    ],
)
def test_what_reads_tables_may_run(reader, sql):
    ask(reader, sql)


def test_a_statement_that_cannot_be_read_is_refused_in_the_engines_words(reader):
    with pytest.raises(store.StoreError, match="Syntax error") as refused:
        check_statement(reader, "selec 1")
    assert "parseQueryToJSON" not in str(refused.value)


@pytest.mark.slow
@given(st.text(max_size=40), st.sampled_from(["select {}", "describe {}", "{}", "select 1 {}"]))
def test_no_text_gets_past_as_more_than_one_reading_statement(engine, text, around):
    """Whatever stands before it, a second statement or a file at the end is refused."""
    for more in ("; select 2", " into outfile '/tmp/never'", ", file('/etc/hostname')"):
        sql = around.format(text) + more
        try:
            check_statement(engine, sql)
        except store.StoreError:
            continue
        # Only where the text has made it a comment or a literal.
        assert any(mark in text for mark in ("--", "#", "/*", "'", '"', "`", "“", "‘", "$"))
