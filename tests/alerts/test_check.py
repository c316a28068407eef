"""What is remembered between evaluations, and what fires: as Grafana would."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.alerts import evaluate
from otel_ai_feedback.alerts.check import Checker
from otel_ai_feedback.alerts.evaluate import Reading, RuleError, read
from otel_ai_feedback.alerts.rule import CONDITION
from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.alerts.state import TELL_AGAIN, State, advance, dumped, loaded
from otel_ai_feedback.alerts.webhook import body, fingerprint, summary

from .test_rules import HOUR, hours_of
from .worlds import MONDAY, answer, count

NOW = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
URL = "http://127.0.0.1:4318"
RULE = replace(RULES[0], for_seconds=600, more=())
BAD = Reading({"service": "chat"}, {"standard_errors": 9.0}, True)
GOOD = Reading({"service": "chat"}, {"standard_errors": 0.0}, False)


def play(rule, *steps):
    """The alerts after each ``(minute, readings)``."""
    known, said = (), []
    for minute, found in steps:
        known, alerts = advance(known, rule, found, NOW + minute * MINUTE, URL)
        said.append([(alert.status, alert.labels["alertname"], alert.is_news) for alert in alerts])
    return said


def test_a_series_fires_when_it_has_been_wrong_for_long_enough():
    firing = ("firing", "quality-fell", True)
    again = ("firing", "quality-fell", False)
    resolved = ("resolved", "quality-fell", True)
    assert play(
        RULE, (0, [BAD]), (5, [BAD]), (10, [BAD]), (15, [BAD]), (20, [GOOD]), (25, [GOOD])
    ) == [[], [], [firing], [again], [resolved], []]
    assert play(RULE, (0, [BAD]), (5, [GOOD]), (10, [BAD]), (15, [BAD])) == [[], [], [], []]
    assert play(replace(RULE, for_seconds=0), (0, [BAD])) == [[firing]]


def test_an_alert_that_keeps_firing_is_repeated_after_hours():
    later = TELL_AGAIN / MINUTE
    rule = replace(RULE, for_seconds=0)
    news = [step[0][2] for step in play(rule, (0, [BAD]), (later - 1, [BAD]), (later, [BAD]))]
    assert news == [True, False, True]


def test_a_series_that_vanishes_resolves_itself():
    rule = replace(RULE, for_seconds=0)
    other = Reading({"service": "mail"}, {"standard_errors": 0.0}, False)
    assert play(rule, (0, [BAD, other]), (5, [other]))[1] == [("resolved", "quality-fell", True)]


@pytest.mark.parametrize(
    ("means", "alertname"),
    [("OK", None), ("KeepLast", None), ("Alerting", "quality-fell"),
     ("NoData", "DatasourceNoData")],
)  # fmt: skip
def test_what_no_data_means(means, alertname):
    rule = replace(RULE, for_seconds=0, no_data=means)
    found = play(rule, (0, []))[0]
    assert [alert[1] for alert in found] == ([alertname] if alertname else [])
    if means == "KeepLast":
        kept = play(rule, (0, [BAD]), (5, []))[1]
        assert kept == [("firing", "quality-fell", False)]


def test_what_an_error_means():
    rule = replace(RULE, for_seconds=0)
    assert play(rule, (0, "it is broken"))[0] == [("firing", "DatasourceError", True)]
    assert play(replace(rule, on_error="OK"), (0, "it is broken"))[0] == []


series = st.builds(
    Reading,
    st.fixed_dictionaries({"service": st.text(max_size=3)}),
    st.fixed_dictionaries({"standard_errors": st.floats(0, 9)}),
    st.booleans(),
)


@given(
    st.lists(
        st.tuples(st.integers(1, 400), st.lists(series, unique_by=lambda r: r.labels["service"]))
    )
)
def test_whatever_happens_the_memory_is_what_is_wrong_and_survives_a_file(steps):
    known, now = (), NOW
    for minutes, found in steps:
        now += minutes * MINUTE
        known, alerts = advance(known, replace(RULE, no_data="OK"), found, now, URL)
        assert {s.labels["service"] for s in known} == {
            r.labels["service"] for r in found if r.breached
        }
        for alert in alerts:
            assert alert.starts_at <= now
            assert (alert.ends_at is not None) == (alert.status == "resolved")
        assert loaded(dumped(State({RULE.name: now}, {RULE.name: known}))) == State(
            {RULE.name: now}, {RULE.name: known} if known else {}
        )


@given(st.text() | st.sampled_from(["{}", "[]", '{"evaluated": 1}', "null"]))
def test_a_broken_file_is_refused_with_a_reason(text):
    with pytest.raises(ValueError, match="not a state of alerts"):
        loaded(text)


def test_a_rule_must_return_one_number_and_texts(engine, monkeypatch):
    for sql, said in [
        ("select 1 as value", "value is 1"),
        ("select 'a' as service", "value is None"),
        ("select 1.5 as value, 3 as n", "n is 3"),
        ("select nan as value", "value is nan"),
        ("select toFloat64(number) as value from numbers(2)", "same labels"),
        ("select nothing", "UNKNOWN_IDENTIFIER"),
    ]:
        monkeypatch.setattr("otel_ai_feedback.alerts.rule.Rule.sql", sql)
        with pytest.raises(RuleError, match=said):
            read(engine, RULE, NOW)


@pytest.mark.slow
def test_a_message_is_one_of_grafanas(clean, tmp_path):
    count(clean, hours_of(20 * 24))
    checker = Checker(clean, RULES, tmp_path / "alerts.json", URL)
    end = MONDAY + 20 * 24 * HOUR
    answer(clean, end + 12 * HOUR, "loop_traffic_kept")
    assert "pipeline-silent" not in {a.rule for a in checker.run(end + 12 * HOUR)}
    alerts = checker.run(end + 12 * HOUR + 10 * MINUTE)
    message = json.loads(json.dumps(body(alerts, URL)))
    (alert,) = [a for a in message["alerts"] if a["labels"]["alertname"] == "pipeline-silent"]
    assert message["status"] == "firing"
    assert alert["labels"] == {
        "alertname": "pipeline-silent", "environment": "production", "feature": "support",
        "grafana_folder": "AI feedback", "owner": "platform", "service": "chat",
        "severity": "critical",
    }  # fmt: skip
    assert alert["startsAt"] == "2026-03-22T12:10:00.000Z"
    assert alert["endsAt"] == "0001-01-01T00:00:00Z"
    assert alert["annotations"]["summary"] == (
        "chat (production, support) sends less than a tenth of its usual answers"
    )
    assert alert["annotations"]["runbook_url"].endswith("/runbooks/pipeline-silent")
    assert alert["annotations"]["rows_url"].endswith("/outputs?group=chat%2Fproduction%2Fsupport")
    assert alert["panelURL"] == "http://127.0.0.1:4318/charts/pipeline#answers-by-hour"
    count(clean, hours_of(6, first=end + 12 * HOUR))
    answer(clean, end + 18 * HOUR, "loop_traffic_kept")
    ended = checker.run(end + 18 * HOUR)
    (alert,) = [a for a in ended if a.rule == "pipeline-silent"]
    assert alert.status == "resolved"
    assert all(a.rule != "pipeline-silent" for a in checker.run(end + 18 * HOUR))


def test_only_what_is_due_is_evaluated(clean, tmp_path):
    checker = Checker(clean, RULES, tmp_path / "alerts.json", URL)

    def evaluated_at(now):
        checker.run(now, due_only=True)
        state = loaded((tmp_path / "alerts.json").read_text())
        return {name for name, at in state.evaluated.items() if at == now}

    assert evaluated_at(NOW) == {rule.name for rule in RULES}
    assert evaluated_at(NOW + MINUTE) == set()
    quick = {rule.name for rule in RULES if rule.every == 300}
    assert evaluated_at(NOW + 5 * MINUTE) == quick


def test_rules_that_are_left_when_it_is_to_stop_are_due_at_the_next_turn(clean, tmp_path):
    checker = Checker(clean, RULES, tmp_path / "alerts.json", URL)
    left = iter([False, False, True])
    checker.run(NOW, due_only=True, stop=lambda: next(left))
    first = loaded((tmp_path / "alerts.json").read_text())
    assert list(first.evaluated) == [rule.name for rule in RULES[:2]]
    assert first.is_due(RULES[2], NOW)
    assert not first.is_due(RULES[1], NOW)


def test_a_broken_file_of_states_is_begun_again(clean, tmp_path, caplog):
    file = tmp_path / "alerts.json"
    file.write_text("{")
    Checker(clean, RULES, file, URL).run(NOW)
    assert "starting with an empty state" in caplog.text
    assert loaded(file.read_text()).evaluated


def test_a_sentence_has_no_gaps_and_names_the_signal_and_how_much_it_moved():
    rule = next(rule for rule in RULES if rule.name == "signal-drift")
    labels = {"service": "chat", "environment": "", "feature": "chat", "series": "reasked"}
    values = {
        "times_threshold": 1.23456, "points": 7.1, "expected_percent": 12.0, "days": 3.0,
        "answers": 2000,
    }  # fmt: skip
    assert summary(rule, labels | {"segment_kind": "all", "segment": ""}, values) == (
        "asked again of chat (chat) moved by 7.1 points from 12% within 3 days "
        "(2\u202f000 answers on the last)"
    )
    assert "(chat) model finch moved by" in summary(
        rule, labels | {"segment_kind": "model", "segment": "finch"}, values
    )


def test_further_numbers_are_asked_while_something_is_wrong(clean, monkeypatch):
    rule = next(rule for rule in RULES if rule.more)
    asked = []

    def series(client, rule, sql, at):
        asked.append(sql)
        return [({"feature": "chat"}, 9.0 if len(asked) > 1 else 0.0)]

    monkeypatch.setattr(evaluate, "_series", series)
    now = datetime(2025, 12, 1, tzinfo=timezone.utc)
    assert not evaluate.read(clean, rule, now)[0].breached
    assert asked == [rule.sql]
    assert set(evaluate.read(clean, rule, now)[0].values) == set(rule.quantities)


def test_fingerprints_are_those_of_prometheus():
    # model.LabelSet{}.Fingerprint(), and one with a label, of prometheus/common
    assert fingerprint({}) == "cbf29ce484222325"
    assert fingerprint({"a": "1"}) != fingerprint({"a": "2"})


def test_every_rule_says_what_it_must():
    for rule in RULES:
        assert rule.severity in ("critical", "warning", "info")
        assert rule.owner
        assert rule.why
        assert rule.why_no_data
        assert rule.false_alarms[0].isdigit()
        assert "$__toTime_ms" in rule.sql
        said = any(f"{{{name}}}" in rule.summary for name in rule.quantities)
        assert said or rule.quantity == CONDITION
    assert len({rule.name for rule in RULES}) == len(RULES)
