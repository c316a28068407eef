"""Working time: when a person works, and how much of it lies between two moments.

Deadlines count seconds that pass on a clock while someone works. Both ends of a working day are
wall-clock times of the person's zone, so a day on which the clock is changed at night is as long as
any other, and one on which it is changed at work is an hour shorter or longer.

For working hours, ``add`` and ``between`` are each other's inverse, and adding two durations one
after the other is adding their sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)
# Who has been off for so long does not come back.
_MOST_DAYS_OFF: Final = 366 * 5
# The last that the store can hold is 2299.
_LAST_YEAR: Final = 2290


class NoWorkingTimeError(ValueError):
    """Someone never works, or never so much."""


@dataclass(frozen=True)
class Period:
    """Days off, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Calendar:
    """When a person works.

    Attributes:
        zone: IANA name of their time zone.
        start: Minute of the day at which work begins.
        end: Minute at which it ends, after ``start``: 1440 is midnight, and what is later is on the
            next day.
        weekdays: Days of the week on which it begins, Monday is 0; at least one.
        countries: Whose public holidays they have: ``DE``, or ``DE-BY`` with a subdivision.
        away: Their own days off.
    """

    zone: str = "UTC"
    start: int = 9 * 60
    end: int = 17 * 60
    weekdays: frozenset[int] = frozenset(range(5))
    countries: tuple[str, ...] = ()
    away: tuple[Period, ...] = ()

    @property
    def day_seconds(self) -> float:
        """How long a business day is."""
        return (self.end - self.start) * 60.0

    def is_away(self, day: date) -> bool:
        """Whether a day is one of their own days off."""
        return any(period.first <= day <= period.last for period in self.away)

    def works_on(self, day: date) -> bool:
        """Whether they work on a day."""
        return (
            day.weekday() in self.weekdays
            and not self.is_away(day)
            and not any(_is_holiday(country, day) for country in self.countries)
        )

    def local_day(self, at: datetime) -> date:
        """The day it is for them at a moment."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def windows(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Spans of working time in UTC that end after a moment, in order."""
        # A day earlier, for a working day that lasts until midnight or past it.
        day = self.local_day(since) - _DAY
        off = 0
        while off < _MOST_DAYS_OFF and day.year < _LAST_YEAR:
            if self.works_on(day):
                begin, end = self._moment(day, self.start), self._moment(day, self.end)
                if end > max(begin, since):
                    yield begin, end
                off = 0
            off += 1
            day += _DAY
        raise NoWorkingTimeError(f"there is no working time in the years before {day}")

    def _moment(self, day: date, minute: int) -> datetime:
        days, minute = divmod(minute, 1440)
        wall = datetime.combine(day + days * _DAY, time(minute // 60, minute % 60))
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(timezone.utc)


def add(calendar: Calendar | None, at: datetime, seconds: float) -> datetime:
    """The first moment by which so much working time has passed.

    Args:
        calendar: Whose working time; ``None`` counts all time.
        at: From when; aware.
        seconds: How much, 0 or more. With 0 it is ``at``, at work or not.

    Raises:
        NoWorkingTimeError: It never passes.
    """
    left = timedelta(seconds=seconds)
    at = at.astimezone(timezone.utc)
    if calendar is None or not left:
        return at + left
    for begin, end in calendar.windows(at):
        begin = max(begin, at)
        if begin + left <= end:
            return begin + left
        left -= end - begin
    raise AssertionError("windows() ends with an error")


def between(calendar: Calendar | None, begin: datetime, end: datetime) -> float:
    """How much working time lies between two moments, in seconds; 0 when ``end`` is not later."""
    if end <= begin:
        return 0.0
    if calendar is None:
        return (end - begin).total_seconds()
    passed = timedelta()
    for opens, closes in calendar.windows(begin):
        if opens >= end:
            break
        passed += min(closes, end) - max(opens, begin)
    return passed.total_seconds()


@cache
def _holidays(country: str) -> object:
    import holidays

    code, _, subdivision = country.partition("-")
    return holidays.country_holidays(code, subdiv=subdivision or None)


def _is_holiday(country: str, day: date) -> bool:
    return day in _holidays(country)  # type: ignore[operator]


def is_known_country(country: str) -> bool:
    """Whether public holidays of a country, or of its subdivision, are known."""
    try:
        _holidays(country)
    except (NotImplementedError, KeyError):
        return False
    return True
