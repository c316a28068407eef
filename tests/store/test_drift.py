"""Drift: the reference vectors, and what the alert finds and forgives in simulated worlds.

The views are tried in a database of their own, over a table of daily counts in the place of
``signal_rates``, so that a year of thousands of outputs a day costs a row a day.

One file, although it is long, as all of it needs that database.
"""

import csv
import math
import random
from datetime import date, datetime, timedelta, timezone

import pytest

from otel_ai_feedback.store import StoreError
from otel_ai_feedback.store.baselines import accept
from otel_ai_feedback.store.relations import relations

FIRST = date(2026, 1, 5)  # a Monday
TABLES = ("settings", "delivery_rules", "accepted_baselines", "drift_exclusions")
VIEWS = (
    "baseline_starts_at",
    "series_parts_within",
    "series_counts_at",
    "drift_cadence_at",
    "drift_steps_within",
    "drift_live_within",
    "drift_at",
    "segment_changes_at",
    "segments_at",
)


@pytest.fixture(scope="module")
def database(engine):
    """A client of a database with the drift views over a table ``signal_rates``."""
    home = engine.database
    engine.command("create database if not exists drift")
    engine.database = "drift"
    engine.command(
        "create or replace table signal_rates (day Date, service String, environment String, "
        "feature String, model String, release String, prompt_version String, series String, "
        "n Float64, k_weighted Float64, n_weighted Float64, k_by_bucket Array(Float64), "
        "n_by_bucket Array(Float64)) "
        "engine = MergeTree order by day"
    )
    engine.command(
        "create or replace view signal_rates_within as select *, toUInt64(k_weighted) as k "
        "from signal_rates "
        "where day >= {since:Date} and day <= {until:Date}"
    )
    for name in TABLES:
        engine.command(relations()[name].text)
    for name in VIEWS:
        engine.command(f"create or replace view {name} as {relations()[name].text}")
    yield engine
    engine.database = home
    engine.command("drop database drift")


@pytest.fixture
def counts(database):
    """``counts(service, [(k, n), ...])`` fills a service's days; ``None`` leaves one out."""
    for table in (
        "signal_rates", "accepted_baselines", "delivery_rules", "drift_exclusions", "settings",
    ):  # fmt: skip
        database.command(f"truncate table {table}")

    def fill(service, days, *, model="", release="", prompt="", series="copied", first=FIRST):
        rows = [
            [
                first + timedelta(days=number), service, "", "", model, release, prompt, series,
                day[1], *day, *([count / 64] * 64 for count in day),
            ]
            for number, day in enumerate(days)
            if day is not None
        ]  # fmt: skip
        database.insert("signal_rates", rows)

    return fill


def drift(client, columns, where="true", as_of="2030-01-01"):
    return client.query(
        f"select {columns} from (select * from drift_at(as_of = '{as_of} 00:00:00.000') "
        f"where segment_kind = 'all' and {where} order by service, series, day)"
    ).result_rows


def read(path):
    with path.open() as file:
        return [(int(row["k"]), int(row["n"])) for row in csv.DictReader(file)]


def test_a_fall_of_five_points_is_found_on_its_second_day(database, counts, shared_data):
    counts("a", read(shared_data("drift_reference.csv")))
    rows = drift(database, "round(s_down, 4), direction")[56:]
    assert [row[0] for row in rows] == [
        0, 1.3002, 0.3045, 0, 3.3468, 6.5908, 10.0074, 12.9543, 15.8584, 18.874,
    ]  # fmt: skip
    assert [row[1] for row in rows] == [""] * 5 + ["fell"] * 5


def test_days_that_resemble_their_neighbours_count_for_less(database, counts, shared_data):
    counts("a", read(shared_data("drift_reference_autocorrelated.csv")))
    rows = drift(database, "round(s_down, 4)")[98:]
    assert [row[0] for row in rows] == [
        0, 0, 0.5393, 0.3858, 0.5426, 0.5457, 0.5215, 0.3747, 0.6874, 0.6382, 0.5085, 0.0749,
    ]  # fmt: skip


def test_a_missing_day_is_a_gap_and_a_small_one_carries_the_sum(database, counts):
    days = [(600, 2000)] * 70
    days[66:70] = [(450, 2000), None, (3, 40), (450, 2000)]
    counts("a", days)
    rows = drift(database, "day, s_down")[-3:]
    assert [row[0] for row in rows] == [FIRST + timedelta(days=n) for n in (66, 68, 69)]
    assert rows[0][1] == rows[1][1] > 0
    assert rows[2][1] > rows[1][1]


def test_a_rise_is_distinguished_from_a_fall(database, counts):
    counts("a", [(600, 2000)] * 66 + [(750, 2000)] * 4)
    assert drift(database, "direction, s_down")[-1] == ("rose", 0)


@pytest.mark.parametrize("k", [0, 2000])
def test_a_series_of_nothing_or_everything_has_a_reference_too(database, counts, k):
    counts("a", [(k, 2000)] * 66 + [(1000, 2000)] * 3)
    z, s_down, s_up = drift(database, "z, s_down, s_up")[-1]
    assert abs(z) == 4
    assert max(s_down, s_up) >= 6


def test_no_alert_without_two_weeks_to_compare_with(database, counts):
    counts("a", [(600, 2000)] * 10 + [(100, 2000)] * 4)
    assert {row[0] for row in drift(database, "alarm")} == {0}


@pytest.mark.slow
@pytest.mark.parametrize("back", [3, 40, 200])
def test_what_is_asked_since_a_day_is_what_it_is_in_all_days(database, counts, back):
    generator = random.Random(20261123)
    counts("a", list(world(generator, 364, 2000, 0.3, from_day=200, fall=0.01)))
    counts("b", list(world(generator, 364, 90, 0.3, from_day=200, fall=0.05)))
    counts("c", list(world(generator, 150, 120, 0.3)) + list(world(generator, 214, 180, 0.3)))
    since = FIRST + timedelta(days=364 - back)
    asked = database.query(
        "select * from drift_live_within(as_of = '2030-01-01 00:00:00.000', "
        f"since = '{since}') order by service, mode, day"
    ).result_rows
    told = database.query(
        "select * from drift_at(as_of = '2030-01-01 00:00:00.000') "
        f"where day >= '{since}' order by service, mode, day"
    ).result_rows
    assert len(asked) == len(told) > 0
    for row, other in zip(asked, told, strict=True):
        assert row == pytest.approx(other, nan_ok=True)


def test_a_small_series_is_watched_by_the_week_and_a_middling_one_as_before(database, counts):
    small, large, middling = (24, 80), (90, 300), (36, 120)
    counts("small", [small] * 120)
    counts("stays daily", [large] * 60 + [middling] * 60)
    counts("stays weekly", [small] * 60 + [middling] * 60)
    modes = dict(drift(database, "distinct service, last_value(mode) over (partition by service)"))
    assert modes == {"small": "week", "stays daily": "day", "stays weekly": "week"}


def test_a_fall_in_a_small_series_is_found_by_the_week(database, counts):
    counts("a", [(30, 100)] * 7 * 12 + [(15, 100)] * 7 * 3)
    rows = drift(database, "day, n, direction")
    assert all(row[0].weekday() == 0 for row in rows)
    assert {row[1] for row in rows} == {700}
    assert [row[2] for row in rows] == [""] * 12 + ["fell"] * 3


def test_more_series_raise_the_threshold(database, counts):
    for number in range(40):
        counts(f"s{number}", [(600, 2000)] * 20)
    (threshold,) = {row[0] for row in drift(database, "round(threshold, 6)")}
    assert threshold == round(6 + math.log(40 / 20), 6)


@pytest.mark.slow
def test_an_accepted_baseline_restarts_reference_and_sum(database, counts):
    counts("a", [(600, 2000)] * 66 + [(450, 2000)] * 34)
    assert drift(database, "max(alarm)") == [(1,)]
    start = FIRST + timedelta(days=66)
    groups = accept(
        database, "a", series="copied", from_day=start, reason="new prompt", author="Ana"
    )
    assert groups == [("a", "", "")]
    assert drift(database, "min(day), max(alarm)") == [(start, 0)]
    # as it was before the baseline was accepted
    assert drift(database, "min(day)", as_of="2026-03-30") == [(FIRST,)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"service": "b"}, "'b' has no counts yet"),
        ({"series": "copies"}, "there is no 'copies'; known are copied"),
        ({"from_day": date(2031, 1, 1)}, "on or after 2031-01-01"),
        ({"reason": " "}, "reason must not be empty"),
        ({"author": ""}, "author must not be empty"),
    ],
)
def test_what_cannot_be_accepted_says_why_and_changes_nothing(database, counts, wrong, message):
    counts("a", [(600, 2000)])
    given = {"service": "a", "reason": "new prompt", "author": "Ana"} | wrong
    with pytest.raises(StoreError, match=message):
        accept(database, given.pop("service"), **given)
    assert database.query("select count() from accepted_baselines").result_rows == [(0,)]


def test_a_change_of_the_delivery_rule_is_not_an_alert(database, counts):
    counts("a", [(600, 2000)] * 66 + [(450, 2000)] * 34)
    counts("b", [(600, 2000)] * 66 + [(450, 2000)] * 34)
    change = FIRST + timedelta(days=66)
    database.insert(
        "delivery_rules",
        [["a", "", "", FIRST + timedelta(days=n), int(n >= 66)] for n in range(100)],
        column_names=["service", "environment", "feature", "day", "rule"],
    )
    assert drift(database, "min(day), max(alarm)", "service = 'a'") == [(change, 0)]
    assert drift(database, "min(day), max(alarm)", "service = 'b'") == [(FIRST, 1)]


def test_a_segment_is_watched_beside_the_whole(database, counts):
    counts("a", [(600, 2000)] * 66 + [(600, 2000)] * 4, model="steady")
    counts("a", [(600, 2000)] * 66 + [(450, 2000)] * 4, model="worse")
    rows = database.query(
        "select segment_kind, segment, max(alarm) from drift_at(as_of = '2030-01-01 00:00:00.000')"
        " group by all order by all"
    ).result_rows
    assert rows == [("all", "", 1), ("model", "steady", 0), ("model", "worse", 1)]


def declare(client, segments):
    client.command(f"insert into settings values ('segments', '{segments}', now64(3))")


@pytest.mark.parametrize(
    ("declared", "kinds"),
    [
        (None, ["all", "model", "prompt_version"]),
        ("release", ["all", "release"]),
        ("none", ["all"]),
    ],
)
def test_declared_segments_are_series_of_their_own(database, counts, declared, kinds):
    counts("a", [(600, 2000)] * 20, model="m", release="r", prompt="p")
    if declared:
        declare(database, declared)
    rows = database.query(
        "select distinct segment_kind, n from drift_at(as_of = '2030-01-01 00:00:00.000') "
        "order by all"
    ).result_rows
    assert rows == [(kind, 2000) for kind in kinds]


def segments(client, columns, as_of, where="true"):
    return client.query(
        f"select {columns} from segments_at(as_of = '{as_of} 12:00:00.000') "
        f"where {where} order by segment_kind, segment"
    ).result_rows


def test_the_segment_that_moved_stands_out(database, counts):
    counts("a", [(300, 1000)] * 77, model="steady", release="1")
    counts("a", [(300, 1000)] * 70 + [(200, 1000)] * 7, model="worse", release="1")
    new = FIRST + timedelta(days=70)
    counts("a", [(150, 500)] * 7, model="steady", release="2", first=new)
    counts("a", [(1, 3)] * 7, model="tiny", first=new)
    rows = segments(
        database,
        "segment_kind, segment, k, n, round(reference, 3), compared_with, p_value, "
        "q_value < .05, declared",
        FIRST + timedelta(days=77),
    )
    own, group = "its own past", "the past of the group"
    told = {row[:2]: row[2:] for row in rows}
    assert {key: (*row[:4], *row[5:]) for key, row in told.items()} == {
        ("all", ""): (4557, 17521, 0.3, own, 1, 1),
        ("model", "steady"): (3150, 10500, 0.3, own, 0, 1),
        ("model", "tiny"): (7, 21, 0.3, group, None, 1),
        ("model", "worse"): (1400, 7000, 0.3, own, 1, 1),
        ("release", "1"): (3500, 14000, 0.3, own, 1, 0),
        ("release", "2"): (1050, 3500, 0.3, group, 0, 0),
    }
    assert told["model", "tiny"][4] is None
    assert told["model", "steady"][4] == 1


def test_q_by_benjamini_and_hochberg(database, counts):
    given = (0.216, 0.001, 0.205, 0.008, 0.212, 0.039, 0.041, 0.06, 0.042, 0.074)
    text = relations()["segment_changes_at"].text
    assert "as p_value" in text
    database.command(
        "create or replace view segment_changes_at as select toString(p_value) as segment, "
        "'' as service, '' as environment, '' as feature, '' as series, '' as segment_kind, "
        "1 as k, 1 as n, 1 as rate, 1 as reference, '' as compared_with, 1 as z, p_value, "
        "1 as declared from (select arrayJoin("
        f"[null, {', '.join(map(str, given))}, null]) as p_value) "
        "where {as_of:DateTime64(3, 'UTC')} > toDateTime(0)"
    )
    try:
        rows = segments(database, "p_value, round(q_value, 6)", FIRST)
    finally:
        database.command(f"create or replace view segment_changes_at as {text}")
    found = dict(rows)
    assert found.pop(None) is None
    assert [found[p] for p in sorted(given)] == [
        0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105714, 0.216, 0.216, 0.216,
    ]  # fmt: skip


@pytest.mark.slow
def test_segments_that_do_not_change_are_rarely_told_apart(database, counts):
    generator = random.Random(20261123)
    for number in range(40):
        for model in ("a", "b", "c"):
            counts(f"s{number}", list(world(generator, 70, 500, 0.3)), model=model)
    rows = segments(database, "p_value, q_value", FIRST + timedelta(days=70), "segment != ''")
    assert len(rows) == 120
    assert sum(p < 0.05 for p, _ in rows) / len(rows) <= 0.1
    assert sum(q < 0.05 for _, q in rows) <= 1


def test_under_sampling_each_output_counts_for_as_much_as_it_tells(database, counts):
    counts("a", [(600, 2000)] * 66 + [(450, 2000)] * 4)
    counts("b", [(600, 2000)] * 66 + [(450, 2000)] * 4)
    # b: a tenth of the outputs was kept, each standing for ten
    database.command(
        "alter table signal_rates update n = n_weighted / 10 where service = 'b' "
        "settings mutations_sync = 2"
    )
    rows = drift(database, "service, n, round(k / n, 3), round(s_down, 1)")
    assert rows[69][1:] == (2000, 0.225, 14)
    assert rows[139][1:3] == (200, 0.225)
    assert 0 < rows[139][3] < 14


def exclude(client, service, series, since, until, incident="1", version=1):
    client.insert("drift_exclusions", [[service, "", "", series, since, until, incident, version]])


@pytest.mark.parametrize("n", [2000, 90])  # by the day, by the week
def test_days_of_an_open_incident_are_judged_but_nothing_is_compared_with_them(database, counts, n):
    fell, since = 98, FIRST + timedelta(days=98)
    days = [(round(0.3 * n), n)] * fell + [(round(0.2 * n), n)] * 28
    for service in "abc":
        counts(service, days)
    far = date(2100, 1, 1)
    exclude(database, "a", "copied", since, far)
    exclude(database, "b", "reasked", since, far)  # another series
    exclude(database, "c", "", since, far)
    exclude(database, "c", "", since, since, version=2)  # resolved the same day
    last = {row[0]: row[1:] for row in drift(database, "service, round(expected, 3), z")}
    assert last["a"][0] == 0.3
    assert last["a"][1] < last["b"][1] < 0
    assert last["b"][0] < 0.3
    assert last["c"][0] < 0.3


def test_it_says_what_it_can_detect(database, counts):
    for n in (2000, 500, 90, 60):
        counts(f"n{n}", [(round(0.3 * n), n)] * 119)
    counts("rare", [(1, 80)] * 119)
    counts("new", [(600, 2000)] * 7)
    told = dict(drift(database, "service, detects"))
    assert told == {
        # noise sqrt(.21 (1/2000 + 1/16000)) = 1.087 points, times .5 + 6/7
        "n2000": "a change of 1.5 points in about 7 days",
        "n500": "a change of 3 points in about 7 days",
        # by the week: sqrt(.21 (1/630 + 1/5040)) = 1.937, times .5 + 3.5/4
        "n90": "a change of 2.7 points in about 4 weeks",
        "n60": "a change of 3.3 points in about 4 weeks",
        "rare": "a change of 0.7 points in about 4 weeks",
        "new": "nothing yet: too short a past to compare with",
    }


def world(generator, days, n, rate, *, from_day=None, fade=0.0, fall=0.0):
    """Days of a service with a weekly cycle, noise between days and dependent outputs."""
    for day in range(days):
        p = rate + generator.gauss(0, 0.005) - (0.02 if day % 7 in (5, 6) else 0)
        if from_day is not None and day >= from_day:
            p -= fall + fade * (day - from_day) / 7
        spread = math.sqrt(1.4 * n * p * (1 - p))
        yield max(0, min(n, round(generator.gauss(n * p, spread)))), n


def onsets(rows):
    """Alerts that start, of rows (service, whether it alerts) in order."""
    before, found = (None, 0), 0
    for row in rows:
        found += row[1] and not (before[0] == row[0] and before[1])
        before = row
    return found


# of one series alone: with as many as there are here it would be higher
EVIDENCE = (
    "greatest(s_down, s_up) >= if(mode = 'day', 6, 3.5) or ifNull(abs(since_accepted_z) >= 3.5, 0)"
)
WHOLE = (
    "greatest(s_down, s_up) >= if(mode = 'day', 6, 3.5) and abs(moved) >= effect_floor"
    " or ifNull(abs(since_accepted_z) >= 3.5, 0)"
    " and abs(last_28_days_rate - accepted_rate) >= greatest(.01, .1 * accepted_rate)"
)


def false_alerts(database, mode, first, series_months):
    """By evidence alone, and by the whole rule, of a series in 30 days."""
    found = {}
    for name, rule in (("evidence", EVIDENCE), ("whole", WHOLE)):
        since = f"mode = '{mode}' and day >= '{FIRST + timedelta(days=first)}'"
        found[name] = onsets(drift(database, f"service, {rule}", since)) / series_months
    print(f"{mode}: {found} false alerts of a series in 30 days")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("worlds", [40, pytest.param(300, marks=pytest.mark.simulation)])
def test_unchanged_worlds_rarely_alert(database, counts, worlds):
    """By sums of evidence and the comparison with the accepted baseline."""
    generator, days = random.Random(20261123), 365
    for number in range(worlds):
        counts(f"d{number}", list(world(generator, days, 2000, 0.3)))
        counts(f"w{number}", list(world(generator, days, 90, 0.3)))
    for mode in ("day", "week"):
        found = false_alerts(database, mode, 70, worlds * (days - 70) / 30)
        assert found["evidence"] <= 0.055
        # most of what is only noise is too small to matter
        assert found["whole"] <= {"day": 0.02, "week": 0.05}[mode]


@pytest.mark.slow
@pytest.mark.parametrize(("alike", "most"), [(0.3, 0.06), (0.6, 0.12)])
@pytest.mark.parametrize("worlds", [40, pytest.param(300, marks=pytest.mark.simulation)])
def test_days_like_their_neighbours_alert_little_more(database, counts, worlds, alike, most):
    generator, days, first = random.Random(20261130), 420, 120
    for number in range(worlds):
        counts(f"d{number}", list(alike_days(generator, days, 2000, 0.3, alike)))
    found = false_alerts(database, "day", first, worlds * (days - first) / 30)
    assert found["evidence"] <= most


def alike_days(generator, days, n, rate, alike):
    """Days whose rates follow each other, with twice as much noise as outputs alone make."""
    chance = math.sqrt(rate * (1 - rate) / n)
    spread = chance * math.sqrt(3)
    # the part that outputs make is new every day
    follows = alike * 4 / 3
    noise = generator.gauss(0, spread)
    for _ in range(days):
        noise = follows * noise + math.sqrt(1 - follows**2) * generator.gauss(0, spread)
        k = round(generator.gauss(n * (rate + noise), n * chance))
        yield max(0, min(n, k)), n


@pytest.mark.slow
@pytest.mark.parametrize("series", [60, pytest.param(720, marks=pytest.mark.simulation)])
def test_many_unchanged_series_alert_less_than_once_a_month_together(database, counts, series):
    generator, days, first = random.Random(20261201), 180, 70
    for number in range(series):
        counts(f"d{number}", list(world(generator, days, 2000, 0.3)))
    found = {}
    for rule in ("alarm", "since_accepted_alarm"):
        since = FIRST + timedelta(days=first)
        found[rule] = onsets(drift(database, f"service, {rule}", f"day >= '{since}'"))
    months = (days - first) / 30
    print(f"{series} series, {months:.1f} months: {found}")
    # less than one a month is the promise
    assert found["alarm"] <= 3
    assert found["since_accepted_alarm"] == 0


def test_a_collapse_alerts_within_two_weeks_among_720_series(database, counts):
    counts("a", [(30, 100)] * 7 * 12 + [(0, 100)] * 7 * 2)
    rows = drift(database, "s_down", "service = 'a'")
    assert rows[-1][0] >= 3.5 + math.log(720 / 20)


@pytest.mark.parametrize(
    ("floor", "alarms"), [(None, False), ("0.01,0.001", False), ("0.001,0.001", True)]
)
def test_what_is_certain_and_too_small_to_matter_is_no_alert(database, counts, floor, alarms):
    if floor:
        at = datetime(2026, 1, 1, tzinfo=timezone.utc)
        database.insert("settings", [["effect_floor", floor, at]])
    generator, n = random.Random(20261203), 1_000_000

    def day(number):
        rate = 0.3 - 0.004 * (number >= 70) - 0.036 * (number >= 150)
        return round(generator.gauss(n * rate, 0.0005 * n)), n

    counts("a", [day(number) for number in range(160)])
    rows = drift(
        database,
        "s_down >= threshold, alarm, moved, since_accepted_z < -3.5, since_accepted_alarm",
        "service = 'a'",
    )
    found = rows[80]
    assert (found[0], found[1]) == (1, alarms)
    assert found[2] == pytest.approx(-0.004, abs=0.001)
    assert (rows[148][3], rows[148][4]) == (1, alarms)
    # four points are more than a tenth of 30 %
    assert (rows[-1][0], rows[-1][1]) == (1, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "answers", "fall", "series", "share", "steps"),
    [
        ("day", 2000, 0.05, 1, 0.9, 3),
        ("day", 2000, 0.05, 720, 0.95, 5),
        ("week", 100, 0.05, 1, 0.5, 3),
        ("week", 100, 0.1, 720, 0.5, 3),
    ],
)
def test_a_fall_from_30_percent_is_found_in_time(
    database, counts, mode, answers, fall, series, share, steps
):
    generator = random.Random(20261123)
    worlds, start, length = 60, 140, 1 if mode == "day" else 7
    for number in range(worlds):
        days = world(generator, start + 16 * length, answers, 0.3, from_day=start, fall=fall)
        counts(f"s{number}", list(days))
    threshold = (6 if mode == "day" else 3.5) + math.log(max(1, series / 20))
    rows = drift(
        database,
        "service, day",
        f"mode = '{mode}' and s_down >= {threshold} and abs(moved) >= effect_floor"
        f" and day >= '{FIRST + timedelta(days=start)}'",
    )
    first = {}
    for service, day in rows:
        first.setdefault(service, (day - FIRST).days - start)
    delays = sorted(first.values()) + [math.inf] * (worlds - len(first))
    found = [sum(delay < n * length for delay in delays) / worlds for n in range(1, 9)]
    print(f"{fall:.0%} at {answers} a day, one of {series}, found by {mode}: {found}")
    assert delays[math.ceil(share * worlds) - 1] < steps * length


@pytest.mark.slow
def test_a_slow_fade_is_found_against_the_accepted_baseline(database, counts):
    generator = random.Random(20261123)
    worlds, start, weeks = 40, 56, 26
    for number in range(worlds):
        days = world(generator, start + 7 * weeks, 200, 0.3, from_day=start, fade=0.0025)
        counts(f"s{number}", list(days))
    found = drift(database, "distinct service", "since_accepted_alarm and since_accepted_z < 0")
    assert len(found) / worlds >= 0.8
