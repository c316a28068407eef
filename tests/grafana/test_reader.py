"""The read-only user of serve's ClickHouse endpoint can ask whatever Grafana asks."""

from datetime import datetime, timedelta, timezone

import pytest

from otel_ai_feedback.alerts.macros import ALL, Window, expand
from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.store.statements import paths, statement

NAMES = [path for path in paths() if path.startswith("grafana/")]
END = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
WINDOW = Window(END - timedelta(days=7), END, 3600)


@pytest.fixture(scope="module")
def nothing(engine, wiped):
    """An empty store: what may be asked does not depend on what is there."""
    wiped(engine)


@pytest.mark.parametrize("name", NAMES)
def test_the_reader_may_ask(nothing, web, password, name):
    chosen = {"service": ["it's", "b"], "environment": ["a"], "feature": ALL, "model": ["b"],
              "release": ALL, "series": "copied", "output_id": "a-b"}  # fmt: skip
    chosen |= dict.fromkeys(("signal", "day", "class", "conversation"), "")
    chosen |= {"by": "release", "arm_a": "(previous)", "arm_b": "(newest)"}
    sql = expand(statement(name).text, WINDOW, chosen)
    _may_ask(web, password, sql)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_reader_may_ask_what_rules_ask(nothing, web, password, rule):
    for sql in (rule.sql, *map(rule.more_sql, rule.more)):
        _may_ask(web, password, expand(sql, WINDOW, {}))


def _may_ask(web, password, sql):
    answer = web.post("/", content=sql + " format JSONEachRow", auth=("grafana", password))
    assert answer.status_code == 200, answer.text
