"""The verdict on B, and what CI makes of it."""

import pytest

from otel_ai_feedback.compare.detectable import answers_needed, smallest_detectable
from otel_ai_feedback.compare.difference import Difference
from otel_ai_feedback.compare.verdict import (
    Floor,
    Judged,
    Outcome,
    exit_code,
    judge,
    overall,
    sentence,
)
from otel_ai_feedback.intervals.false_discovery import q_values


@pytest.mark.parametrize(
    ("interval", "outcome", "code"),
    [
        ((0.012, 0.046), Outcome.BETTER, 0),
        ((-0.046, -0.012), Outcome.WORSE, 1),
        ((-0.005, 0.009), Outcome.NO_DIFFERENCE, 0),
        ((-0.02, 0.04), Outcome.NOT_ENOUGH_DATA, 3),
        # not worse, whatever else is open
        ((-0.005, 0.04), Outcome.NOT_ENOUGH_DATA, 0),
        # surely different, and too little to matter
        ((0.001, 0.003), Outcome.NO_DIFFERENCE, 0),
        ((-0.003, -0.001), Outcome.NO_DIFFERENCE, 0),
    ],
)
def test_an_interval_makes_a_verdict(interval, outcome, code):
    q = 1 if interval[0] <= 0 <= interval[1] else 0.001
    judged = judge(interval, q, higher_is_better=True, floor=0.01)
    assert (judged.outcome, exit_code(judged)) == (outcome, code)
    # a signal of which less is better
    mirrored = judge((-interval[1], -interval[0]), q, higher_is_better=False, floor=0.01)
    assert mirrored == judged


def test_one_of_many_signals_needs_more_than_luck():
    judged = judge((0.001, 0.05), 0.3, higher_is_better=True, floor=0.01)
    assert judged.outcome is Outcome.NOT_ENOUGH_DATA


def test_the_floor_is_a_point_or_a_tenth():
    assert Floor().at(0.02) == 0.01
    assert Floor().at(0.3) == pytest.approx(0.03)
    # a tenth of 90 % would let the share of bad answers double
    assert Floor().at(0.9) == pytest.approx(0.01)
    assert Floor(0.02, 0.5).at(0.3) == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("outcomes", "together"),
    [
        (["better", "worse"], ("worse", False)),
        (["better", "no_difference"], ("better", True)),
        (["no_difference", "no_difference"], ("no_difference", True)),
        (["better", "not_enough_data"], ("better", True)),
        (["no_difference", "not_enough_data"], ("not_enough_data", False)),
        ([], ("not_enough_data", False)),
    ],
)
def test_all_signals_together(outcomes, together):
    judged = overall([
        Judged(Outcome(name), name in {"better", "no_difference"}, 0.01) for name in outcomes
    ])  # fmt: skip
    assert (judged.outcome.value, judged.not_worse) == together


def test_one_sentence():
    def said(interval, q=1.0, value=0.02, days=None):
        judged = judge(interval, q, higher_is_better=True, floor=0.01)
        return sentence(judged, interval, value, a="v3", b="v4", days_left=days)

    assert said((0.01, 0.03), 0.01) == "v4 is better than v3: +2.0 points (+1.0 to +3.0)."
    assert said((-0.03, -0.01), 0.01, -0.02) == "v4 is worse than v3: -2.0 points (-3.0 to -1.0)."
    assert said((-0.002, 0.006), value=0.002) == (
        "No difference larger than 1.0 points between v3 and v4: +0.2 points (-0.2 to +0.6)."
    )
    assert said((-0.005, 0.045), days=11.3) == (
        "Not enough data yet: +2.0 points (-0.5 to +4.5); v4 is not worse than v3 by more than "
        "1.0 points. A difference of 1.0 points shows in about 11 more days."
    )
    assert said((-0.03, 0.07), days=0.9).endswith("in about 1 more day.")
    assert said((-0.03, 0.07), days=2381).endswith(
        "This traffic does not show a difference of 1.0 points within a year."
    )
    assert said((-0.03, 0.07), days=0.1) == "Not enough data yet: +2.0 points (-3.0 to +7.0)."


def test_what_this_traffic_can_show():
    effect = Difference(0.0, 0.01, 1e9)
    # 1.96 + .84 standard errors
    assert smallest_detectable(effect) == pytest.approx(0.02802, abs=1e-5)
    assert smallest_detectable(effect, 4) == pytest.approx(0.01401, abs=1e-5)
    assert answers_needed(effect, 0.01401) == pytest.approx(4, abs=0.01)


def test_q_by_benjamini_and_hochberg():
    given = [0.216, 0.001, 0.205, 0.008, 0.212, 0.039, 0.041, 0.06, 0.042, 0.074]
    found = dict(zip(given, q_values(given), strict=True))
    assert [round(found[p], 6) for p in sorted(given)] == [
        0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105714, 0.216, 0.216, 0.216,
    ]  # fmt: skip
    assert q_values([]) == []
