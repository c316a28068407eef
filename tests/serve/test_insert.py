"""An insert that returns has stored its rows; one that could not, says so."""

import chdb
import pytest

from otel_ai_feedback.serve.insert import insert


@pytest.fixture
def connection(engine, settings):
    engine.command(
        "create or replace table taken (a UInt32, b String default 'none', "
        "constraint small check a < 1000) engine = MergeTree order by a"
    )
    engine.command(
        "create materialized view taken_view engine = MergeTree order by a as "
        "select a + throwIf(a = 13) as a from taken"
    )
    with chdb.connect(settings.store.removeprefix("chdb://")) as opened:
        opened.query("use ai_feedback")
        yield opened
    engine.command("drop view taken_view")
    engine.command("drop table taken")


@pytest.fixture
def stored(engine):
    return lambda: engine.query("select a, b from taken order by a").result_rows


def test_pieces_follow_one_another(connection, stored):
    assert insert(connection, "insert into taken (a)", "CSV", [b"1\n2", b"2\n", b"3\n"]) == 3
    assert stored() == [(1, "none"), (3, "none"), (22, "none")]


def test_settings_may_be_in_the_statement(connection, stored):
    sql = "insert into taken (a, b) settings max_block_size = 10 "
    assert insert(connection, sql, "JSONEachRow", [b'{"a": 1, "b": "x"}']) == 1
    assert stored() == [(1, "x")]


def test_no_data_are_no_rows(connection, stored):
    assert insert(connection, "insert into taken (a)", "Native", []) == 0
    assert stored() == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"not a number", "INCORRECT_DATA"),
        (b"1\n5000\n", "VIOLATED_CONSTRAINT"),
        (b"13\n", "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
    ],
)
def test_what_was_not_stored_is_an_error(connection, data, why):
    with pytest.raises(RuntimeError, match=why):
        insert(connection, "insert into taken (a)", "CSV", [data])
    # The connection is good for the next one.
    assert insert(connection, "insert into taken (a)", "CSV", [b"1\n"]) == 1
