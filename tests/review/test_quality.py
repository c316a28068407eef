"""What labels say of all outputs, and how sure that is."""

import math
import random
from datetime import timedelta

import pytest
from weeks import NOW, READ_AT, WEEKS, read_after, spread

from otel_ai_feedback.intervals import BucketCounts, Proportion


@pytest.fixture
def quality(client):
    """``quality(days)`` is the newest window of a service, all its models together."""

    def ask(days=28, service="chat", as_of=NOW):
        result = client.query(
            "select * from quality_at(as_of = {at:String}) where window_days = {days:UInt16} and "
            "service = {service:String} and model = '' and release = '' "
            "order by window_end desc limit 1",
            parameters={"at": as_of, "days": days, "service": service},
        )
        return dict(zip(result.column_names, result.result_rows[0], strict=True))

    return ask


@pytest.mark.slow
def test_bounds_where_reviewers_could_not_say(cell, review, quality):
    names = cell(WEEKS[3], "none", 1000, spread(100))
    review(names[:57], "good")
    review(names[57:96], "bad")
    review(names[96:], "unsure")
    # they could move it by 4 points, and its interval is 18 wide
    assert quality()["undecided_share"] == 0.04
    assert quality()["quality_if_undecided_bad"] is None
    review(names[92:96], "unreadable", at=READ_AT + timedelta(minutes=1))
    found = quality()
    assert found["undecided_share"] == 0.08
    assert found["quality"] == pytest.approx(57 / 92)
    assert found["quality_if_undecided_bad"] == pytest.approx(0.57)
    assert found["quality_if_undecided_good"] == pytest.approx(0.65)


def test_bounds_where_few_that_reviewers_skipped_matter_to_a_narrow_interval(cell, review, quality):
    names = cell(WEEKS[3], "none", 5000, spread(500))
    review(names[:428], "good")
    review(names[428:476], "bad")
    review(names[476:], "unsure")
    found = quality()
    assert found["undecided_share"] == 0.048
    assert found["high"] - found["low"] < 0.06
    assert found["quality_if_undecided_bad"] == pytest.approx(428 / 500)
    assert found["quality_if_undecided_good"] == pytest.approx(452 / 500)


def test_all_groups_together_are_each_what_was_read_of_them(cell, review, client):
    review(cell(WEEKS[3], "none", 300, spread(30), threshold=0.1), "good")
    review(cell(WEEKS[3], "none", 700, spread(35), service="mail", threshold=0.05), "bad")
    cell(WEEKS[2], "none", 9000, [], service="mail")
    cell(WEEKS[3], "none", 9000, [], service="other")
    rows = client.query(
        "select outputs, labels, quality, low < quality, high > quality "
        f"from quality_pooled_at(as_of = '{NOW}') where window_days = 28 "
        "order by window_end desc limit 1"
    ).result_rows
    assert rows == [(1000, 65, pytest.approx(0.3), 1, 1)]


def test_the_reference_vector(cell, review, quality):
    cells = [(600, 15, 15), (160, 10, 8), (860, 45, 38), (180, 12, 8), (90, 9, 4), (110, 9, 3)]
    for place, (outputs, m, x) in enumerate(cells):
        names = cell(WEEKS[2 + place % 2], f"stratum {place // 2}", outputs, spread(m))
        review(names[:x], "good")
        review(names[x:], "bad")
    found = quality()
    assert found["labels"] == 100
    assert found["quality"] == pytest.approx(0.825444, abs=1e-6)
    assert found["smoothed_quality"] == pytest.approx(0.824597, abs=1e-6)
    assert found["standard_error"] == pytest.approx(0.031474, abs=1e-6)
    assert found["effective_labels"] == pytest.approx(146.011, abs=1e-3)
    assert found["low"] == pytest.approx(0.755756, abs=1e-6)
    assert found["high"] == pytest.approx(0.878447, abs=1e-6)
    assert found["process_standard_error"] > found["standard_error"]
    assert (found["weeks_read"], found["reason"]) == (2, "")


@pytest.mark.parametrize("worlds", [150, pytest.param(1000, marks=pytest.mark.simulation)])
@pytest.mark.parametrize(("good", "widest"), [(0.5, 0.27), (0.97, 0.13)])
def test_few_labels_in_many_cells_are_as_sure_as_they_are(
    cell, review, client, worlds, good, widest
):
    """83 labels in 28 cells of three: neither wide as if each knew nothing, nor too narrow."""
    generator = random.Random(20261130)
    shares = (0.3, 0.15, 0.1, 0.05, 0.05, 0.25, 0.1)
    moves = (1.2, 0.5, -0.8, -1.5, -1.2, 0, 0.2)
    truths, draws, reviews = {}, [], []
    for number in range(worlds):
        truth = 0.0
        for week in WEEKS:
            for place, (share, move) in enumerate(zip(shares, moves, strict=True)):
                p = 1 / (1 + math.exp(-math.log(good / (1 - good)) - move))
                truth += p * share / len(WEEKS)
                labels = sum(generator.random() < share for _ in range(21))
                names = [f"{number}-{week}-{place}-{i}" for i in range(labels)]
                places = spread(labels)
                draws.append([
                    week, f"world {number}", f"class {place}", round(4000 * share),
                    list(zip(names, places, strict=True)),
                ])  # fmt: skip
                reviews += [[name, "good" if generator.random() < p else "bad"] for name in names]
        truths[f"world {number}"] = truth
    found = published(client, draws, reviews)
    covered = sum(low <= truths[name] <= high for name, low, high in found) / len(found)
    width = sum(high - low for _, low, high in found) / len(found)
    print(f"quality {good}: covers {covered:.3f}, {width:.3f} wide")
    assert len(found) == worlds
    assert covered >= 0.95 - 2.5 * math.sqrt(0.05 * 0.95 / worlds)
    assert width < widest


def published(client, draws, reviews):
    """Service, low and high of the newest 28 days after these draws and reviews."""
    client.insert(
        "draws",
        [
            [week, service, "production", "", "", "", stratum, 1.0, True, outputs, [0] * 6, 1.0,
             0.1, drawn, "run", read_after(week)]
            for week, service, stratum, outputs, drawn in draws
        ],
    )  # fmt: skip
    client.insert(
        "reviews",
        [[name, name, "first", "ann", label, [], "", 9, "1", READ_AT] for name, label in reviews],
    )
    return client.query(
        f"select service, low, high from quality_at(as_of = '{NOW}') where window_days = 28 and "
        "window_end = '2026-11-30' and model = '' and release = ''"
    ).result_rows


def test_where_all_was_read_there_is_no_interval(cell, review, quality):
    for week in WEEKS:
        names = cell(week, "none", 20, spread(20), threshold=1)
        review(names[:15], "good")
        review(names[15:], "bad")
    found = quality()
    assert found["quality"] == found["low"] == found["high"] == 0.75


@pytest.mark.slow
def test_under_50_labels_no_quality_score_is_given(cell, review, quality):
    names = cell(WEEKS[3], "none", 1000, spread(60))
    review(names[:49], "good")
    found = quality()
    assert (found["labels"], found["quality"], found["low"]) == (49, None, None)
    assert found["reason"] == "fewer than 50 labels"
    review(names[49:50], "good")
    assert quality()["quality"] == 1


@pytest.mark.slow
def test_where_sampling_is_unknown_no_quality_score_is_given(cell, review, quality):
    review(cell(WEEKS[3], "none", 1000, spread(60), known=False), "good")
    assert quality()["quality"] is None
    assert "not known" in quality()["reason"]


def test_a_thin_cell_borrows_from_the_nearest_week_of_its_stratum(cell, review, quality):
    for week, good in ((WEEKS[0], 0), (WEEKS[2], 30)):
        names = cell(week, "used", 500, spread(30))
        review(names[:good], "good")
        review(names[good:], "bad")
    review(cell(WEEKS[3], "used", 1000, [0.5]), "good")
    # the week with one label goes with the week before it, where all are good
    assert quality()["quality"] == pytest.approx(1500 / 2000)


def test_a_thin_stratum_borrows_from_the_one_most_like_it(cell, review, quality):
    review(cell(WEEKS[3], "used", 500, spread(40)), "good")
    review(cell(WEEKS[3], "reask", 200, spread(40)), "bad")
    review(cell(WEEKS[3], "undone", 300, [0.5]), "bad")
    assert quality()["quality"] == pytest.approx(0.5)


def test_a_week_that_no_one_read_is_left_out_and_said(cell, review, quality):
    for week in WEEKS[:3]:
        review(cell(week, "none", 500, spread(30)), "good")
    cell(WEEKS[3], "none", 99_000, spread(30))
    found = quality()
    assert (found["weeks_read"], found["quality"], found["outputs"]) == (3, 1, 100_500)


@pytest.mark.slow
def test_labels_count_only_below_the_first_output_that_was_not_read(cell, review, quality):
    names = cell(WEEKS[3], "none", 1000, spread(100))
    review(names[:60], "good")
    review(names[61:], "bad")
    assert (quality()["labels"], quality()["quality"]) == (60, 1)
    review(names[60:61], "unsure")
    found = quality()
    assert (found["labels"], found["undecided"]) == (99, 1)


@pytest.mark.slow
def test_a_correction_changes_the_label_and_never_the_cut(cell, review, quality, client):
    names = cell(WEEKS[3], "none", 1000, spread(100))
    review(names[:60], "good")
    cut = f"select cut from review_progress_at(as_of = '{NOW}')"
    before = client.query(cut).result_rows
    review(names[:6], "bad", at=READ_AT + timedelta(minutes=1))
    review(names[6:7], "skipped", at=READ_AT + timedelta(minutes=1))
    assert client.query(cut).result_rows == before
    assert (quality()["labels"], quality()["quality"]) == (60, 0.9)


def test_verdicts_of_others_on_the_same_output_never_count(cell, review, quality):
    names = cell(WEEKS[3], "none", 1000, spread(60))
    review(names, "good")
    later = READ_AT + timedelta(minutes=1)
    review(names, "bad", reviewer="bob", at=later)
    review(names, "bad", reviewer="cay", reading="second", at=READ_AT - timedelta(days=1))
    assert quality()["quality"] == 1


@pytest.mark.slow
def test_a_skip_holds_the_cut_for_a_day_and_is_then_unsure(cell, review, quality):
    names = cell(WEEKS[3], "none", 1000, spread(60))
    review(names[:55], "good", at=READ_AT)
    review(names[55:56], "skipped", at=READ_AT)
    review(names[56:], "good", at=READ_AT)
    assert quality(as_of="2026-11-30 23:59:00.000")["labels"] == 55
    found = quality(as_of="2026-12-01 00:01:00.000")
    assert (found["labels"], found["undecided"]) == (59, 1)
    review(names[55:56], "bad", at=READ_AT + timedelta(days=1, seconds=30))
    found = quality(as_of="2026-12-01 00:01:00.000")
    assert (found["labels"], found["undecided"]) == (60, 0)


def test_thumbs_are_shown_beside_quality(cell, review, quality):
    review(cell(WEEKS[3], "none", 1000, spread(60), ratings=(30, 10, 0, 0, 0, 0)), "good")
    found = quality()
    assert (found["thumbs_up"], found["thumbs_down"], found["thumbs_rate"]) == (10, 30, 0.25)
    assert found["thumbs_gap"] == -0.75


@pytest.mark.slow
def test_where_ratings_are_stars_one_is_the_worst(cell, quality):
    cell(WEEKS[2], "none", 1000, [], ratings=(0, 5, 4, 3, 2, 1))
    cell(WEEKS[3], "none", 1000, [], ratings=(0, 7, 0, 0, 0, 0))
    assert (quality()["thumbs_up"], quality()["thumbs_down"]) == (3, 16)
    assert (quality(7)["thumbs_up"], quality(7)["thumbs_down"]) == (0, 7)


@pytest.mark.slow
def test_no_votes_is_not_zero(cell, quality):
    cell(WEEKS[3], "none", 1000, [])
    assert (quality()["thumbs_rate"], quality()["thumbs_gap"]) == (None, None)


def test_calibration_says_how_often_a_class_is_good(cell, review, client):
    for stratum, good in (("used", 38), ("reask", 10)):
        names = cell(WEEKS[3], stratum, 500, spread(40))
        review(names[:good], "good")
        review(names[good:], "bad")
    rows = client.query(
        "select class, labels, good, p_good, good_by_bucket, labels_by_bucket, low, high "
        f"from signal_calibration_at(as_of = '{NOW}') order by class"
    ).result_rows
    assert rows[0][:4] == ("reask", 40, 10, 0.25)
    assert rows[1][:4] == ("used", 40, 38, 0.95)
    for *_, good, labels, low, high in rows:
        share = Proportion(BucketCounts(good, labels))
        assert (low, high) == pytest.approx((share.low, share.high), abs=1e-3)


def test_reviews_of_one_users_answers_are_hardly_more_than_one(cell, review, client):
    # a service as long as a trace id
    names = cell(WEEKS[3], "used", 500, spread(40), service="c" * 32)
    review(names[:30], "good")
    review(names[30:], "bad")
    asked = f"select n_effective from signal_calibration_at(as_of = '{NOW}')"
    ((before,),) = client.query(asked).result_rows
    client.insert(
        "output_facts",
        [[WEEKS[3], name[:32], name[33:], 7 + (number < 30)] for number, name in enumerate(names)],
        column_names=["output_day", "trace_id", "span_id", "bucket"],
    )
    ((after,),) = client.query(asked).result_rows
    assert after < 2 < 15 < before


def test_failure_modes_are_shares_of_all_outputs(cell, review, client):
    # one output in ten was sampled of `used`, one in two of `reask`
    used = cell(WEEKS[3], "used", 400, spread(40), threshold=0.1)
    reask = cell(WEEKS[3], "reask", 80, spread(40), threshold=0.5)
    review(used[:36], "good")
    review(used[36:], "bad", modes=["wrong fact"])
    review(reask[:20], "good", modes=["wrong fact"])
    review(reask[20:], "bad", modes=["wrong fact", "wrong fact"])
    review(reask[20:22], "bad", modes=["too long"], at=READ_AT + timedelta(minutes=1))
    rows = client.query(
        "select mode, labels, share, low < share and share < high, first_seen "
        f"from failure_modes_at(as_of = '{NOW}')"
    ).result_rows
    # 4 of `used` stand for 10 each, 18 of `reask` for 2; of `too long` there are only two
    assert rows == [("wrong fact", 22, pytest.approx(76 / 480), 1, WEEKS[3])]


WORLDS = 1000
A_WORLD = """
create or replace table worlds engine = Memory as with
    number % {worlds:UInt32} as world,
    intDiv(number, {worlds:UInt32}) % 4 as week,
    number as output,
    arrayMap(
        salt -> sipHash64Keyed((toUInt64(20261123), toUInt64(salt)), output) / pow(2, 64),
        [1, 2, 3, 4]
    ) as chance,
    -- a third is used, one in eight asked again; what each says of quality changes every week
    multiIf(chance[1] < .34, 'used', chance[1] < .46, 'reask', 'none') as stratum,
    multiIf(stratum = 'used', .96, stratum = 'reask', .45, .84)
        - [.0, .06, -.03, .02][week + 1] as p_good,
    chance[2] < p_good as is_good,
    multiIf(stratum = 'reask', 3., stratum = 'none', 1.5, 1.) as rate,
    .05 as threshold,
    chance[3] / rate / threshold as u
select
    toString(world) as service,
    toDate('2026-11-02') + 7 * week as day,
    stratum,
    rate,
    threshold,
    concat(service, '-', toString(output)) as output_id,
    u,
    is_good,
    -- who is unhappy votes four times as often
    chance[4] < if(is_good, .05, .20) as voted
from numbers({worlds:UInt32} * 4 * 1200)
"""


@pytest.mark.slow
def test_the_interval_covers_and_thumbs_alone_do_not(client):
    """A thousand worlds, read unevenly: 95 % means 95 %."""
    client.command(A_WORLD, {"worlds": WORLDS})
    client.command(
        "insert into draws select day, service, 'production', '', '', '', stratum, 1, true, "
        "count(), [countIf(voted and not is_good), countIf(voted and is_good), 0, 0, 0, 0], "
        "any(rate), any(threshold), groupArrayIf((output_id, u), u < 1), 'run', day + 8 "
        "from worlds group by service, day, stratum"
    )
    client.command(
        "insert into reviews select output_id, output_id, 'first', 'ann', "
        "if(is_good, 'good', 'bad'), [], '', 9, '1', day + 9 from worlds "
        "where u < [1, .35, .7, .9][1 + intDiv(day - toDate('2026-11-02'), 7)]"
    )
    ((worlds, covered, error, thumbs_error, width),) = client.query(
        "select count(), countIf(low <= truth and truth <= high) / count(), "
        "sqrt(avg(pow(quality - truth, 2))), sqrt(avg(pow(thumbs_rate - truth, 2))), "
        f"avg(high - low) from quality_at(as_of = '{NOW}') as estimates join (select service, "
        "avg(is_good) as truth from worlds group by service) as truths using (service) "
        "where window_days = 28 and window_end = '2026-11-30' and model = '' and release = ''"
    ).result_rows
    client.command("drop table worlds")
    print(f"coverage {covered:.3f}, width {width:.3f}")
    print(f"error {error:.4f}, of thumbs alone {thumbs_error:.4f}")
    assert worlds == WORLDS
    assert 0.94 <= covered <= 0.97
    assert thumbs_error > 5 * error


@pytest.mark.slow
@pytest.mark.parametrize("since", ["1970-01-01", "2026-11-16", "2026-11-17", "2026-11-30"])
def test_windows_since_a_day_are_those_of_the_whole_history(cell, review, client, since):
    first = cell(WEEKS[0], "none", 1000, spread(70), ratings=(1, 2, 0, 0, 9, 4))
    review(first[:50], "good", at=read_after(WEEKS[0]))
    review(first[50:], "bad", at=read_after(WEEKS[0]))
    for week, good in zip(WEEKS[1:], (20, 9, 12), strict=True):
        names = cell(week, "used", 300, spread(25), ratings=(3, 1, 0, 0, 0, 0))
        review(names[:good], "good")
        review(names[good:24], "bad")
    ask = (
        "select * from {} where window_end >= {since:Date} "
        "order by window_end, window_days, model, release"
    )
    whole, bounded = (
        client.query(ask.replace("{}", view), parameters={"since": since})
        for view in (
            f"quality_at(as_of = '{NOW}')",
            f"quality_live_within(as_of = '{NOW}', since = '{since}')",
        )
    )
    assert bounded.column_names == whole.column_names
    assert len(bounded.result_rows) > 0
    assert bounded.result_rows == whole.result_rows
    # a group that ever had stars has stars: 1 is down
    newest = dict(zip(whole.column_names, whole.result_rows[-1], strict=True))
    assert (newest["window_end"], newest["thumbs_up"]) == (WEEKS[3] + timedelta(days=7), 13)
