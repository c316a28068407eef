"""Outages: an hour against the same hour of the weeks before, through the hourly rollup.

How often unchanged hours alert is in test_outage_worlds.py.
"""

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


@pytest.mark.slow
def test_an_unusual_level_in_two_hours_is_an_outage(clean, hours):
    hours("down", (200, 4, 60), {0: (200, 90, 5), 1: (200, 100, 5)})
    hours("one hour", (200, 4, 60), {0: (200, 90, 5)})
    hours("over", (200, 4, 60), {1: (200, 90, 5), 2: (200, 90, 5)})
    hours("there and back", (200, 4, 60), {0: (200, 4, 110), 1: (200, 4, 10)})
    hours("quiet", (200, 4, 60))
    assert outages(clean) == [("down", "copied", "fell"), ("down", "failed", "rose")]
    assert len(outages(clean, where="not outage")) == 8
    assert {row[0] for row in outages(clean, "hour", "true")} == {NEWEST.replace(tzinfo=None)}


@pytest.mark.slow
def test_failures_that_never_happen_are_an_outage_when_they_do(clean, hours):
    hours("down", (60, 0, 20), {0: (60, 60, 0), 1: (60, 40, 5)})
    hours("few", (60, 0, 20), {0: (60, 5, 20), 1: (60, 5, 20)})
    assert ("down", "failed", "rose") in outages(clean)
    assert {row[0] for row in outages(clean)} == {"down"}


@pytest.mark.slow
def test_nights_and_weekends_are_compared_with_nights_and_weekends(clean, hours):
    def cycle(hour):
        return (300, 3, 120) if 8 <= hour.hour < 20 and hour.weekday() < 5 else (80, 1, 12)

    hours("a", cycle)
    for hours_ago in (0, 8, 40, 60):
        assert outages(clean, as_of=NOW - timedelta(hours=hours_ago)) == []


@pytest.mark.slow
def test_what_is_too_small_or_too_new_is_not_judged(clean, hours):
    hours("small", (29, 0, 10), {0: (29, 29, 0), 1: (29, 29, 0)})
    hours("new", lambda hour: (200, 4, 60) if hour > NEWEST - timedelta(hours=20) else None,
          {0: (200, 90, 5), 1: (200, 90, 5)})  # fmt: skip
    assert outages(clean) == []
    assert {row[0] for row in outages(clean, "z", "true")} == {None}
    assert set(outages(clean, "service, why_not_judged", "true")) == {
        ("small", "Too few answers in this hour to judge it"),
        ("new", "Not judged yet: needs 5 more hours"),
    }


@pytest.mark.slow
def test_a_feature_without_weeks_is_compared_with_its_own_last_days(clean, hours):
    def lately(days):
        return lambda hour: (200, 4, 60) if hour > NEWEST - timedelta(days=days) else None

    hours("two days", lately(2), {0: (200, 90, 5), 1: (200, 100, 5)})
    hours("twelve days", lately(12), {0: (200, 90, 5), 1: (200, 100, 5)})
    hours("unchanged", lately(5))
    assert outages(clean) == [
        (service, signal, way)
        for service in ("twelve days", "two days")
        for signal, way in (("copied", "fell"), ("failed", "rose"))
    ]
    assert set(outages(clean, "compared_with")) == {("the 7 days before",)}


@pytest.mark.slow
def test_a_certain_difference_that_is_too_small_to_matter_is_no_outage(clean, hours):
    n = 1_000_000
    hours("a", (n, 0, 300_000), {0: (n, 0, 295_000), 1: (n, 0, 295_000)})
    hours("b", (n, 0, 300_000), {0: (n, 0, 260_000), 1: (n, 0, 260_000)})
    assert {row[0] for row in outages(clean, "service", "z < -3")} == {"a", "b"}
    assert outages(clean) == [("b", "copied", "fell")]


@pytest.mark.slow
def test_a_group_that_went_silent_is_no_outage(clean, hours):
    gone = dict.fromkeys(range(5))
    hours("a", (200, 4, 60), gone | {5: (200, 90, 5), 6: (200, 90, 5)})
    assert outages(clean) == []
    at_the_time = NOW - timedelta(hours=5)
    assert len(outages(clean, as_of=at_the_time)) == 2


@pytest.mark.slow
def test_days_of_an_open_incident_are_no_reference(clean, hours):
    earlier = {168 * week + hour: (200, 90, 5) for week in range(7) for hour in (0, 1)}
    hours("a", (200, 4, 60), earlier)
    assert outages(clean) == []
    since, until = (NEWEST - timedelta(weeks=6)).date(), (NEWEST - timedelta(weeks=1)).date()
    clean.insert("drift_exclusions", [["a", "", "", "", since, until, "i1", 1]])
    assert [row[1] for row in outages(clean)] == ["copied", "failed"]
