import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otel_ai_feedback.serve.engine import EngineInsert
from otel_ai_feedback.serve.native import (
    Arrays,
    EncodedMap,
    Maps,
    Numbers,
    Offsets,
    Strings,
    block,
    name,
    string,
    varint,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ROW = st.tuples(
    TEXT,
    TEXT,
    st.integers(-(2**63), 2**63 - 1),
    st.dictionaries(TEXT, TEXT, max_size=4),
    st.lists(TEXT, max_size=4),
)


@pytest.fixture(scope="module")
def insert(engine, settings):
    engine.command(
        "create or replace table native (s String, l LowCardinality(String), i Int64, "
        "m Map(LowCardinality(String), String), a Array(String)) engine = Memory"
    )
    path = settings.store.removeprefix("chdb://")
    inserting = EngineInsert(path, "ai_feedback.native", ["s", "l", "i", "m", "a"])
    yield inserting
    inserting.close()
    engine.command("drop table native")


def _block(rows):
    texts, names, numbers, maps = Strings(), Strings(), Numbers("Int64", "q"), Maps()
    elements = Strings()
    offsets = Offsets()
    arrays = Arrays(elements, offsets)
    for text, low, number, pairs, items in rows:
        texts.add(string(text))
        names.add(name(low))
        numbers.add(number)
        maps.add(EncodedMap([*map(name, pairs)], [*map(string, pairs.values())]))
        for item in items:
            elements.add(string(item))
        offsets.close_row(len(items))
    columns = [("s", texts), ("l", names), ("i", numbers), ("m", maps), ("a", arrays)]
    return block(columns, len(rows))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(st.lists(ROW, min_size=1, max_size=6), min_size=1, max_size=3))
def test_the_engine_reads_back_what_was_written(engine, insert, blocks):
    engine.command("truncate table native")
    insert([_block(rows) for rows in blocks])
    stored = engine.query("select * from native").result_rows
    sent = [row for rows in blocks for row in rows]
    assert sorted(map(repr, stored)) == sorted(map(repr, sent))


def test_a_length_of_more_than_one_byte(engine, insert):
    engine.command("truncate table native")
    long = "ü" * 70_000
    insert([_block([(long, long, 1, {long: long}, [long])])])
    assert engine.query("select * from native").result_rows == [
        (long, long, 1, {long: long}, [long])
    ]


@pytest.mark.parametrize(("number", "data"), [(0, b"\0"), (127, b"\x7f"), (300, b"\xac\x02")])
def test_varint(number, data):
    assert varint(number) == data
