"""Four closed weeks, read on the day before the one on which the views are asked."""

from datetime import date, datetime, timedelta, timezone

WEEKS = [date(2026, 11, 2) + timedelta(days=7 * week) for week in range(4)]
NOW = "2026-12-01 00:00:00.000"
READ_AT = datetime(2026, 11, 30, tzinfo=timezone.utc)


def read_after(week):
    """The moment at which a week has closed: reading counts for 28 days from it."""
    return datetime(week.year, week.month, week.day, tzinfo=timezone.utc) + timedelta(days=7)


def spread(number):
    """So many u, evenly from 0 to 1."""
    return [(n + 0.5) / number for n in range(number)]
