"""What the embedded engine itself refuses, no matter who wrote the statement."""

import os
import stat

import chdb
import pytest

from otel_ai_feedback.store import engine_config, roles

OUTSIDE = (
    "select * from file('/etc/passwd', 'LineAsString')",
    "select * from url('http://127.0.0.1:1/', 'LineAsString')",
    "select * from remote('127.0.0.1', system, one)",
    "select * from s3('http://127.0.0.1:1/bucket/a', 'TSV')",
    "select * from (select * from file('/etc/passwd', 'LineAsString'))",
    "insert into function file('/tmp/never', 'CSV', 'a String') select 'x'",
    "create table never (a String) engine = File(CSV)",
    "create table never (a String) engine = URL('http://127.0.0.1:1/', CSV)",
    "create function never as x -> x",
    "create user never",
    "create named collection never as a = 1",
    "create dictionary never (a Int8) primary key a source(file(path '/etc/passwd' format 'TSV')) "
    "layout(flat) lifetime(0)",
)


@pytest.fixture
def ask(engine, settings):
    """``ask(definer, sql)``: the rows as text, read with the grants of a definer."""
    directory = os.path.realpath(settings.store.removeprefix("chdb://"))

    def ask(definer, sql):
        with chdb.connect(engine_config.address(directory)) as connection:
            connection.query("use ai_feedback")
            connection.query(
                f"create temporary view asked definer = {definer} sql security definer as {sql}"
            )
            return str(connection.query("select * from asked", "TSVRaw"))

    return ask


@pytest.mark.parametrize("sql", OUTSIDE)
def test_no_statement_of_ours_or_of_others_reaches_outside_the_store(engine, sql):
    with pytest.raises(Exception, match="Not enough privileges"):
        engine.command(sql)


def test_the_files_are_for_their_owner_only(engine, settings):
    directory = settings.store.removeprefix("chdb://")
    for name in ("engine.xml", "engine-users.xml"):
        assert stat.S_IMODE(os.stat(f"{directory}/{name}").st_mode) == 0o600


def test_a_config_file_in_the_working_directory_is_not_read(engine):
    """The engine reads one when it is given none."""
    assert engine.command("select value from system.settings where name = 'readonly'") == 0
    with pytest.raises(Exception, match="READ ON FILE"):
        engine.command("select * from file('/etc/passwd', 'LineAsString')")


@pytest.mark.slow
def test_readers_of_the_engine_and_of_a_server_see_the_same_columns(engine, ask):
    """What `migrate --roles` grants to dashboards, tried table by table."""
    columns = roles.tables(engine)
    granted = " ".join(roles.grants("grafana", "ai_feedback", columns))
    for table, names in columns.items():
        for name in names:
            whole = f"select on `ai_feedback`.`{table}`" in granted
            within = granted.partition(f") on `ai_feedback`.`{table}`")[0].rpartition("select(")[2]
            expected = whole or (f") on `ai_feedback`.`{table}`" in granted and name in within)
            sql = f"select `{name}` from `{table}` limit 0"
            if expected:
                ask("reader", sql)
            else:
                with pytest.raises(RuntimeError, match="Not enough privileges"):
                    ask("reader", sql)


def test_no_user_reads_the_sample_key_and_a_writer_reads_nothing(ask):
    for definer in engine_config.DEFINERS:
        with pytest.raises(RuntimeError, match="Not enough privileges"):
            ask(definer, "select k0 from draw_key")
    assert ask("text_reader", "select count() >= 0 from otel_traces") == "1\n"
    with pytest.raises(RuntimeError, match="Not enough privileges"):
        ask("writer", "select 1 from outputs")
    assert ask("writer", "select 1") == "1\n"


def test_a_statement_of_another_user_has_limits_that_it_cannot_raise(ask):
    limit = "select value from system.settings where name = 'max_memory_usage'"
    assert ask("reader", limit) == f"{engine_config.statement_memory()}\n"
    for asked in (0, 1 << 50):
        assert int(ask("reader", f"{limit} settings max_memory_usage = {asked}")) in range(
            1, engine_config.statement_memory() + 1
        )
