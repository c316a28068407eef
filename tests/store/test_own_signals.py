"""A signal is added in one place, and is then everywhere: rates, drift, outages, charts, docs."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from runpy import run_path

import pytest
from parts import count
from raw_rows import SECOND, T0, action_span, insert, llm_span

from otel_ai_feedback import signals, store
from otel_ai_feedback.grafana.charts import definitions
from otel_ai_feedback.grafana.dashboards.drift import BOARD as DRIFT
from otel_ai_feedback.grafana.dashboards.signals import BOARD as SIGNALS
from otel_ai_feedback.triage import fix_check

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def exported(clean, settings):
    """A store and a process that know a signal of the team's own."""
    own = signals.parse({"exported": {"direction": "high", "exposure": "control"}})
    store.migrate(clean, replace(settings, signals=own))
    signals.add(own)
    yield clean
    signals.add(())
    store.migrate(clean, settings)


def of_signal(client, source):
    whole = " and segment_kind = 'all'" if source.startswith("series_counts") else ""
    asked = f"select k, n from {source} where series = 'exported'{whole}"
    return client.query(asked).result_rows


@pytest.mark.slow
def test_a_signal_of_ones_own_is_counted_like_the_others(exported):
    rows = [llm_span(name) for name in "abcd"]
    rows += [action_span("seen", name, at=3) for name in "abc"]
    rows += [action_span("exported", "a", at=9), action_span("exported", "d", at=9)]
    insert(exported, rows)
    later = START + timedelta(days=2)
    count(exported, later)
    # as of a control: of the answers that the script saw
    days = "since = '2025-11-01', until = '2025-12-01'"
    at = f"as_of = '{later:%Y-%m-%d %H:%M:%S}.000'"
    for source in (
        "signal_rates", f"signal_rates_at({at})", f"series_hours_within({days})",
        f"series_counts_at({at})",
    ):  # fmt: skip
        assert of_signal(exported, source) == [(1, 3)], source


@pytest.mark.slow
def test_a_week_without_it_has_no_rate(exported):
    insert(exported, [llm_span("a"), action_span("seen", "a", at=3)])
    count(exported, START + timedelta(days=1))
    assert of_signal(exported, "signal_rates") == []


@pytest.fixture
def listed():
    """A process that knows a signal of the team's own."""
    signals.add(signals.parse({"exported": {"direction": "high", "exposure": "control"}}))
    definitions.dashboards.cache_clear()
    yield
    signals.add(())
    definitions.dashboards.cache_clear()


@pytest.mark.usefixtures("listed")
def test_a_signal_of_ones_own_can_be_chosen_wherever_signals_are():
    for board in (DRIFT, SIGNALS):
        assert "exported" in board.pick["series"]()
        variables = definitions.dashboards()[board.name]["templating"]["list"]
        (series,) = (each for each in variables if each["name"] == "series")
        assert "exported" in [option["value"] for option in series["options"]]
    assert fix_check.parse("exported").direction == "up"
    assert "| `exported` |" in run_path(str(DOCS / "make/reference.py"))["listed_signals"]()
