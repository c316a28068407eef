"""Parts that a full disk has left unreadable."""

from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from otel_ai_feedback.serve.broken_parts import BrokenParts

COUNT = "select count(), sum(x) from half_written"


@pytest.fixture
def table(engine):
    engine.command("create table half_written (x UInt64) engine = MergeTree order by x")
    for first in range(0, 500, 100):
        engine.command(f"insert into half_written select number + {first} from numbers(100)")
    engine.command("optimize table half_written final")
    yield "half_written"
    engine.command("drop table half_written sync")


def cut_short(engine, table):
    """Leave the marks of a merged part empty, as the engine does when the disk is full."""
    (part,) = engine.query(
        f"select path from system.parts where table = '{table}' and active"
    ).result_rows[0]
    (marks,) = Path(part).glob("*mrk*")
    marks.write_bytes(b"")
    engine.command("system drop mark cache")


def test_its_sources_are_back(engine, table, caplog):
    parts = BrokenParts(engine)
    cut_short(engine, table)
    with pytest.raises(DatabaseError, match="CORRUPTED_DATA"):
        engine.query(COUNT)
    parts.check()
    assert engine.query(COUNT).result_rows == [(500, sum(range(500)))]
    assert "half_written cannot be read" in caplog.text
    caplog.clear()
    parts.check()
    assert not caplog.text


def test_without_an_error_no_part_is_read(engine, table, caplog):
    parts = BrokenParts(engine)
    cut_short(engine, table)
    parts.check()
    assert not caplog.text
    with pytest.raises(DatabaseError, match="CORRUPTED_DATA"):
        engine.query(COUNT)
