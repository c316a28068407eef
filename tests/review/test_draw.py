"""Which outputs are sampled.

One file, although it is long: the same made-up days are sampled again and again.
"""

from collections import Counter
from datetime import date, datetime, timedelta, timezone

import pytest

from otel_ai_feedback.review import draw

MONDAY = date(2026, 11, 2)
LATER = datetime(2026, 12, 1, tzinfo=timezone.utc)


def at(day, hour=2):
    """A time at which `day` has just been closed."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=timezone.utc) + timedelta(days=1)


def freeze(client, **options):
    """How many outputs a run draws."""
    return sum(drawn.drawn for drawn in draw.freeze(client, **options))


def set_key(client, k0, k1):
    client.command(f"insert into draw_key values ({k0}, {k1}, '2026-01-01 00:00:00')")


def stratum_of(number):
    place = number % 100
    return "used" if place < 34 else "reask" if place < 40 else "none"


def test_the_order_is_that_of_siphash_under_the_sample_key(client, outputs):
    set_key(client, 20261123, 42)
    for stratum in ("used", "reask", "none"):
        ids = [number for number in range(2000) if stratum_of(number) == stratum]
        # a service for each, so that each gets its hundred
        outputs(ids, MONDAY, stratum=stratum, service=stratum)
    freeze(client, as_of=at(MONDAY), since=MONDAY)
    counts = dict(
        client.query("select stratum, sum(outputs) from strata_counts group by 1").result_rows
    )
    assert counts == {"used": 680, "reask": 120, "none": 1200}
    first = {
        stratum: [row[0] for row in client.query(
            f"select output_id from review_draw where stratum = '{stratum}' order by u limit {n}"
        ).result_rows]
        for stratum, n in (("used", 30), ("reask", 10), ("none", 60))
    }  # fmt: skip
    assert first["used"][:3] == ["1806", "1412", "1916"]
    assert first["reask"][:3] == ["237", "1837", "938"]
    assert first["none"][:3] == ["1556", "1549", "1185"]
    assert sorted(map(int, first["used"]))[:3] == [128, 201, 219]
    assert sorted(map(int, first["reask"]))[:3] == [237, 438, 538]
    assert sorted(map(int, first["none"]))[:3] == [41, 62, 83]


def test_a_new_group_has_a_hundred_a_day_with_equal_probability(client, outputs):
    outputs(range(1000), MONDAY)
    outputs(range(1000, 1060), MONDAY + timedelta(days=1))
    assert freeze(client, as_of=at(MONDAY + timedelta(days=1)), since=MONDAY) == 160
    rows = client.query(
        "select day, count(), min(inclusion_probability), max(inclusion_probability), max(u) "
        "from review_draw group by day order by day"
    ).result_rows
    assert [row[:2] for row in rows] == [(MONDAY, 100), (MONDAY + timedelta(days=1), 60)]
    assert rows[0][2] == rows[0][3] == pytest.approx(0.1, abs=0.03)
    assert rows[1][2] == rows[1][3] == 1
    assert all(row[4] < 1 for row in rows)


def test_once_frozen_a_day_is_not_sampled_again(client, outputs):
    outputs(range(300), MONDAY)
    first = freeze(client, as_of=at(MONDAY), since=MONDAY)
    drawn = client.query("select * from review_draw order by output_id").result_rows
    outputs(range(300, 600), MONDAY)  # they came late
    assert first == 100
    assert freeze(client, as_of=LATER, since=MONDAY) == 0
    assert client.query("select * from review_draw order by output_id").result_rows == drawn


def test_where_two_processes_freeze_a_day_the_first_counts(client, outputs):
    outputs(range(300), MONDAY)
    freeze(client, as_of=at(MONDAY, 3), since=MONDAY)
    # another process that saw fewer outputs and began earlier
    client.command(
        "insert into draws select * replace ('other' as run, "
        "frozen_at - interval 1 minute as frozen_at, 299 as outputs) from draws"
    )
    assert client.query("select sum(outputs) from strata_counts").result_rows == [(299.0,)]
    assert client.query("select count(), uniqExact(output_id) from review_draw").result_rows == [
        (100, 100)
    ]


def test_an_open_day_is_left_alone(client, outputs):
    outputs(range(10), MONDAY)
    assert freeze(client, as_of=at(MONDAY, 0), since=MONDAY) == 0
    assert freeze(client, as_of=at(MONDAY, 1), since=MONDAY) == 10


def test_failed_outputs_are_not_read(client, outputs):
    outputs(range(10), MONDAY, stratum="failed")
    assert freeze(client, as_of=at(MONDAY), since=MONDAY) == 0


@pytest.mark.slow
def test_groups_of_any_size_share_the_target(client, outputs):
    for day in range(21):
        outputs((f"l{day}-{n}" for n in range(2000)), MONDAY + timedelta(days=day), service="large")
        outputs((f"s{day}-{n}" for n in range(200)), MONDAY + timedelta(days=day), service="small")
    freeze(client, as_of=LATER, since=MONDAY)
    drawn = client.query(
        "select service, count(), avg(inclusion_probability) from review_draw "
        f"where week = '{MONDAY + timedelta(days=14)}' group by service order by service"
    ).result_rows
    for row in drawn:
        assert row[1] == pytest.approx(350, abs=80)
    assert drawn[0][2] == pytest.approx(0.025, rel=0.01)
    assert drawn[1][2] == pytest.approx(0.25, rel=0.01)


@pytest.mark.slow
def test_a_flood_lowers_the_threshold_in_advance(client, outputs):
    for day in range(14):
        outputs((f"{day}-{n}" for n in range(100)), MONDAY + timedelta(days=day))
    flood = MONDAY + timedelta(days=14)
    for day in range(7):
        outputs((f"f{day}-{n}" for n in range(20_000)), flood + timedelta(days=day))
    freeze(client, as_of=LATER, since=MONDAY)
    ((number,),) = client.query(
        f"select count() from review_draw where week = '{flood}'"
    ).result_rows
    assert number == pytest.approx(2100, abs=150)


@pytest.mark.slow
def test_strata_that_labels_say_less_of_are_sampled_more_often(client, outputs):
    for day in range(14):
        outputs((f"u{day}-{n}" for n in range(500)), MONDAY + timedelta(days=day), stratum="used")
        outputs((f"n{day}-{n}" for n in range(500)), MONDAY + timedelta(days=day))
    freeze(client, as_of=at(MONDAY + timedelta(days=6)), since=MONDAY)
    rows = client.query("select output_id, stratum from review_draw order by u").result_rows
    said = Counter()
    labels = []
    for output_id, stratum in rows:
        said[stratum] += 1
        verdict = "good" if stratum == "used" or said[stratum] % 2 else "bad"
        labels.append(
            [output_id, output_id, "first", "ann", verdict, [], "", 10.0, "1",
             datetime(2026, 11, 8, tzinfo=timezone.utc)]
        )  # fmt: skip
    client.insert("reviews", labels)
    freeze(client, as_of=at(MONDAY + timedelta(days=13)))
    rates = dict(
        client.query(
            f"select stratum, rate from strata_counts where week = '{MONDAY + timedelta(days=7)}'"
        ).result_rows
    )
    assert rates == {"used": 1, "none": 3}


@pytest.mark.slow
def test_any_prefix_of_a_closed_week_is_a_fair_sample(client, outputs):
    for day in range(7):
        for number, stratum in enumerate(("used", "reask", "none")):
            ids = (f"{stratum}{day}-{n}" for n in range((10 if day < 3 else 300) * (number + 1)))
            outputs(ids, MONDAY + timedelta(days=day), stratum=stratum)
    freeze(client, as_of=LATER, since=MONDAY)
    for prefix in (60, 120, 200):
        rows = client.query(
            "select stratum, sum(1 / least(1, rate * threshold * cut)) from review_draw "
            "cross join (select max(u) as cut from "
            f"(select u from review_draw order by u limit {prefix})) as cuts "
            "where u <= cut group by stratum"
        ).result_rows
        estimated = dict(rows)
        for number, stratum in enumerate(("used", "reask", "none")):
            truth = 1230 * (number + 1)
            # four standard errors of a simple sample of that size
            assert estimated[stratum] == pytest.approx(
                truth, rel=4 / (prefix * (number + 1) / 6) ** 0.5
            )


@pytest.mark.slow
def test_where_only_a_sample_keeps_its_text_the_sample_is_made_within_it(client, outputs):
    lot = []
    for day in range(14):
        when = MONDAY + timedelta(days=day)
        for number, stratum in enumerate(("used", "none")):
            ids = [f"{stratum}{day}-{n}" for n in range(1000 * (number + 1))]
            outputs(ids, when, stratum=stratum)
            # every fifth, as good as by chance: the key knows nothing of it
            lot += [[name, when, 0.2] for name in ids[::5]]
    client.insert("output_spans", lot)
    freeze(client, as_of=LATER, since=MONDAY)
    kept = {name for name, *_ in lot}
    rows = client.query(
        "select week, output_id, stratum, weight, weight / inclusion_probability from review_draw"
    ).result_rows
    assert {name for _, name, *_ in rows} <= kept
    assert {weight for _, _, _, weight, _ in rows} == {5.0}
    counted = dict(
        client.query("select stratum, sum(outputs) from strata_counts group by stratum").result_rows
    )
    assert counted == {"used": 14_000, "none": 28_000}
    second = [row for row in rows if row[0] == MONDAY + timedelta(days=7)]
    # the target is met although one in five can be read
    assert len(second) == pytest.approx(700, abs=110)
    for stratum, truth in (("used", 7_000), ("none", 14_000)):
        estimated = sum(row[4] for row in second if row[2] == stratum)
        drawn = sum(row[2] == stratum for row in second)
        assert estimated == pytest.approx(truth, rel=4 / drawn**0.5)


def test_a_lot_of_few_is_sampled_whole(client, outputs):
    for day in range(14):
        outputs((f"{day}-{n}" for n in range(100)), MONDAY + timedelta(days=day))
    client.insert(
        "output_spans",
        [[f"{day}-{n}", MONDAY + timedelta(days=day), 0.05] for day in range(14) for n in range(5)],
    )
    assert freeze(client, as_of=LATER, since=MONDAY) == 70
    assert client.query(
        "select distinct inclusion_probability, weight from review_draw"
    ).result_rows == [(1, 20)]


def test_the_key_is_made_once(client, outputs):
    freeze(client, as_of=LATER)
    freeze(client, as_of=LATER)
    assert client.query("select count() from draw_key").result_rows == [(1,)]


def test_a_naive_time_is_refused(client):
    with pytest.raises(ValueError, match="aware"):
        freeze(client, as_of=datetime(2026, 1, 1))  # noqa: DTZ001


def test_only_production_is_sampled_where_there_is_one(client, outputs):
    outputs(range(10), MONDAY)
    outputs(range(10, 30), MONDAY, environment="staging")
    outputs(range(30, 50), MONDAY + timedelta(days=1), environment="staging")
    assert freeze(client, as_of=LATER, since=MONDAY) == 10


def test_without_production_every_environment_is_sampled(client, outputs):
    outputs(range(10), MONDAY, environment="staging")
    outputs(range(10, 30), MONDAY, environment="")
    assert freeze(client, as_of=LATER, since=MONDAY) == 30


def test_the_setting_names_the_environments(client, outputs):
    client.command("insert into settings values ('environments', 'canary,eu', now64(3, 'UTC'))")
    outputs(range(10), MONDAY)
    outputs(range(10, 30), MONDAY, environment="canary")
    outputs(range(30, 33), MONDAY, environment="eu")
    assert freeze(client, as_of=LATER, since=MONDAY) == 23


def test_under_head_sampling_each_output_counts_as_many(client, outputs):
    outputs(range(10), MONDAY, weight=4.0)
    outputs(range(10, 15), MONDAY, known=False)
    freeze(client, as_of=LATER, since=MONDAY)
    rows = client.query(
        "select weight, weight_known, outputs from frozen_days order by weight"
    ).result_rows
    assert rows == [(1, False, 5), (4, True, 40)]


def test_ratings_are_frozen_with_the_day(client, outputs):
    outputs(range(10), MONDAY)
    noon = datetime(MONDAY.year, MONDAY.month, MONDAY.day, 12, tzinfo=timezone.utc)
    client.insert(
        "actions_table",
        [
            ["1", "a", noon, "rating", -1, "browser"],
            ["1", "b", noon + timedelta(seconds=1), "rating", 1, "browser"],
            ["2", "c", noon, "rating", -1, "browser"],
            ["3", "d", noon, "rating", 4, "browser"],
            ["4", "e", noon, "copy", 1, "browser"],
            ["", "f", noon, "rating", 1, "browser"],
        ],
    )
    freeze(client, as_of=LATER, since=MONDAY)
    assert client.query("select ratings from frozen_days").result_rows == [([1, 1, 0, 0, 1, 0],)]


def recounted(client):
    return client.query(
        "select week, service, stratum, outputs, late_outputs from strata_counts order by all"
    ).result_rows


def test_what_comes_late_is_counted_and_never_sampled(client, outputs):
    outputs(range(50), MONDAY)
    outputs(range(50, 60), MONDAY, service="mail")
    freeze(client, as_of=at(MONDAY), since=MONDAY)
    outputs(range(100, 107), MONDAY)
    outputs(range(110, 112), MONDAY, stratum="used")
    outputs(range(200, 220), MONDAY + timedelta(days=1))
    freeze(client, as_of=at(MONDAY + timedelta(days=1)))
    assert recounted(client) == [
        (MONDAY, "chat", "none", 70, 7),
        (MONDAY, "chat", "used", 0, 2),
        (MONDAY, "mail", "none", 10, 0),
    ]
    assert client.query("select count() from review_draw").result_rows == [(80,)]


def minutes(client, number):
    client.command(
        f"insert into settings values ('review_minutes_per_week', '{number}', now64(3, 'UTC'))"
    )


def weekly(client, outputs, groups, weeks, start=MONDAY):
    """Outputs of some groups every day, sampled week by week; whose turn it was."""
    for week in range(weeks):
        for day in range(7):
            for group in groups:
                outputs(
                    (f"{group}-{week}-{day}-{n}" for n in range(40)),
                    start + timedelta(days=7 * week + day),
                    service=group,
                )
        freeze(client, as_of=at(start + timedelta(days=7 * week + 6)), since=start)
    rows = client.query(
        "select week, arraySort(groupArrayIf(toString(service), is_drawn)) from draw_rotation "
        "group by week order by week"
    ).result_rows
    return dict(rows)


@pytest.mark.slow
def test_groups_that_the_hour_can_carry_are_all_sampled(client, outputs):
    turns = weekly(client, outputs, ["a", "b", "c"], 2)
    assert turns == {MONDAY + timedelta(days=7): ["a", "b", "c"]}


@pytest.mark.slow
def test_too_many_groups_take_turns_the_least_labelled_first(client, outputs):
    # 30 s an item: 34 labels a week, 136 in 28 days, two groups; one at a time, for two weeks
    minutes(client, 20)
    turns = weekly(client, outputs, ["a", "b", "c"], 6)
    assert [len(groups) for groups in turns.values()] == [1] * 5
    read = [groups[0] for groups in turns.values()]
    assert read[0] == read[1]
    assert read[2] == read[3]
    drawn = client.query(
        "select week, groupUniqArray(toString(service)) from review_draw "
        f"where week > '{MONDAY}' group by week order by week"
    ).result_rows
    assert dict(drawn) == turns
    # all are counted, and the target is that of who has the turn
    counted = client.query(
        f"select uniqExact(service) from strata_counts where week > '{MONDAY}' group by week"
    ).result_rows
    assert counted == [(3,)] * 5


@pytest.mark.slow
def test_anyone_who_has_fewest_labels_is_next(client, outputs):
    minutes(client, 60)
    groups = [f"g{n}" for n in range(9)]
    weekly(client, outputs, groups, 1)
    rows = client.query("select output_id, service from review_draw").result_rows
    client.insert(
        "reviews",
        [
            [output_id, output_id, "first", "ann", "good", [], "", 30.0, "1",
             datetime(2026, 11, 8, tzinfo=timezone.utc)]
            for output_id, service in rows
            if service not in ("g3", "g7")
        ],
    )  # fmt: skip
    # nine groups and room for eight in 28 days: two a week
    turns = weekly(client, outputs, groups, 1, MONDAY + timedelta(days=7))
    assert turns[MONDAY + timedelta(days=7)] == ["g3", "g7"]


def test_what_was_decided_before_the_week_stays(client, outputs):
    minutes(client, 20)
    first = weekly(client, outputs, ["a", "b", "c"], 2)
    client.command(
        "insert into draw_rotations select * replace (not is_drawn as is_drawn, 'other' as run, "
        "decided_at + interval 1 minute as decided_at) from draw_rotations"
    )
    # a group that turns up in the week waits for its own turn
    outputs(range(50), MONDAY + timedelta(days=13), service="new")
    freeze(client, as_of=LATER, since=MONDAY)
    turns = client.query(
        "select week, groupArray(toString(service)) from draw_rotation where is_drawn group by week"
    ).result_rows
    assert first.items() <= dict(turns).items()
    drawn = client.query("select count() from review_draw where service = 'new'").result_rows
    assert drawn == [(0,)]


@pytest.mark.slow
def test_without_planned_review_time_everything_is_sampled(client, outputs):
    minutes(client, 0)
    turns = weekly(client, outputs, ["a", "b", "c"], 2)
    assert turns == {MONDAY + timedelta(days=7): ["a", "b", "c"]}


def test_the_hour_of_the_specification_carries_eight_groups(client):
    capacity = "select items_per_week, groups_in_28_days, groups_at_once, weeks_at_once from "
    ask = f"{capacity}review_capacity_at(as_of = '2026-12-01 00:00:00.000')"
    assert client.query(ask).result_rows == [(120, 8, 2, 1)]
    minutes(client, 15)
    assert client.query(ask).result_rows == [(30, 2, 1, 2)]


def test_seconds_are_measured_and_a_coffee_does_not_count(client):
    client.insert(
        "reviews",
        [
            [f"{n}", f"{n}", "first", "ann", "good", [], "", 3000.0 if n == 0 else 15.0, "1",
             datetime(2026, 11, 28, tzinfo=timezone.utc)]
            for n in range(20)
        ],
    )  # fmt: skip
    ((seconds,),) = client.query(
        "select seconds_per_item from review_capacity_at(as_of = '2026-12-01 00:00:00.000')"
    ).result_rows
    assert seconds == pytest.approx((19 * 15 + 300) / 20)
