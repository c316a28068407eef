"""Outages: an hour against the same hour of the weeks before, through the hourly rollup."""

import random
from datetime import date, datetime, timedelta, timezone

import pytest

from counted import insert_counts

NOW = datetime(2026, 3, 2, 12, 40, tzinfo=timezone.utc)  # a Monday; 11:00 is the newest closed hour
NEWEST = datetime(2026, 3, 2, 11, tzinfo=timezone.utc)


@pytest.fixture
def hours(clean):
    """``hours({hours_ago: (n, failed, copied)}, usual=...)`` fills 63 days of a service's hours."""
    clean.insert(
        "rollup_days",
        [["jobs", date(1970, 1, 1), 1, 0, NOW, NOW, NOW]],
    )
    days = [(NEWEST - timedelta(days=n)).date() for n in range(66)]
    clean.insert("rollup_days", [["signals", day, 1, 0, NOW, NOW, NOW] for day in days])

    def fill(service, usual, unusual=None):
        rows = []
        for ago in range(63 * 24):
            hour = NEWEST - timedelta(hours=ago)
            given = (unusual or {}).get(ago, usual(hour) if callable(usual) else usual)
            if given is None:
                continue
            n, failed, copied = given
            for signal, k, of in (("failed", failed, n), ("copied", copied, n - failed)):
                rows.append((hour.date(), hour, (service, "", ""), "", "", signal, k, of))
        insert_counts(clean, rows)

    return fill


def outages(client, columns="service, series, direction", where="outage", as_of=NOW):
    return client.query(
        f"select {columns} from outages_at(as_of = '{as_of:%Y-%m-%d %H:%M:%S}.000') "
        f"where {where} order by service, series"
    ).result_rows


def test_an_unusual_level_in_two_hours_is_an_outage(clean, hours):
    hours("down", (200, 4, 60), {0: (200, 90, 5), 1: (200, 100, 5)})
    hours("one hour", (200, 4, 60), {0: (200, 90, 5)})
    hours("over", (200, 4, 60), {1: (200, 90, 5), 2: (200, 90, 5)})
    hours("there and back", (200, 4, 60), {0: (200, 4, 110), 1: (200, 4, 10)})
    hours("quiet", (200, 4, 60))
    assert outages(clean) == [("down", "copied", "fell"), ("down", "failed", "rose")]
    assert len(outages(clean, where="not outage")) == 8
    assert {row[0] for row in outages(clean, "hour", "true")} == {NEWEST.replace(tzinfo=None)}


def test_failures_that_never_happen_are_an_outage_when_they_do(clean, hours):
    hours("down", (60, 0, 20), {0: (60, 60, 0), 1: (60, 40, 5)})
    hours("few", (60, 0, 20), {0: (60, 5, 20), 1: (60, 5, 20)})
    assert ("down", "failed", "rose") in outages(clean)
    assert {row[0] for row in outages(clean)} == {"down"}


def test_nights_and_weekends_are_compared_with_nights_and_weekends(clean, hours):
    def cycle(hour):
        return (300, 3, 120) if 8 <= hour.hour < 20 and hour.weekday() < 5 else (80, 1, 12)

    hours("a", cycle)
    for hours_ago in (0, 8, 40, 60):
        assert outages(clean, as_of=NOW - timedelta(hours=hours_ago)) == []


def test_what_is_too_small_or_too_new_is_not_judged(clean, hours):
    hours("small", (29, 0, 10), {0: (29, 29, 0), 1: (29, 29, 0)})
    hours("new", lambda hour: (200, 4, 60) if hour > NEWEST - timedelta(days=12) else None,
          {0: (200, 90, 5), 1: (200, 90, 5)})  # fmt: skip
    assert outages(clean) == []
    assert {row[0] for row in outages(clean, "z", "true")} == {None}


def test_a_group_that_went_silent_is_no_outage(clean, hours):
    gone = dict.fromkeys(range(5))
    hours("a", (200, 4, 60), gone | {5: (200, 90, 5), 6: (200, 90, 5)})
    assert outages(clean) == []
    at_the_time = NOW - timedelta(hours=5)
    assert len(outages(clean, as_of=at_the_time)) == 2


def test_days_of_an_open_incident_are_no_reference(clean, hours):
    earlier = {168 * week + hour: (200, 90, 5) for week in range(8) for hour in (0, 1)}
    hours("a", (200, 4, 60), earlier)
    assert outages(clean) == []
    since, until = (NEWEST - timedelta(weeks=6)).date(), (NEWEST - timedelta(weeks=1)).date()
    clean.insert("drift_exclusions", [["a", "", "", "", since, until, "i1", 1]])
    assert [row[1] for row in outages(clean)] == ["copied", "failed"]


def test_unchanged_hours_rarely_alarm(clean, hours):
    generator = random.Random(20261123)
    services = 25

    def usual(hour):
        n = 150 if 8 <= hour.hour < 20 else 50
        p = 0.3 if hour.weekday() < 5 else 0.25
        spread = (1.4 * n * p * (1 - p)) ** 0.5
        return n, 0, max(0, min(n, round(generator.gauss(n * p, spread))))

    for number in range(services):
        hours(f"s{number}", usual)
    (found,) = clean.query(
        f"select sum(outage) from outage_hours_at(as_of = '{NOW:%Y-%m-%d %H:%M:%S}.000')"
        " where series = 'copied'"
    ).result_rows
    # expected: (2 * .0013)^2 / 2 an hour and series, so .01 in all of these weeks
    assert found == (0,)
