"""How far reviewers agree, with each other and with what three people agreed on."""

from datetime import timedelta
from math import comb

import pytest
from weeks import NOW, READ_AT, WEEKS, read_after, spread

from otel_ai_feedback.store.rates import Rate

LATER = READ_AT + timedelta(hours=2)


@pytest.fixture
def asked(client):
    """``asked(view)`` is the rows of a view as dicts."""

    def ask(view, where="1"):
        result = client.query(f"select * from {view}(as_of = '{NOW}') where {where} order by all")
        return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]

    return ask


@pytest.fixture
def read_twice(cell, review):
    """``read_twice(gg, gb, bg, bb)`` has so many outputs read twice, with these verdicts."""

    def read(both_good, first_good, second_good, both_bad, *, second="bob", **group):
        pairs = (
            [("good", "good")] * both_good + [("good", "bad")] * first_good
            + [("bad", "good")] * second_good + [("bad", "bad")] * both_bad
        )  # fmt: skip
        names = cell(WEEKS[3], "none", 5000, spread(len(pairs)), **group)
        for name, verdicts in zip(names, pairs, strict=True):
            review([name], verdicts[0])
            review([name], verdicts[1], reviewer=second, reading="second", at=LATER)
        return names

    return read


def test_kappa_and_its_error(read_twice, asked):
    read_twice(32, 2, 3, 5)
    (row,) = asked("agreement_measures_at")
    assert (row["kind"], row["pairs"]) == ("between", 42)
    assert row["agreement"] == pytest.approx(0.880952, abs=1e-6)
    assert row["kappa"] == pytest.approx(0.594595, abs=1e-6)
    assert row["kappa_error"] == pytest.approx(0.170169, abs=1e-6)
    # Gwet 2008: r = 69 / 84
    assert row["ac1"] == pytest.approx(1 - (5 / 42) / (1 - 2 * (69 / 84) * (15 / 84)), abs=1e-9)
    wilson = Rate(37, 42)
    assert (row["low"], row["high"]) == pytest.approx((wilson.low, wilson.high))


def test_alpha(read_twice, asked):
    # 0100000000 and 1110010010
    read_twice(1, 0, 4, 5)
    (row,) = asked("agreement_measures_at")
    assert row["alpha"] == pytest.approx(0.095238, abs=1e-6)


@pytest.mark.slow
def test_under_50_pairs_only_the_raw_agreement_is_given(read_twice, asked):
    read_twice(20, 9, 10, 10)
    (row,) = asked("reviewer_agreement_at")
    assert row["agreement"] == pytest.approx(30 / 49)
    assert row["high"] < 0.8
    assert (row["kappa"], row["ac1"], row["alpha"], row["alarm"]) == (None, None, None, 0)


@pytest.mark.slow
@pytest.mark.parametrize(("same", "alarm"), [(36, 0), (35, 0), (34, 1), (30, 1)])
def test_the_alert_is_for_an_upper_bound_under_80(read_twice, asked, same, alarm):
    read_twice(same - 10, 25 - same // 2, 25 - (same - same // 2), 10)
    (row,) = asked("reviewer_agreement_at")
    assert row["pairs"] == 50
    assert row["alarm"] == alarm == (Rate(same, 50).high < 0.8)
    assert row["kappa_low"] < row["kappa"] < row["kappa_high"]


@pytest.mark.slow
def test_where_all_say_the_same_kappa_does_not_exist(read_twice, asked):
    read_twice(60, 0, 0, 0)
    (row,) = asked("reviewer_agreement_at")
    assert (row["agreement"], row["kappa"], row["alpha"], row["ac1"]) == (1, None, None, 1)


@pytest.mark.slow
def test_a_lone_reviewer_agrees_with_themselves(read_twice, asked):
    read_twice(40, 5, 5, 10, second="ann")
    (row,) = asked("reviewer_agreement_at")
    assert (row["kind"], row["reviewer"], row["pairs"]) == ("self", "ann", 60)


@pytest.mark.slow
def test_several_groups_have_a_row_together(read_twice, asked):
    read_twice(20, 5, 5, 10)
    read_twice(20, 0, 0, 0, service="mail")
    rows = {row["service"]: row for row in asked("reviewer_agreement_at")}
    assert {name: row["pairs"] for name, row in rows.items()} == {"": 60, "chat": 40, "mail": 20}
    assert rows[""]["agreement"] == pytest.approx(50 / 60)


def test_what_is_changed_after_the_other_verdict_is_known_is_no_agreement(
    read_twice, review, asked
):
    names = read_twice(0, 2, 0, 0)
    review(names[:1], "bad", at=READ_AT + timedelta(minutes=1))  # a slip, undone
    review(names[1:], "bad", at=READ_AT + timedelta(hours=3))  # talked over
    (row,) = asked("reviewer_agreement_at")
    assert (row["pairs"], row["agreement"]) == (2, 0.5)


def test_above_the_cut_and_undecided_is_no_pair(cell, review, asked):
    names = cell(WEEKS[3], "none", 1000, spread(10))
    review(names[:5] + names[6:], "good")
    review(names[:1], "unsure", reading="second", reviewer="bob", at=LATER)
    review(names[1:3] + names[6:], "good", reading="second", reviewer="bob", at=LATER)
    (row,) = asked("reviewer_agreement_at")
    assert row["pairs"] == 2


def test_gold_is_what_three_people_agreed_on(cell, review, asked):
    names = cell(WEEKS[3], "none", 1000, spread(6))
    for reviewer in ("ann", "bob", "cay"):
        review(names[:4], "good", reviewer=reviewer, reading="extra")
    review(names[4:], "bad", reviewer="ann")
    review(names[4:], "bad", reviewer="bob")
    review(names[:1], "bad", reviewer="dan", reading="second")
    review(names[1:2], "bad", reviewer="cay", reading="extra", at=LATER)
    rows = asked("gold_items_at")
    assert [(row["output_id"], row["verdict"]) for row in rows] == [
        (names[2], "good"),
        (names[3], "good"),
    ]


@pytest.mark.parametrize(("wrong", "flagged"), [(4, 0), (5, 1)])
def test_five_of_the_last_twenty_wrong_flags(cell, review, asked, wrong, flagged):
    names = cell(WEEKS[3], "none", 1000, spread(30))
    for reviewer in ("ann", "bob", "cay"):
        review(names, "good", reviewer=reviewer, reading="extra")
    # ten wrong ones that are long ago, then twenty
    review(names[:10], "bad", reviewer="dan", reading="gold", at=READ_AT - timedelta(days=1))
    review(names[10 : 10 + wrong], "bad", reviewer="dan", reading="gold")
    review(names[10 + wrong :], "good", reviewer="dan", reading="gold")
    # who agreed beforehand is not checked against themselves
    review(names[:9], "bad", reviewer="ann", reading="gold", at=LATER)
    (row,) = asked("gold_results_at")
    assert (row["reviewer"], row["items"], row["wrong"], row["flagged"]) == (
        "dan", 20, wrong, flagged,
    )  # fmt: skip


@pytest.mark.parametrize(("error", "share"), [(0.05, 0.003), (0.10, 0.043)])
def test_how_often_chance_alone_flags(error, share):
    flagged = sum(comb(20, k) * error**k * (1 - error) ** (20 - k) for k in range(5, 21))
    assert flagged == pytest.approx(share, abs=0.0006)


def read_by(cell, review, weeks, reviewer, good, bad):
    for week in weeks:
        names = cell(week, "none", 1000, spread(good + bad))
        review(names[:good], "good", reviewer=reviewer, at=read_after(week))
        review(names[good:], "bad", reviewer=reviewer, at=read_after(week))


EARLIER = [week - timedelta(days=28) for week in WEEKS]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reviewer", "good", "warning"), [("bob", 12, 1), ("bob", 18, 0), ("ann", 12, 0)]
)
def test_a_new_mix_of_reviewers_together_with_a_new_quality_is_reported(
    cell, review, asked, reviewer, good, warning
):
    read_by(cell, review, EARLIER, "ann", 18, 2)
    read_by(cell, review, WEEKS, reviewer, good, 20 - good)
    (row,) = asked("reviewer_mix_at")
    assert row["shift"] == (1 if reviewer == "bob" else 0)
    assert row["earlier_quality"] == pytest.approx(0.9)
    assert row["quality"] == pytest.approx(good / 20)
    assert row["warning"] == warning
