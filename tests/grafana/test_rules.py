"""Each rule fires where it should and is silent where not, through the real engine."""

from datetime import datetime, timedelta

import pytest
from raw_rows import T0, action_span, insert, llm_span

from otel_ai_feedback.config import ConfigError, load
from otel_ai_feedback.grafana.evaluate import read
from otel_ai_feedback.grafana.rules import RULES, rules

from .worlds import GROUP, MONDAY, UTC, count, label

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
    fallen, steady = readings(clean, "quality-fell", at)
    assert (fallen.labels["service"], fallen.breached) == ("chat", True)
    assert fallen.values["B"] == 100
    assert (steady.labels["service"], steady.breached) == ("mail", False)


def test_quality_of_few_labels_is_compared_by_four_weeks(clean):
    weeks(clean, *[(18, 2)] * 4, *[(9, 11)] * 4)
    found = only(clean, "quality-fell", MONDAY + 58 * DAY)
    assert found.breached
    assert found.values["B"] == 80


def test_quality_without_two_numbers_is_not_judged(clean):
    weeks(clean, (20, 20))
    assert readings(clean, "quality-fell", MONDAY + 9 * DAY) == []


def test_signal_drift(clean):
    count(clean, [*days(63), *days(4, copies=480, first=MONDAY + 63 * DAY)])
    at = MONDAY + 67 * DAY + HOUR
    found = only(clean, "signal-drift", at)
    assert found.labels == {
        "service": "chat", "environment": "production", "feature": "support",
        "segment_kind": "all", "segment": "", "series": "copied",
    }  # fmt: skip
    assert found.breached
    assert found.values["B"] == 2000
    assert not only(clean, "signal-drift", at - 5 * DAY).breached


def hours_of(number, outputs=3, copies=1, first=MONDAY):
    return [(first + hour * HOUR, outputs, copies) for hour in range(number)]


def test_pipeline_silent(clean):
    count(clean, hours_of(20 * 24))
    talking = MONDAY + 20 * DAY + HOUR
    assert not only(clean, "pipeline-silent", talking).breached
    found = only(clean, "pipeline-silent", talking + 10 * HOUR)
    assert found.breached
    assert found.values["A"] >= 27


def test_a_night_is_no_silence(clean):
    awake = [hour for hour in hours_of(20 * 24, outputs=9) if 8 <= hour[0].hour < 18]
    count(clean, awake)
    night = MONDAY + 20 * DAY + 7 * HOUR
    assert not only(clean, "pipeline-silent", night).breached
    assert only(clean, "pipeline-silent", night + 9 * HOUR).breached


def test_feedback_silent(clean):
    count(clean, hours_of(10 * 24))
    count(clean, hours_of(48, copies=0, first=MONDAY + 10 * DAY), model="other")
    assert not only(clean, "feedback-silent", MONDAY + 10 * DAY + 8 * HOUR).breached
    assert only(clean, "feedback-silent", MONDAY + 12 * DAY).breached


@pytest.mark.parametrize(("linked", "fires"), [(40, True), (95, False)])
def test_link_rate_low(clean, linked, fires):
    spans = []
    for number in range(100):
        spans.append(llm_span(f"o{number}", at=60 * number, handle="response"))
        known = number < linked
        action = action_span("copy", f"o{number}" if known else "", at=60 * number + 5, value=1.0,
                             output_at=60 * number)  # fmt: skip
        if not known:
            for column in ("TraceId", "SpanId", "TraceState", "Attributes"):
                action[f"Links.{column}"] = []
            del action["SpanAttributes"]["ai_feedback.output.time"]
        spans.append(action)
    insert(clean, spans)
    at = datetime.fromtimestamp(T0 / 10**9, UTC) + 3 * HOUR
    found = only(clean, "link-rate-low", at)
    assert found.values["B"] == 100
    assert found.breached is fires
    # ten links that are missing are too few to say anything
    assert found.values["A"] == pytest.approx({40: 0.498, 95: 0.978}[linked], abs=0.002)


def test_only_environments_that_are_watched_alarm(clean):
    count(clean, hours_of(20 * 24))
    count(clean, hours_of(20 * 24), group=("chat", "staging", "support"))
    at = MONDAY + 21 * DAY
    assert [
        reading.labels["environment"] for reading in readings(clean, "pipeline-silent", at)
    ] == ["production"]


def test_thresholds_are_settings(tmp_path):
    given = {"OTEL_AI_FEEDBACK_ALERT_THRESHOLDS": "link-rate-low=.9, quality-fell=3"}
    settings = load(environ=given, directory=tmp_path)
    chosen = {rule.name: rule.threshold for rule in rules(settings.alert_thresholds)}
    assert (chosen["link-rate-low"], chosen["quality-fell"]) == (0.9, 3)
    assert chosen["signal-drift"] == BY_NAME["signal-drift"].threshold
    with pytest.raises(ConfigError, match="no rule 'link-rate'"):
        rules({"link-rate": 1})


@pytest.mark.parametrize("wrong", ["link-rate-low", "link-rate-low=low", "a=nan", "a=1=2"])
def test_wrong_thresholds_are_named(wrong, tmp_path):
    with pytest.raises(ConfigError, match="must be rules and numbers"):
        load(environ={"OTEL_AI_FEEDBACK_ALERT_THRESHOLDS": wrong}, directory=tmp_path)
