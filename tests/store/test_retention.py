"""Old rows go by themselves, at the time that the settings name."""

from dataclasses import replace

import parts
import pytest
from raw_rows import SECOND, T0, action_span, event, insert, llm_span
from test_migrate import empty  # noqa: F401 - a fixture

from otel_ai_feedback import store
from otel_ai_feedback.attributes import EVENT_OUTPUT_DETAILS
from otel_ai_feedback.config import ConfigError, load


def ttl(client, table):
    engine = client.query(
        "select engine_full from system.tables where database = currentDatabase() "
        f"and name = '{table}'"
    ).result_rows[0][0]
    return engine.partition(" TTL ")[2].partition(" SETTINGS ")[0]


def count(client, table):
    return client.query(f"select count() from {table}").result_rows[0][0]


@pytest.mark.slow
def test_the_settings_become_ttls_and_are_taken_back(empty, settings):  # noqa: F811
    store.migrate(empty, settings)
    assert ttl(empty, "otel_traces") == ttl(empty, "output_state") == ""
    kept = replace(settings, retention_raw_days=30, retention_derived_months=13)
    for _ in range(2):
        store.migrate(empty, kept)
        assert ttl(empty, "otel_logs") == "toDateTime(Timestamp) + toIntervalDay(30)"
        assert ttl(empty, "output_state") == "output_day + toIntervalMonth(13)"
    store.migrate(empty, settings)
    assert ttl(empty, "otel_traces") == "toDateTime(Timestamp) + toIntervalDay(30)"
    store.migrate(empty, replace(settings, retention_raw_days=0, retention_derived_months=0))
    assert ttl(empty, "otel_traces") == ttl(empty, "action_state") == ""


def test_raw_rows_go_and_what_follows_from_them_stays(empty, settings):  # noqa: F811
    store.migrate(empty, replace(settings, retention_raw_days=8))
    age = (empty.query("select toUnixTimestamp(now())").result_rows[0][0]) - T0 // SECOND
    old, new = age - 20 * 86_400, age - 2 * 86_400
    for name, at in (("old", old), ("new", new)):
        insert(
            empty,
            [
                llm_span(name, at=at),
                action_span("seen", name, at=at + 3, output_at=at),
                event(EVENT_OUTPUT_DETAILS, name, at=at),
            ],
        )
    parts.count(empty)
    rates = empty.query("select day, series, k, n from signal_rates order by all").result_rows
    for table in ("otel_traces", "otel_logs", "output_state"):
        empty.command(f"optimize table {table} final")
    assert (count(empty, "otel_traces"), count(empty, "otel_logs")) == (2, 1)
    assert count(empty, "outputs") == 2

    store.migrate(empty, replace(settings, retention_derived_months=1))
    insert(empty, [llm_span("older", at=age - 90 * 86_400)])
    parts.count(empty)
    empty.command("optimize table output_state final")
    assert count(empty, "outputs") == 2
    # what has expired is not counted again as less
    parts.count(empty)
    after = empty.query("select day, series, k, n from signal_rates order by all").result_rows
    assert set(rates) <= set(after)


@pytest.mark.parametrize("days", ["1", "7", "-3", "ten", "1.5"])
def test_spans_must_outlive_the_freeze(tmp_path, days):
    with pytest.raises(ConfigError, match="RETENTION_RAW_DAYS"):
        load(environ={"OTEL_AI_FEEDBACK_RETENTION_RAW_DAYS": days}, directory=tmp_path)


def test_too_short_is_refused_with_the_reason(tmp_path):
    with pytest.raises(ConfigError, match=r"'7' is shorter than the 8 days.*give at least 8"):
        load(environ={"OTEL_AI_FEEDBACK_RETENTION_RAW_DAYS": "7"}, directory=tmp_path)
    kept = load(environ={"OTEL_AI_FEEDBACK_RETENTION_RAW_DAYS": "8"}, directory=tmp_path)
    assert kept.retention_raw_days == 8
