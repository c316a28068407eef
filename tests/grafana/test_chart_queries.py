"""Every query of every panel, variable, annotation and rule, over 28 days on the real engine."""

from datetime import timedelta

import pytest

from otel_ai_feedback.alerts.evaluate import read
from otel_ai_feedback.alerts.macros import ALL, Window, expand, without_comments
from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.compare.arms import Arms
from otel_ai_feedback.compare.comparison import Question, compare
from otel_ai_feedback.grafana.dashboards import BOARDS
from otel_ai_feedback.store.statements import paths, statement

from .corpus import END, READ

# The first test waits for the replay, which a busy machine takes minutes for.
pytestmark = pytest.mark.timeout(1200)

WINDOW = Window(END - timedelta(days=28), END, 3600)
EVERYTHING = dict.fromkeys(("service", "environment", "feature", "model", "release"), ALL)
PANELS = [(board.name, panel) for board in BOARDS for panel in board.panels]
CENTRES = ("difference", "rate", "quality", "p_good", "share", "agreement", "acknowledged_in_time")
NAMES = [path for path in paths() if path.startswith("grafana/")]


def chosen(outputs, **more):
    texts = dict.fromkeys(("signal", "day", "class", "conversation"), "")
    arms = {"by": "release", "arm_a": "(previous)", "arm_b": "(newest)"}
    return EVERYTHING | texts | arms | {"series": "copied", "output_id": outputs[READ]} | more


def ask(engine, sql, variables):
    return list(engine.query(expand(sql, WINDOW, variables)).named_results())


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=lambda part: getattr(part, "title", part))
def test_every_panel_has_rows_with_n(engine, outputs, board, panel):
    rows = ask(engine, statement(f"grafana/panels/{panel.sql}").text, chosen(outputs))
    assert rows
    if panel.kind in ("lines", "bars", "heatmap"):
        assert "time" in rows[0]
        assert sum(isinstance(value, str) for value in rows[0].values()) <= 1
        times = [row["time"] for row in rows]
        assert times == sorted(times)
    if panel.kind != "heatmap" and panel.sql != "output/outputs":
        assert "n" in rows[0]
        assert all(row["n"] is not None for row in rows)
    for column in panel.units:
        assert column in rows[0], column
    for row in rows:
        if row.get("low") is not None:
            centre = next(row[name] for name in CENTRES if name in row)
            assert row["low"] <= centre + 1e-9
            assert centre <= row["high"] + 1e-9
    if panel.link and panel.kind == "table":
        assert "output_id" in rows[0]


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=lambda part: getattr(part, "title", part))
def test_what_is_not_chosen_is_not_there(engine, outputs, board, panel):
    nothing = chosen(
        outputs, service=["no such"], environment=["no"], feature=["no"], output_id="a-b"
    )
    sql = statement(f"grafana/panels/{panel.sql}").text
    if "$service" in sql or "output_id:" in sql:
        # what is about the whole store is there whatever is chosen
        assert [row for row in ask(engine, sql, nothing) if row.get("service") != ""] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_series(engine, outputs, rule):
    assert read(engine, rule, END)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("grafana/variables/")])
def test_variables_have_values(engine, outputs, name):
    rows = ask(engine, statement(name).text, chosen(outputs))
    assert rows
    assert all(isinstance(value, str) for row in rows for value in row.values())


def test_the_dashboard_compares_as_the_command_does(engine, outputs):
    rows = ask(engine, statement("grafana/panels/compare/differences").text, chosen(outputs))
    question = Question(
        Arms(service="chat", by="release", a="1", b="2"),
        since=WINDOW.start.date(), until=WINDOW.end.date(), as_of=END,
    )  # fmt: skip

    def asks(path, **known):
        return list(engine.query(statement(path).text, known).named_results())

    # the past of these users is in one arm only, so nothing is adjusted for it
    answer = {one.measure.name: one for one in compare(asks, question).measures}
    compared = [row for row in rows if row["signal"] in answer]
    assert len(compared) > 5
    assert {(row["a"], row["b"]) for row in rows} == {("1", "2")}
    for row in compared:
        one = answer[row["signal"]]
        assert one.difference.past == 0
        assert (row["rate_a"], row["rate_b"]) == pytest.approx((one.a.value, one.b.value))
        assert (row["low"], row["high"]) == pytest.approx(one.fixed, abs=1e-3), row["signal"]
        assert row["matters_from"] == pytest.approx(one.judged.floor)
        assert row["better"] == ("higher" if one.measure.higher_is_better else "lower")


@pytest.mark.parametrize(
    ("choice", "pairs"),
    [
        ({"arm_a": "2", "arm_b": "1"}, {("2", "1")}),
        ({"arm_b": "1"}, set()),  # nothing was there before
        ({"by": "model"}, {("large", "small"), ("small", "large")}),
        ({"by": "prompt_version"}, {("p1", "p2")}),
        ({"by": "prompt_name"}, set()),
    ],
)
def test_arms_are_what_is_chosen_or_the_newest_and_the_one_before(engine, outputs, choice, pairs):
    sql = statement("grafana/panels/compare/differences").text
    rows = ask(engine, sql, chosen(outputs, **choice))
    found = {(row["a"], row["b"]) for row in rows}
    assert found <= pairs
    assert bool(found) == bool(pairs)


def test_changes_are_annotations(engine, outputs):
    rows = ask(engine, statement("grafana/annotations/changes").text, chosen(outputs))
    assert {"release 2", "prompt version p2"} <= {row["text"] for row in rows}
    columns = ["service", "environment", "feature", "series", "from_day", "reason", "author",
               "accepted_at"]  # fmt: skip
    engine.insert(
        "accepted_baselines",
        [["chat", "production", "chat", "copied", END.date() - timedelta(days=5), "shorter", "Ana",
          END]],
        column_names=columns,
    )  # fmt: skip
    try:
        (row,) = ask(
            engine, statement("grafana/annotations/accepted-baselines").text, chosen(outputs)
        )
    finally:
        engine.command("truncate table accepted_baselines")
    assert row["text"] == "new baseline of copied accepted by Ana: shorter"


def test_a_link_opens_exactly_the_outputs_behind_a_point(engine, outputs):
    points = ask(engine, statement("grafana/panels/overview/signals").text, chosen(outputs))
    days = sorted({point["time"] for point in points})[::2]
    series = ("copied", "rejected", "failed", "closed_fast", "edited_heavily")
    asked = set()
    for point in points:
        # They take turns: a point of every other day, and several days of every series.
        at = point["time"]
        if at in days and point["series"] == series[days.index(at) % len(series)]:
            asked.add(point["series"])
            day = str(round(at.timestamp() * 1000))
            rows = ask(
                engine,
                statement("grafana/panels/output/outputs").text,
                chosen(outputs, day=day, signal=point["series"]),
            )
            assert len(rows) == round(point["rate"] * point["n"]), point
    assert asked == set(series)


def test_every_statement_is_used_and_says_what_it_asks():
    used = {f"panels/{panel.sql}" for _, panel in PANELS}
    used |= {f"variables/{name}" for board in BOARDS for name in (*board.variables, *board.single)}
    used |= {"annotations/changes", "annotations/accepted-baselines"}
    assert set(NAMES) == {f"grafana/{name}" for name in used}
    for name in NAMES:
        assert statement(name).question.endswith(("?", "group.", "signal.", "all.", "yes.")), name
        assert ";" not in without_comments(statement(name).text)


def test_every_statement_of_a_rule_is_used_and_says_what_it_asks():
    used = {rule.name: rule.sql for rule in RULES}
    for rule in RULES:
        used |= {f"{rule.name}.{last}": rule.more_sql(last) for last in rule.more}
    assert {path for path in paths() if path.startswith("alerts/")} == {
        f"alerts/{name}" for name in used
    }
    for name, sql in used.items():
        first = sql.partition("\n")[0].removeprefix("--").strip()
        assert first.endswith(("?", "group.", "signal.", "all.", "yes.")), name
        assert ";" not in without_comments(sql)
