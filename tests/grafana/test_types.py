"""A column of an aggregate's own type arrives in Grafana as JSON that it cannot read."""

import pytest

from otel_ai_feedback.alerts.macros import expand, without_comments
from otel_ai_feedback.store.statements import statement

from .corpus import READ
from .test_chart_queries import NAMES, WINDOW, chosen

# Arrays, maps and tuples arrive, but what a cell or a tooltip would show of them is for nobody.
ODD = ("AggregateFunction", "Object", "Dynamic", "Array", "Map", "Tuple")


@pytest.mark.timeout(600)
def test_every_column_has_a_plain_type(engine):
    odd = []
    for name in NAMES:
        sql = without_comments(expand(statement(name).text, WINDOW, chosen({READ: "a-b"})))
        described = engine.query(f"describe ({sql.rstrip().rstrip(';')})").result_rows
        odd += [
            f"{name}: {column} is {kind}"
            for column, kind, *_ in described
            if any(odd_kind in kind for odd_kind in ODD)
        ]
    assert odd == []
