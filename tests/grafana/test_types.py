"""A column of an aggregate's own type arrives in Grafana as JSON that it cannot read."""

import pytest

from otel_ai_feedback.alerts.macros import expand, without_comments
from otel_ai_feedback.store.statements import statement

from .corpus import READ
from .test_chart_queries import NAMES, WINDOW, chosen


@pytest.mark.timeout(600)
def test_every_column_has_a_plain_type(engine):
    odd = []
    for name in NAMES:
        sql = without_comments(expand(statement(name).text, WINDOW, chosen({READ: "a-b"})))
        described = engine.query(f"describe ({sql.rstrip().rstrip(';')})").result_rows
        odd += [
            f"{name}: {column} is {kind}"
            for column, kind, *_ in described
            if "AggregateFunction" in kind or "Object" in kind or "Dynamic" in kind
        ]
    assert odd == []
