"""History can be asked, and a day is a day in one time zone."""

from dataclasses import replace

import pytest
from parts import count
from raw_rows import SECOND, T0, action_span, insert, llm_span

from otel_ai_feedback import store


def at(client, view, seconds, columns="*"):
    then = f"fromUnixTimestamp64Milli({T0 // 10**6 + round(seconds * 1000)}, 'UTC')"
    return client.query(f"select {columns} from {view}(as_of = {then})").result_rows


@pytest.mark.slow
def test_an_output_as_it_was_known_then(clean):
    insert(
        clean,
        [
            llm_span("a", seconds=2),
            action_span("seen", "a", at=4),
            action_span("copy", "a", at=60, value=1),
            action_span("reask", "a", at=120),
        ],
    )
    assert at(clean, "outputs_at", -1) == []
    columns = "class, matured, seen, delivered_by"
    assert at(clean, "outputs_at", 10, columns) == [("none", 0, 1, "seen")]
    assert at(clean, "outputs_at", 60, columns) == [("used", 0, 1, "seen")]
    assert at(clean, "outputs_at", 120, columns) == [("used_reask", 0, 1, "seen")]
    assert at(clean, "outputs_at", 1801.999, columns) == [("used_reask", 0, 1, "seen")]
    assert at(clean, "outputs_at", 1802, columns) == [("used_reask", 1, 1, "seen")]
    assert at(clean, "actions_at", 60, "count()") == [(2,)]
    assert at(clean, "signal_rates_at", 1801, "count()") == [(0,)]
    assert at(clean, "signal_rates_at", 1802, "count()") == [(3,)]


def test_what_arrived_late_matures_late(clean):
    row = llm_span("a", resource={"ai_feedback.backfill": None})
    insert(clean, [row])
    assert clean.query(
        "select matured, matured_at - arrived_at between 1799 and 1801, class from outputs"
    ).result_rows == [(0, 1, "none")]
    assert clean.query("select count() from signal_rates").result_rows == [(0,)]


@pytest.fixture
def in_tokyo(clean, settings):
    store.migrate(clean, replace(settings, timezone="Asia/Tokyo"))
    yield clean
    store.migrate(clean, settings)


def test_days_are_those_of_the_configured_zone(in_tokyo):
    insert(
        in_tokyo,
        [llm_span("a", at=8 * 3600), action_span("copy", "a", at=8 * 3600 + 5, output_at=8 * 3600)],
    )
    count(in_tokyo)
    assert T0 // SECOND % 86_400 == 8 * 3600  # 16:00 UTC is 01:00 of the next day in Tokyo
    for view in ("outputs", "actions", "signal_rates"):
        days = in_tokyo.query(f"select distinct toString(day) from {view}").result_rows
        assert days == [("2025-11-18",)]
    assert in_tokyo.query("select toString(time) from outputs").result_rows == [
        ("2025-11-17 16:00:00.000",)
    ]
