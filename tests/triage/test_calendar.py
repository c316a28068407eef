"""Working time: across changes of the clock, leap days, holidays and days off."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from otel_ai_feedback.triage.calendar import (
    Calendar,
    NoWorkingTimeError,
    Period,
    add,
    between,
    is_known_country,
)
from otel_ai_feedback.triage.model import Person, Quiet

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
BERLIN = Calendar(zone="Europe/Berlin")
HOUR = 3600


def berlin(*parts):
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Berlin"))


@st.composite
def calendars(draw):
    start = draw(st.integers(0, 1320))
    return Calendar(
        zone=draw(st.sampled_from(ZONES)),
        start=start,
        end=draw(st.integers(start + 120, start + 1439)),
        weekdays=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))),
        countries=draw(st.sampled_from([(), ("DE",), ("US", "DE-BY")])),
        away=tuple(
            Period(first, first + timedelta(draw(st.integers(0, 20))))
            for first in draw(st.lists(days, max_size=2))
        ),
    )


# Around changes of the clock, a leap day and the turn of a year.
days = st.sampled_from(
    [date(2024, 2, 28), date(2025, 3, 29), date(2025, 10, 25), date(2025, 12, 30), date(2026, 4, 4)]
)
moments = st.builds(
    lambda day, seconds: (
        datetime(day.year, day.month, day.day, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    ),
    days,
    st.integers(-5 * 86_400, 5 * 86_400),
)
seconds = st.integers(0, 5 * 86_400)


@given(calendars(), moments, seconds, seconds)
def test_later_work_ends_later_and_more_of_it_too(calendar, at, one, other):
    few, many = sorted((one, other))
    assert at <= add(calendar, at, few) <= add(calendar, at, many)
    later = at + timedelta(seconds=other)
    assert add(calendar, at, one) <= max(later, add(calendar, later, one))


@given(calendars(), moments, seconds, seconds)
def test_one_after_the_other_is_their_sum(calendar, at, one, other):
    assert add(calendar, add(calendar, at, one), other) == add(calendar, at, one + other)


@given(calendars(), moments, seconds)
def test_what_was_added_lies_between(calendar, at, work):
    end = add(calendar, at, work)
    assert between(calendar, at, end) == work
    if work:
        assert between(calendar, at, end - timedelta(seconds=1)) == work - 1


@given(calendars(), moments, st.integers(0, 20 * 86_400), st.integers(0, 20 * 86_400))
def test_parts_of_a_span_make_the_whole(calendar, at, first, second):
    middle, end = at + timedelta(seconds=first), at + timedelta(seconds=first + second)
    whole = between(calendar, at, end)
    assert between(calendar, at, middle) + between(calendar, middle, end) == whole
    assert 0 <= whole <= (end - at).total_seconds()
    assert between(calendar, end, at) == 0 or first + second == 0


@given(calendars(), moments, st.integers(1, 10 * 86_400))
def test_it_ends_at_work(calendar, at, work):
    end = add(calendar, at, work)
    local = end.astimezone(ZoneInfo(calendar.zone))
    # the end of a working day belongs to it, be it midnight or later
    moment = local.replace(tzinfo=None) - timedelta(seconds=1)
    minute = moment.hour * 60 + moment.minute
    today, yesterday = moment.date(), moment.date() - timedelta(days=1)
    assert (calendar.works_on(today) and calendar.start <= minute < calendar.end) or (
        calendar.works_on(yesterday) and minute < calendar.end - 1440
    )


@given(moments, seconds)
def test_without_working_hours_all_time_counts(at, work):
    assert add(None, at, work) - at == timedelta(seconds=work)
    assert between(None, at, add(None, at, work)) == work


def test_a_business_day_from_friday_afternoon_ends_on_monday_afternoon():
    assert add(BERLIN, berlin(2025, 11, 28, 15), 8 * HOUR) == berlin(2025, 12, 1, 15)
    assert add(BERLIN, berlin(2025, 11, 29, 3), 8 * HOUR) == berlin(2025, 12, 1, 17)


def test_a_working_day_is_as_long_when_the_clock_was_changed_at_night():
    for sunday in (berlin(2025, 3, 30, 12), berlin(2025, 10, 26, 12)):
        assert add(BERLIN, sunday, 8 * HOUR) == sunday.replace(hour=17) + timedelta(days=1)
        assert between(BERLIN, sunday, sunday + timedelta(days=7)) == 5 * 8 * HOUR


def test_a_change_of_the_clock_at_work_makes_the_day_shorter_or_longer():
    night = Calendar(zone="Europe/Berlin", start=60, end=300, weekdays=frozenset({6}))
    spring, autumn = berlin(2025, 3, 30, 0), berlin(2025, 10, 26, 0)
    assert between(night, spring, spring + timedelta(days=1)) == 3 * HOUR
    assert between(night, autumn, autumn + timedelta(days=1)) == 5 * HOUR


def test_leap_days_holidays_and_days_off():
    assert add(BERLIN, berlin(2024, 2, 28, 17), 8 * HOUR) == berlin(2024, 2, 29, 17)
    christmas = Calendar(zone="Europe/Berlin", countries=("DE",))
    assert add(christmas, berlin(2025, 12, 24, 17), HOUR) == berlin(2025, 12, 29, 10)
    bavarian = Calendar(zone="Europe/Berlin", countries=("DE-BY",))
    assert add(bavarian, berlin(2026, 1, 5, 17), HOUR) == berlin(2026, 1, 7, 10)
    off = Calendar(zone="Europe/Berlin", away=(Period(date(2026, 1, 5), date(2026, 1, 6)),))
    assert add(off, berlin(2026, 1, 2, 17), HOUR) == berlin(2026, 1, 7, 10)


def test_who_never_works_is_an_error_and_not_a_loop():
    never = Calendar(away=(Period(date(1970, 1, 1), date(2200, 1, 1)),))
    with pytest.raises(NoWorkingTimeError):
        add(never, berlin(2025, 1, 1), 1)


def test_countries():
    assert is_known_country("DE")
    assert is_known_country("DE-BY")
    assert not is_known_country("XX")
    assert not is_known_country("DE-XX")


@given(calendars(), moments)
def test_windows_do_not_overlap(calendar, at):
    windows = calendar.windows(at)
    first, second = next(windows), next(windows)
    assume(first)
    assert at < first[1] <= second[0] < second[1]


@given(st.integers(0, 1439), st.integers(0, 1439), st.sampled_from(ZONES), moments)
def test_what_quiet_hours_hold_back_is_sent_when_they_end(start, end, zone, at):
    quiet = Quiet(start, end, ("critical",))
    person = Person("Ana", "", (), Calendar(zone=zone))
    assert quiet.held_until(person, "critical", at) == at
    sent = quiet.held_until(person, "warning", at)
    assert timedelta(0) <= sent - at <= timedelta(hours=25)
    # it is not held back again
    assert quiet.held_until(person, "warning", sent + timedelta(hours=1)) >= sent
    if sent > at:
        wall = sent.astimezone(ZoneInfo(zone))
        # a time that the clock leaves out is the hour after it
        late = (wall.hour * 60 + wall.minute - end) % 1440
        assert late in (0, 30, 60)


def test_a_night_shift_ends_on_the_next_morning():
    """Friday's night ends on Saturday, and the night in which the clock is set back is longer."""
    night = Calendar(zone="Europe/Berlin", start=22 * 60, end=30 * 60)
    friday = berlin(2025, 10, 17, 23)
    assert add(night, friday, 7 * 3600) == berlin(2025, 10, 18, 6)
    assert add(night, friday, 8 * 3600) == berlin(2025, 10, 20, 23)
    every_day = Calendar(zone="Europe/Berlin", start=22 * 60, end=30 * 60, weekdays=frozenset({5}))
    assert between(every_day, berlin(2025, 10, 25, 22), berlin(2025, 10, 26, 6)) == 9 * 3600
