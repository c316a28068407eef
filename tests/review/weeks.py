"""Four closed weeks, read on the day before the one on which the views are asked."""

from datetime import date, datetime, timedelta, timezone

WEEKS = [date(2026, 11, 2) + timedelta(days=7 * week) for week in range(4)]
NOW = "2026-12-01 00:00:00.000"
READ_AT = datetime(2026, 11, 30, tzinfo=timezone.utc)


def spread(number):
    """So many u, evenly from 0 to 1."""
    return [(n + 0.5) / number for n in range(number)]
