import pytest

from otel_ai_feedback.serve.clickhouse.statement import Insert, Query, parse


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            b"insert into t (a, b) format Native\n\x00\n\xff",
            Insert("insert into t (a, b) ", "Native", b"\x00\n\xff"),
        ),
        (
            b"insert into t format JSONEachRow\r\n{}",
            Insert("insert into t ", "JSONEachRow", b"{}"),
        ),
    ],
)
def test_data_behind_an_insert_are_kept_apart(body, expected):
    assert parse(b"", body) == expected


def test_the_statement_may_be_in_the_address():
    expected = Insert("INSERT INTO t ", "CSV", b"1,2\n")
    assert parse(b"INSERT INTO t FORMAT CSV", b"1,2\n") == expected


@pytest.mark.parametrize(
    ("sql", "format_"),
    [
        ("select 1", "TabSeparated"),
        ("-- why\nselect 1", "TabSeparated"),
        ("/* a */ (select 1)", "TabSeparated"),
        ("select 1\n FORMAT Native", "Native"),
        ("select 1 format CSV;", "CSV"),
        ("insert into t values (1, 'format Native\n')", None),
        ("insert into t select 'x' format Null", "Null"),
        ("create table t (a UInt8) engine = Memory", None),
        ("", None),
    ],
)
def test_other_statements_go_to_the_engine_as_they_are(sql, format_):
    assert parse(b"", sql.encode()) == Query(sql, format_)


def test_a_large_body_that_is_no_insert_is_read_once():
    body = b"insert into t " + b"x " * 2_000_000
    assert parse(b"", body) == Query(body.decode(), None)
