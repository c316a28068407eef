"""How the tables of the embedded engine are merged."""

import pytest

from otel_ai_feedback import store
from otel_ai_feedback.serve.merging import merge_more_at_once

TABLES = ("otel_traces", "output_state", "span_traits")


def set_for(client):
    rows = client.query(
        "select name from system.tables where database = currentDatabase() "
        "and engine_full like '%merge_selector_base = 12%' order by name"
    ).result_rows
    return tuple(name for (name,) in rows)


@pytest.fixture
def untouched(engine):
    def reset():
        for table in set_for(engine):
            engine.command(f"alter table {table} reset setting merge_selector_base")

    reset()
    yield engine
    reset()


def test_the_tables_that_take_every_span_are_merged_less_often(untouched):
    assert set_for(untouched) == ()
    merge_more_at_once(untouched)
    assert set_for(untouched) == TABLES
    merge_more_at_once(untouched)
    assert set_for(untouched) == TABLES


def test_where_it_cannot_be_set_everything_goes_on(untouched, settings, caplog):
    client = store.connect(settings.store, read_only=True)
    merge_more_at_once(client)
    client.close()
    assert set_for(untouched) == ()
    assert "the merge settings stay unchanged" in caplog.text
