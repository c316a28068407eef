"""The endpoint, through clickhouse-connect's ordinary HTTP client."""

import asyncio
import gzip

import clickhouse_connect
import httpx
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from otel_ai_feedback import store
from otel_ai_feedback.serve.clickhouse.endpoint import ClickHouse
from otel_ai_feedback.serve.clickhouse.overdue import Overdue
from otel_ai_feedback.serve.clickhouse.users import Users, owner, read
from otel_ai_feedback.serve.limits import Admission, Limits


@pytest.fixture
def connect(server, token):
    opened = []

    def connect(**options):
        host, port = server.url.removeprefix("http://").split(":")
        defaults = {
            "host": host,
            "port": int(port),
            "username": store.LOCAL_USER,
            "password": token,
            "database": store.DATABASE,
            "autogenerate_session_id": False,
        }
        opened.append(clickhouse_connect.get_client(**defaults | options))
        return opened[-1]

    yield connect
    for client in opened:
        client.close()


@pytest.fixture
def client(connect):
    return connect()


@pytest.fixture
def table(engine):
    engine.command("create or replace table t (a UInt32, b String) engine = MergeTree order by a")
    yield "t"
    engine.command("drop table if exists t")


def test_it_answers_like_the_engine_itself(client, engine):
    sql = "select number as n, toString(n) as s, [n] as a, map('k', n) as m from numbers(3)"
    assert client.query(sql).column_names == ("n", "s", "a", "m")
    assert client.query(sql).result_rows == engine.query(sql).result_rows
    assert client.query("select 1 where 0").result_rows == []
    assert client.query("select number from numbers(200000)").row_count == 200_000
    assert client.command("select version()") == engine.command("select version()")
    assert client.ping()


def test_parameters(client):
    given = {"s": "it's\ta \\ line\n", "n": [1, 2], "long": "z" * 100_000}
    sql = "select {s:String}, {n:Array(UInt32)}, length({long:String})"
    assert client.query(sql, parameters=given).result_rows == [(given["s"], [1, 2], 100_000)]


@pytest.mark.parametrize("compress", [False, "gzip", "lz4", "zstd"])
def test_inserts(connect, table, compress):
    client = connect(compress=compress)
    client.insert(table, [[1, "one"], [2, "zwei"]], column_names=["a", "b"])
    client.raw_insert(table, ["a", "b"], b'{"a": 3, "b": "drei"}\n', fmt="JSONEachRow")
    client.command("insert into t values (4, 'select')")
    client.command("insert into t select 5, 'format Native'")
    rows = client.query("select * from t order by a").result_rows
    assert rows == [(1, "one"), (2, "zwei"), (3, "drei"), (4, "select"), (5, "format Native")]


def test_an_insert_that_the_engine_refuses(client, table, web, token):
    with pytest.raises(DatabaseError, match="33"):
        client.raw_insert(table, ["a", "b"], b"not a Native block", fmt="Native")
    assert client.query("select count() from t").result_rows == [(0,)]


def test_errors_carry_the_code_and_the_text(client):
    with pytest.raises(DatabaseError, match="UNKNOWN_IDENTIFIER") as caught:
        client.query("select nope")
    assert caught.value.code == 47
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        client.query("select * from no_such_table")
    with pytest.raises(DatabaseError, match="SYNTAX_ERROR"):
        client.command("selec 1")


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"username": "default"}])
def test_others_are_refused(connect, wrong):
    with pytest.raises(DatabaseError, match="516"):
        connect(**wrong)


def test_without_credentials(web):
    for answer in (web.post("/", content="select 1"), web.get("/", params={"query": "select 1"})):
        assert answer.status_code == 403
        assert answer.headers["x-clickhouse-exception-code"] == "516"


def test_read_only_clients_change_nothing_and_read_no_files(connect, table):
    client = connect(settings={"readonly": "1"})
    assert client.query("select count() from t").result_rows == [(0,)]
    for sql in (
        "insert into t values (1, 'x')",
        "drop table t",
        "select * from file('/etc/passwd', 'LineAsString')",
        "select file('/etc/passwd')",
        "select * from url('http://127.0.0.1:1/', 'LineAsString')",
        "set readonly = 0",
    ):
        with pytest.raises(DatabaseError, match=r"READONLY|ACCESS_DENIED"):
            client.command(sql)


def test_read_only_clients_write_no_files_and_hide_no_second_statement(connect, tmp_path):
    client = connect(settings={"readonly": "1"})
    with pytest.raises(DatabaseError, match="INTO OUTFILE"):
        client.command(f"select 1 into outfile '{tmp_path}/out'")
    with pytest.raises(DatabaseError, match="Multi-statements"):
        client.command("select 1; select file('/etc/passwd')")
    assert not list(tmp_path.iterdir())
    assert "View" in client.command("show create view outputs").title()
    assert client.query("explain select 1").row_count


def test_get_is_read_only(web, token, table):
    auth = (store.LOCAL_USER, token)
    answer = web.get("/", params={"query": "select 1, 'x'"}, auth=auth)
    assert (answer.status_code, answer.text) == (200, "1\tx\n")
    assert answer.headers["x-clickhouse-format"] == "TabSeparated"
    answer = web.get("/", params={"query": "drop table t"}, auth=auth)
    assert "READONLY" in answer.text


def test_credentials_in_headers_and_parameters(web, token):
    headers = {"X-ClickHouse-User": store.LOCAL_USER, "X-ClickHouse-Key": token}
    assert web.post("/", content="select 1", headers=headers).text == "1\n"
    named = {"user": store.LOCAL_USER, "password": token}
    assert web.post("/", content="select 2 format CSV", params=named).text == "2\n"


def test_settings_stay_with_their_request(client):
    sql = "select getSetting('max_result_rows')"
    assert client.query(sql, settings={"max_result_rows": 7}).result_rows == [(7,)]
    assert client.query(sql).result_rows == [(0,)]
    with pytest.raises(DatabaseError, match="115"):
        client.command("select 1", settings={"no_such_setting": 1})


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"select 1", {"Content-Encoding": "gzip"}),
        (b"select 1", {"Content-Encoding": "lz4"}),
        (b"select 1", {"Content-Encoding": "zstd"}),
        (b"select 1", {"Content-Encoding": "snappy"}),
        (gzip.compress(b"\0" * 100_000_000), {"Content-Encoding": "gzip"}),
        (b"\xff\xfe", {}),
        (b"", {}),
    ],
)
def test_bad_bodies(web, token, body, headers):
    answer = web.post("/", content=body, headers=headers, auth=(store.LOCAL_USER, token))
    assert answer.status_code == 400
    assert answer.headers["x-clickhouse-exception-code"]


def test_the_owner_is_served_on_this_machine_only(settings, passwords, users):
    path, limits = settings.store.removeprefix("chdb://"), Limits()
    known = Users(owner("a token of some length"), *read(users))
    app = ClickHouse(path, known, limits, Admission(limits), Overdue(path))

    async def ask(*auth):
        transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post("/", content="select 1", auth=auth)

    answer = asyncio.run(ask(store.LOCAL_USER, "a token of some length"))
    assert answer.status_code == 403
    assert "this machine only" in answer.text
    assert asyncio.run(ask("grafana", passwords["grafana"])).text == "1\n"
    assert asyncio.run(ask("grafana", "a token of some length")).status_code == 403


BLOCK = b"\x02\x02\x01a\x06UInt32\x01\x00\x00\x00\x02\x00\x00\x00\x01b\x06String\x03one\x04zwei"


@pytest.mark.slow
@budget(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    junk=st.binary(max_size=80),
    position=st.integers(0, len(BLOCK)),
    removed=st.integers(0, 8),
)
def test_no_native_block_ends_the_process(web, token, engine, junk, position, removed):
    """Any bytes for a block: rows, or an error; and the next one is answered."""
    engine.command("create table if not exists blocks (a UInt32, b String) engine = Memory")
    broken = BLOCK[:position] + junk + BLOCK[position + removed :]
    for content in (broken, junk):
        answer = web.post(
            "/",
            params={"query": "insert into blocks (a, b) format Native"},
            content=content,
            auth=(store.LOCAL_USER, token),
        )
        assert answer.status_code in (200, 400, 500, 503), answer.text
    assert web.post("/", content="select 1", auth=(store.LOCAL_USER, token)).text == "1\n"
