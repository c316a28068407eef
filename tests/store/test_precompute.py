"""What the jobs keep of drift and quality is what judging again gives, whatever has changed."""

from datetime import date, datetime, timedelta, timezone

import pytest

from otel_ai_feedback.store import precompute, rollups
from otel_ai_feedback.store.baselines import accept

MONDAY = date(2026, 3, 2)
DAYS = 100
END = datetime(2026, 3, 2, 6, tzinfo=timezone.utc) + timedelta(days=DAYS)


def count(client, first, days, version=1, copies=600):
    """Days of two services and two models, as the jobs would have counted them."""
    client.command(
        "insert into signal_counts select {first:Date} + number as day, {version:UInt64}, 1, 0, "
        "service, '', 'chat', model, '', '', signal, "
        "if(signal = 'copied', intDiv({copies:UInt32} * answers, 2000) + number % 5, 0) as shown, "
        "if(service = 'small', 40, 2000) as answers, arrayWithConstant(64, shown / 64), "
        "arrayWithConstant(64, answers / 64) from numbers({days:UInt32}) "
        "array join ['large', 'small'] as service array join ['one', 'two'] as model "
        "array join ['copied', 'closed_fast', 'failed'] as signal",
        parameters={"first": first, "days": days, "version": version, "copies": copies},
    )
    client.command(
        "insert into rollup_days select 'signals', {first:Date} + number, {version:UInt64}, 1, "
        "'2026-01-01', '2026-01-01', '2026-01-01' from numbers({days:UInt32})",
        parameters={"first": first, "days": days, "version": version},
    )


def judge(client, as_of=END):
    """Judge what has changed; the versions that are current afterwards."""
    precompute.refresh(rollups.begin(client, as_of.replace(tzinfo=None)))
    return {
        rollup: client.query(
            "select groupUniqArray(version) from rollup_days final where rollup = {of:String}",
            parameters={"of": rollup},
        ).result_rows[0][0]
        for rollup in ("drift", "quality")
    }


def read(client, source, as_of=END):
    return client.query(
        f"select * from {source} order by all", parameters={"at": f"{as_of:%Y-%m-%d %H:%M:%S}"}
    ).result_rows


def assert_drift_is_kept(client, as_of=END):
    kept = read(client, "drift_within(as_of = {at:String}, since = '1970-01-01')", as_of)
    recomputed = read(client, "drift_at(as_of = {at:String})", as_of)
    assert len(kept) == len(recomputed)
    for row, other in zip(kept, recomputed, strict=True):
        assert row == pytest.approx(other, nan_ok=True)
    return kept


@pytest.fixture
def counted(clean):
    clean.command("truncate table accepted_baselines")
    count(clean, MONDAY, DAYS)
    judge(clean)
    return clean


@pytest.mark.slow
def test_drift_that_is_kept_is_that_of_the_view(counted):
    rows = assert_drift_is_kept(counted)
    assert {(row[1], row[7]) for row in rows} == {("large", "day"), ("small", "week")}
    columns = [row[0] for row in counted.query("describe drift").result_rows]
    asked = "describe drift_at(as_of = now64(3, 'UTC'))"
    assert columns == [row[0] for row in counted.query(asked).result_rows]


def test_nothing_is_judged_twice(counted):
    before = judge(counted)
    assert judge(counted) == before
    # a day that was counted again and says the same
    count(counted, MONDAY + timedelta(days=DAYS - 3), 1, version=2)
    counted.command(
        "alter table signal_counts delete where version = 2 settings mutations_sync = 2"
    )
    counted.command(
        "insert into signal_counts select * replace(2 as version) from signal_counts "
        "where day = {day:Date}",
        parameters={"day": MONDAY + timedelta(days=DAYS - 3)},
    )
    assert judge(counted) == before


@pytest.mark.slow
@pytest.mark.parametrize("back", [1, 9, 70])
def test_what_is_counted_again_is_judged_again(counted, back):
    count(counted, MONDAY + timedelta(days=DAYS - back), 1, version=2, copies=500)
    judge(counted)
    assert_drift_is_kept(counted)


@pytest.mark.slow
def test_what_was_judged_by_another_rule_is_judged_again(counted, monkeypatch):
    before = judge(counted)
    monkeypatch.setattr(precompute.relations, "rule_of", lambda *_: 1)
    after = judge(counted)
    assert not set(before["drift"]) & set(after["drift"])
    assert_drift_is_kept(counted)
    assert judge(counted) == after


@pytest.mark.slow
def test_a_level_that_was_accepted_and_an_incident_are_taken_in(counted):
    day = MONDAY + timedelta(days=80)
    accept(
        counted, service="large", environment="", feature="chat", series="copied", from_day=day,
        reason="shorter answers", author="Ana",
    )  # fmt: skip
    later = END + timedelta(days=400)  # `accept` writes the time of the clock
    judge(counted, later)
    rows = assert_drift_is_kept(counted, later)
    assert min(row[0] for row in rows if row[1] == "large" and row[6] == "copied") == day
    columns = ["service", "environment", "feature", "series", "from_day", "to_day", "incident_id",
               "version"]  # fmt: skip
    row = ["small", "", "chat", "", day - timedelta(days=20), day, "i", 1]
    counted.insert("drift_exclusions", [row], column_names=columns)
    before = judge(counted, later)
    assert_drift_is_kept(counted, later)
    assert judge(counted, later) == before


@pytest.mark.slow
def test_a_day_that_closes_is_judged(counted):
    day = MONDAY + timedelta(days=DAYS)
    count(counted, day, 1)
    last = max(row[0] for row in assert_drift_is_kept(counted))
    assert last == day - timedelta(days=1)
    judge(counted, END + timedelta(days=1))
    rows = assert_drift_is_kept(counted, END + timedelta(days=1))
    assert max(row[0] for row in rows) == day
    # as of the day before, it is not there yet
    assert_drift_is_kept(counted)


@pytest.mark.slow
def test_a_week_closes_though_nothing_happens_on_its_sunday(clean):
    count(clean, MONDAY, DAYS - DAYS % 7 - 1)
    sunday = END - timedelta(days=DAYS % 7 + 1)
    judge(clean, sunday)
    before = [row for row in assert_drift_is_kept(clean, sunday) if row[7] == "week"]
    judge(clean, sunday + timedelta(days=1))
    after = assert_drift_is_kept(clean, sunday + timedelta(days=1))
    assert len([row for row in after if row[7] == "week"]) > len(before) > 0


@pytest.mark.slow
def test_with_many_series_what_is_late_waits_for_an_hour(counted, monkeypatch):
    monkeypatch.setattr(precompute, "LATE_ROWS", 0)
    before = judge(counted)
    count(counted, MONDAY + timedelta(days=DAYS - 2), 1, version=2, copies=500)
    assert judge(counted, END + timedelta(minutes=59)) == before
    assert judge(counted, END + timedelta(minutes=61)) != before
    assert_drift_is_kept(counted)


def test_an_earlier_moment_takes_nothing_back(counted):
    before = judge(counted)
    count(counted, MONDAY, 1, version=2, copies=100)
    assert judge(counted, END - timedelta(days=2)) == before


@pytest.mark.slow
def test_a_computation_that_was_cut_short_is_not_read(counted):
    counted.command("insert into drift_daily select * replace(5 as version) from drift_daily")
    assert_drift_is_kept(counted)


def draw(client, week, good, bad, *, skipped=0, stars=0, modes=()):
    """A closed week of which so many outputs were sampled and read."""
    names = [f"{week} {number}" for number in range(good + bad + skipped)]
    u = [(number + 1) / (len(names) + 1) for number in range(len(names))]
    frozen = datetime.combine(week, datetime.min.time()) + timedelta(days=8)
    client.insert("draws", [[
        week, "chat", "production", "chat", "one", "1", "none", 1.0, True, 1000.0,
        [3, 9, 0, 0, stars, 0], 1.0, len(names) / 1000, list(zip(names, u, strict=True)), "run",
        frozen,
    ]])  # fmt: skip
    say(client, names[:good], "good", frozen)
    say(client, names[good : good + bad], "bad", frozen, modes)
    say(client, names[good + bad :], "skipped", END.replace(tzinfo=None) - timedelta(hours=1))


def say(client, names, verdict, at, modes=()):
    rows = [
        [f"{verdict} {at} {name}", name, "first", "ann", verdict, list(modes), "", 20.0, "1", at]
        for name in names
    ]
    if rows:
        client.insert("reviews", rows)


def assert_quality_is_kept(client, as_of=END):
    kept = read(client, "quality_within(as_of = {at:String}, since = '1970-01-01')", as_of)
    recomputed = read(client, "quality_at(as_of = {at:String})", as_of)
    assert kept == recomputed
    return kept


@pytest.mark.slow
def test_quality_that_is_kept_is_that_of_the_view(clean):
    assert judge(clean)["quality"] == []
    weeks = [MONDAY + timedelta(days=7 * number) for number in (2, 3, 4, 5, 6, 13)]
    for week in weeks:
        draw(clean, week, 30, 8, skipped=2)
    before = judge(clean)
    assert before["quality"]
    assert {row[1] for row in assert_quality_is_kept(clean)} == {7, 28}
    columns = [row[0] for row in clean.query("describe quality").result_rows]
    asked = "describe quality_at(as_of = now64(3, 'UTC'))"
    assert columns == [row[0] for row in clean.query(asked).result_rows]
    assert judge(clean) == before

    # a correction of an old week
    say(clean, [f"{weeks[2]} 3"], "bad", END.replace(tzinfo=None) - timedelta(minutes=1))
    judge(clean)
    rows = assert_quality_is_kept(clean)
    # the windows before it were left as they were
    assert len(judge(clean)["quality"]) == 2
    # a day after a skip nothing has arrived, and the outputs count as read
    later = END + timedelta(days=1)
    judge(clean, later)
    assert assert_quality_is_kept(clean, later) != rows
    # a further week, whose ratings are stars
    draw(clean, weeks[-1] - timedelta(days=7), 20, 2, stars=4)
    judge(clean, later)
    assert_quality_is_kept(clean, later)


def assert_modes_are_kept(client, as_of=END):
    at = "as_of = {at:String}"
    kept = read(client, f"mode_counts_at({at})", as_of)
    assert kept == read(client, f"mode_counts_live_within({at}, since = '1970-01-01')", as_of)
    (since,) = read(client, f"uncounted_modes_since_at({at})", as_of)[0]
    return [row for row in kept if row[0] < since]


def kept_versions(client):
    asked = "select day, version from rollup_days final where rollup = 'modes'"
    return dict(client.query(asked).result_rows)


@pytest.mark.slow
def test_failure_modes_that_are_kept_are_those_of_the_labels(clean):
    judge(clean)
    assert assert_modes_are_kept(clean) == []
    weeks = [MONDAY + timedelta(days=7 * number) for number in (2, 3, 4, 9, 12, 13)]
    for week in weeks:
        draw(clean, week, 5, 4, skipped=1, modes=["wrong date", "wrong fact"])
        draw(clean, week + timedelta(days=1), 1, 2)
    judge(clean)
    # a week from 35 days on, by when its reading has ended
    old = [week for week in weeks if week + timedelta(days=35) <= END.date()]
    assert 0 < len(old) < len(weeks)
    kept = assert_modes_are_kept(clean)
    assert {row[0] for row in kept} == set(old)
    assert {tuple(row[4]): row[5] for row in kept if row[0] == old[0]} == {
        (): 6,
        ("wrong date", "wrong fact"): 4,
        ("unnamed",): 2,
    }
    before = kept_versions(clean)
    judge(clean)
    assert kept_versions(clean) == before

    # a correction of an old week: what was kept by then holds no longer for the time before it
    corrected = END + timedelta(minutes=9)
    say(clean, [f"{old[1]} 0"], "bad", corrected.replace(tzinfo=None), ["rude"])
    judge(clean, corrected)
    rows = assert_modes_are_kept(clean, corrected)
    assert [row[5] for row in rows if row[4] == ["rude"]] == [1]
    after = kept_versions(clean)
    assert {day for day in after if after[day] == before[day]} == {
        day for day in after if day < old[1]
    }
    assert {row[0] for row in assert_modes_are_kept(clean)} == {old[0]}

    # and weeks grow old
    later = END + timedelta(days=60)
    judge(clean, later)
    assert {row[0] for row in assert_modes_are_kept(clean, later)} == set(weeks)


@pytest.mark.slow
def test_what_is_kept_of_failure_modes_has_todays_names(clean):
    weeks = [MONDAY, MONDAY + timedelta(days=7)]
    for week in weeks:
        draw(clean, week, 9, 4, modes=["wrong date", "wrong fact"])
    columns = ["change_id", "mode", "change", "into", "author", "changed_at"]
    clean.insert(
        "mode_changes",
        [
            ["1", "wrong date", "merge", "wrong fact", "ann", END - timedelta(days=2)],
            ["2", "wrong fact", "rename", "untrue", "ann", END - timedelta(days=1)],
            ["3", "untrue", "close", "", "ann", END],
        ],
        column_names=columns,
    )
    source = "failure_mode_states_at(as_of = {at:String})"
    recomputed = read(clean, source)
    judge(clean)
    assert kept_versions(clean)
    assert read(clean, source) == recomputed
    assert [(row[3], row[6], row[7]) for row in recomputed] == [("untrue", "closed", 8)]
    # of a time before the names were changed
    before = read(clean, source, END - timedelta(days=3))
    assert {(row[3], row[7]) for row in before} == {("wrong date", 8), ("wrong fact", 8)}
