from datetime import date, datetime, timedelta, timezone

import pytest

from otel_ai_feedback.pages.filters import Group
from otel_ai_feedback.pages.standing import standings

TODAY = date(2026, 11, 30)
CHAT = Group("shop", "production", "chat")
SCOPE = {"service": "shop", "environment": "production", "feature": "chat"}
SCORE = SCOPE | {
    "window_end": TODAY, "labels": 150, "reason": "", "quality": 0.86, "low": 0.82, "high": 0.9,
    "thumbs_up": 40, "thumbs_down": 60, "thumbs_rate": 0.4,
}  # fmt: skip
NO_SCORE = SCORE | {"labels": 20, "reason": "too few", "quality": None, "low": None, "high": None}
REASKED = SCOPE | {
    "series": "reasked", "direction": "rose", "mode": "day", "is_judged": 1,
    "first_day": date(2026, 11, 1), "since": date(2026, 11, 25), "rate": 0.2, "expected": 0.08,
    "answers": 900,
}  # fmt: skip
COPIED = REASKED | {"series": "copied", "direction": ""}
INCIDENT = SCOPE | {
    "incident_id": "i1", "rule": "signal-drift", "series": "reasked", "direction": "rose",
    "segment_kind": "all", "segment": "", "state": "acknowledged", "open": True, "owner": "Ana",
    "due_at": datetime(2026, 12, 1, 12, tzinfo=timezone.utc), "overdue": False,
    "opened_at": datetime(2026, 11, 27, tzinfo=timezone.utc),
    "resolved_at": None, "cause": "", "outcome": "",
}  # fmt: skip
FIXED = INCIDENT | {
    "state": "resolved", "open": False, "outcome": "confirmed", "cause": "prompt",
    "resolved_at": datetime(2026, 11, 26, tzinfo=timezone.utc),
}  # fmt: skip
RELEASE = SCOPE | {
    "time": datetime(2026, 11, 24, 9, tzinfo=timezone.utc),
    "kind": "release",
    "text": "release 1.4",
}


HOUR = SCOPE | {
    "series": "copied", "hour": datetime(2026, 11, 30, 9, tzinfo=timezone.utc),
    "k": 2, "n": 40, "rate": 0.05, "expected": 0.3, "z": -4.1, "direction": "fell",
    "compared_with": "the 7 days before", "why_not_judged": "",
}  # fmt: skip
YOUNG_HOUR = HOUR | {
    "z": None, "direction": "", "compared_with": "",
    "why_not_judged": "Not judged yet: needs 5 more hours",
}  # fmt: skip


def standing(quality=(), signals=(), incidents=(), reviews=(), changes=(), hours=()):
    (one,) = standings([CHAT], TODAY, quality, signals, incidents, reviews, changes, hours)
    return one


def test_a_feature_has_one_sentence():
    said = standing([SCORE], [COPIED, REASKED], [INCIDENT], changes=[RELEASE]).sentence
    assert said == (
        "86% good (82% to 90%); asked again rose since 25 Nov, after release 1.4; "
        "1 open incident, Ana"
    )


def test_a_feature_without_changes_has_its_sentence_too():
    one = standing([SCORE], [COPIED])
    assert one.sentence == "86% good (82% to 90%); no signal changed; no open incident"
    assert one.tone == "same"
    assert one.missing == []


def test_quality_is_compared_with_the_four_weeks_before():
    before = SCORE | {"window_end": TODAY - timedelta(28), "quality": 0.9}
    between = SCORE | {"window_end": TODAY - timedelta(7), "quality": 0.99}
    one = standing([SCORE, between, before])
    assert one.sentence.startswith("86% good (82% to 90%), down 4 points in four weeks;")


@pytest.mark.parametrize(("reviews", "missing"), [(20, "30 more reviews"), (49, "1 more review")])
def test_what_is_missing_for_a_score_is_counted(reviews, missing):
    one = standing([NO_SCORE | {"labels": reviews}], [COPIED])
    assert one.sentence.startswith("no quality score yet;")
    assert one.missing == [f"{missing} for a quality score"]


def test_a_young_feature_says_when_it_can_be_judged():
    young = COPIED | {"is_judged": 0, "first_day": TODAY - timedelta(5)}
    one = standing(signals=[young])
    assert "signals not judged yet" in one.sentence
    assert "10 more days of answers until its signals can be judged" in one.missing


def test_a_change_that_was_fixed_and_confirmed_is_none():
    assert standing([SCORE], [REASKED], [FIXED]).changed == []
    assert standing([SCORE], [REASKED], [FIXED | {"outcome": "not_confirmed"}]).changed
    broken_again = REASKED | {"since": date(2026, 11, 28)}
    assert standing([SCORE], [broken_again], [FIXED]).changed


def test_an_older_release_is_not_said_to_be_why():
    old = RELEASE | {"time": datetime(2026, 11, 20, 9, tzinfo=timezone.utc)}
    later = RELEASE | {"time": datetime(2026, 11, 26, 9, tzinfo=timezone.utc)}
    (changed,) = standing([SCORE], [REASKED], changes=[later, old]).changed
    assert changed.after == ""


def test_worse_comes_first_and_better_is_not_red():
    better = REASKED | {"series": "copied", "since": date(2026, 11, 20)}
    changed = standing([SCORE], [better, REASKED]).changed
    assert [change.tone for change in changed] == ["worse", "better"]
    assert standing([SCORE], [better]).tone == "better"


def test_other_features_are_left_out():
    other = {"feature": "summaries"}
    one = standing([SCORE | other], [REASKED | other], [INCIDENT | other])
    assert one.sentence == "no quality score yet; signals not judged yet; no open incident"


def test_a_break_of_the_last_hours_is_in_the_sentence():
    reasked = HOUR | {"series": "reasked", "z": 1.0, "direction": ""}
    one = standing([SCORE], [COPIED], hours=[reasked, HOUR])
    assert "no signal changed; copied fell within hours; no open incident" in one.sentence
    assert one.tone == "worse"
    assert [row.judgement for row in one.hour.signals] == [
        "unusual for two hours: fell",
        "as usual",
    ]


def test_one_unusual_hour_is_no_break():
    one = standing([SCORE], [COPIED], hours=[HOUR | {"direction": ""}])
    assert "within hours" not in one.sentence
    assert one.tone == "same"
    assert one.hour.signals[0].judgement == "unusual for this hour alone"


def test_an_hour_that_cannot_be_judged_yet_says_what_it_needs():
    one = standing([SCORE], [COPIED], hours=[YOUNG_HOUR])
    assert one.missing == ["hour by hour: not judged yet: needs 5 more hours"]
    assert one.hour.signals[0].expected is None


def test_an_older_hour_of_another_signal_is_left_out():
    older = HOUR | {"series": "reasked", "hour": datetime(2026, 11, 30, 7, tzinfo=timezone.utc)}
    one = standing([SCORE], [COPIED], hours=[HOUR | {"direction": ""}, older])
    assert [row.signal.name for row in one.hour.signals] == ["copied"]
