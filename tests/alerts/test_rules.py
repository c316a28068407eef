"""Each rule fires where it should and is silent where not, through the real engine."""

import re
from datetime import timedelta

import pytest

from otel_ai_feedback.alerts.evaluate import read
from otel_ai_feedback.alerts.rules import RULES, rules
from otel_ai_feedback.config import ConfigError, load
from otel_ai_feedback.store.statements import statement

from .worlds import GROUP, MONDAY, answer, count, judge, label

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BY_NAME = {rule.name: rule for rule in RULES}


def readings(client, name, at):
    """The rule's series, which must all be of one shape."""
    found = read(client, BY_NAME[name], at)
    assert len({tuple(reading.labels) for reading in found}) <= 1
    return found


def only(client, name, at):
    (found,) = [
        reading
        for reading in readings(client, name, at)
        if reading.labels.get("segment_kind", "all") == "all"
        and reading.labels.get("series", "copied") == "copied"
    ]
    return found


def days(number, outputs=2000, copies=600, first=MONDAY):
    return [(first + day * DAY + 12 * HOUR, outputs, copies) for day in range(number)]


def weeks(client, *labels, group=GROUP):
    for number, (good, bad) in enumerate(labels):
        label(client, MONDAY + 7 * number * DAY, good, bad, group=group)


def test_quality_fell(clean):
    weeks(clean, *[(90, 10)] * 4, (60, 40))
    weeks(clean, *[(90, 10)] * 5, group=("mail", "production", "reply"))
    at = MONDAY + 37 * DAY
    judge(clean, at)
    fallen, steady = readings(clean, "quality-fell", at)
    assert (fallen.labels["service"], fallen.breached) == ("chat", True)
    assert fallen.values["reviews"] == 100
    assert (steady.labels["service"], steady.breached) == ("mail", False)


def test_quality_of_few_labels_is_compared_by_four_weeks(clean):
    weeks(clean, *[(18, 2)] * 4, *[(9, 11)] * 4)
    judge(clean, MONDAY + 58 * DAY)
    found = only(clean, "quality-fell", MONDAY + 58 * DAY)
    assert found.breached
    assert found.values["reviews"] == 80
    assert found.values["points"] > 0


def test_quality_without_two_numbers_is_not_judged(clean):
    weeks(clean, (20, 20))
    judge(clean, MONDAY + 9 * DAY)
    assert readings(clean, "quality-fell", MONDAY + 9 * DAY) == []


def test_signal_drift(clean):
    count(clean, [*days(63), *days(4, copies=480, first=MONDAY + 63 * DAY)])
    at = MONDAY + 67 * DAY + HOUR
    judge(clean, at)
    found = only(clean, "signal-drift", at)
    assert found.labels == {
        "service": "chat", "environment": "production", "feature": "support",
        "segment_kind": "all", "segment": "", "series": "copied",
    }  # fmt: skip
    assert found.breached
    assert found.values["answers"] == 2000
    # 480 of 2000 for four days, where 600 are usual
    assert found.values["points"] == pytest.approx(-6, abs=0.5)
    assert found.values["expected_percent"] == pytest.approx(30, abs=0.5)
    assert found.values["days"] == 4
    assert not only(clean, "signal-drift", at - 5 * DAY).breached


def hours_of(number, outputs=30, copies=10, first=MONDAY):
    return [(first + hour * HOUR, outputs, copies) for hour in range(number)]


def test_pipeline_silent(clean):
    count(clean, hours_of(20 * 24))
    talking = MONDAY + 20 * DAY + HOUR
    answer(clean, talking, "loop_traffic_kept")
    assert not only(clean, "pipeline-silent", talking).breached
    answer(clean, talking + 4 * HOUR, "loop_traffic_kept")
    assert only(clean, "pipeline-silent", talking + 4 * HOUR).breached


def test_feedback_silent(clean):
    hours = hours_of(10 * 24) + hours_of(12, copies=0, first=MONDAY + 10 * DAY)
    count(clean, hours, seen=False)
    talking, silent = (MONDAY + 10 * DAY + hours * HOUR for hours in (1, 12))
    answer(clean, talking, "loop_traffic_kept")
    assert not only(clean, "feedback-silent", talking).breached
    answer(clean, silent, "loop_traffic_kept")
    assert only(clean, "feedback-silent", silent).breached


def test_only_environments_that_are_watched_alert(clean):
    count(clean, days(66))
    count(clean, days(66), group=("chat", "staging", "support"))
    judge(clean, MONDAY + 67 * DAY)
    found = read(clean, BY_NAME["signal-drift"], MONDAY + 67 * DAY)
    assert {reading.labels["environment"] for reading in found} == {"production"}


GROUP_COLUMNS = "service String, environment String, feature String"
# What a view says where the rule must fire, and where it must not.
STAND_INS = {
    "outage": (
        "outages_kept_at", "series String, n UInt64, rate Float64, expected Float64, outage UInt8",
        ("copied", 90, 0.02, 0.3), (1,), (0,),
    ),
    "signal-meaning-changed": ("signal_meaning_kept_at", "p_value Float64", (), (0.0004,), (0.3,)),
    "judge-drifted": (
        "judge_audit_kept_at",
        "kind String, reason String, name String, carrier String, evaluator String, "
        "true_positive_rate Float64, true_positive_before Float64, true_negative_rate Float64, "
        "true_negative_before Float64, drifted Float64",
        ("judge", "", "tone", "gen_ai", "", 0.9, 0.91, 0.4, 0.625), (3.2,), (2.8,),
    ),
    "failure-mode": (
        "failure_mode_states_kept_at",
        "mode String, labels UInt64, is_new UInt8, is_recurring UInt8",
        ("too long", 3), (0, 1), (0, 0),
    ),
    "reviewer-disagreement": (
        "reviewer_agreement_kept_at", "kind String, reviewer String, pairs UInt64, high Float64",
        ("between", ""), (60, 0.74), (60, 0.86),
    ),
} | {
    rule.name: (part[1], "alarm String, firing UInt8", (rule.name,), (1,), (0,))
    for rule in RULES
    if (part := re.search(r"from (loop_\w+_at)", rule.sql))
}  # fmt: skip


@pytest.fixture
def stand_in(engine):
    """``stand_in(rule)`` puts a table in the place of the view that a rule asks."""
    home = engine.database
    engine.command("create database if not exists rules")
    engine.database = "rules"
    engine.command(statement("store/raw/settings").text)

    def put(rule):
        view, columns, *_ = STAND_INS[rule]
        engine.command(
            f"create or replace table rows ({GROUP_COLUMNS}, {columns}) "
            "engine = MergeTree order by tuple()"
        )
        engine.command(
            f"create or replace view {view} as "
            "select * from rows where {as_of:DateTime64(3, 'UTC')} > '2000-01-01'"
        )
        return engine

    yield put
    engine.database = home
    engine.command("drop database rules")


@pytest.mark.parametrize("rule", STAND_INS)
def test_what_a_view_says_is_what_fires(stand_in, rule):
    client = stand_in(rule)
    _, _, same, fires, silent = STAND_INS[rule]
    client.insert("rows", [["chat", "production", "a", *same, *fires],
                           ["chat", "production", "b", *same, *silent]])  # fmt: skip
    fired, quiet = readings(client, rule, MONDAY)
    assert (fired.labels["feature"], fired.breached) == ("a", True)
    assert (quiet.labels["feature"], quiet.breached) == ("b", False)


def test_a_judge_that_drifted_says_which_rate_changed_from_what(stand_in):
    client = stand_in("judge-drifted")
    *_, same, fires, _ = STAND_INS["judge-drifted"]
    client.insert("rows", [["chat", "production", "a", *same, *fires]])
    (found,) = readings(client, "judge-drifted", MONDAY)
    assert found.values == {
        "standard_errors": 3.2,
        "passed_percent": 90, "passed_percent_before": 91,
        "caught_percent": 40, "caught_percent_before": 62.5,
    }  # fmt: skip


def test_few_pairs_say_nothing_about_reviewers(stand_in):
    client = stand_in("reviewer-disagreement")
    client.insert("rows", [["chat", "production", "a", "between", "", 20, 0.5]])
    assert not readings(client, "reviewer-disagreement", MONDAY)[0].breached


def test_every_rule_is_made_to_fire():
    here = set(STAND_INS) | {"quality-fell", "signal-drift"}
    assert here == set(BY_NAME)


def test_thresholds_are_settings(tmp_path):
    given = {"OTEL_AI_FEEDBACK_ALERT_THRESHOLDS": "signal-drift=1.3, quality-fell=3"}
    settings = load(environ=given, directory=tmp_path)
    chosen = {rule.name: rule.threshold for rule in rules(settings.alert_thresholds)}
    assert (chosen["signal-drift"], chosen["quality-fell"]) == (1.3, 3)
    assert chosen["outage"] == BY_NAME["outage"].threshold
    with pytest.raises(ConfigError, match="no rule 'link-rate'"):
        rules({"link-rate": 1})


@pytest.mark.parametrize("wrong", ["link-rate-low", "link-rate-low=low", "a=nan", "a=1=2"])
def test_wrong_thresholds_are_named(wrong, tmp_path):
    with pytest.raises(ConfigError, match="must be rules and numbers"):
        load(environ={"OTEL_AI_FEEDBACK_ALERT_THRESHOLDS": wrong}, directory=tmp_path)
