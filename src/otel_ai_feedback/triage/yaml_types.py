"""Single values of a triage file: from what YAML makes of them to what they mean.

Each function raises a ``ValueError`` that says what is right instead.
"""

from __future__ import annotations

import os
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timezone
from typing import Any, Final

from otel_ai_feedback.alerts.alert import SEVERITIES
from otel_ai_feedback.triage.calendar import Period, is_known_country
from otel_ai_feedback.triage.model import Duration

WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)

_PERSON: Final = re.compile(r"\s*([^<>]+?)\s*(?:<\s*([^<>\s]+@[^<>\s]+)\s*>)?\s*")
_CLOCK: Final = re.compile(r"\s*(\d{1,2})(?::(\d\d))?\s*")
_DURATION: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([mhd])\s*")
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")


def text(value: Any) -> str:
    """A text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text")
    return value.strip()


def named(value: Any) -> tuple[str, str]:
    """A person as ``Ana <ana@example.org>``: their name and address, which may be empty."""
    found = _PERSON.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("must be a name, with or without an address: Ana <ana@example.org>")
    return found[1], found[2] or ""


def zone(value: Any) -> str:
    """An IANA time zone."""
    try:
        return zoneinfo.ZoneInfo(value).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError, TypeError, AttributeError):
        raise ValueError("must be an IANA time zone such as Europe/Berlin") from None


def duration(value: Any) -> Duration:
    """A length of time above 0."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found or not float(found[1]) or float(found[1]) > 10_000:
        raise ValueError("must be minutes, hours or days: 30m, 4h, 2d")
    return Duration(float(found[1]), found[2])


def after(value: Any) -> tuple[float | None, Duration | None]:
    """A share of the response time, or a length of time."""
    if isinstance(value, str) and (found := re.fullmatch(r"\s*(\d{1,4})\s*%\s*", value)):
        return int(found[1]) / 100, None
    try:
        return None, duration(value)
    except ValueError:
        raise ValueError(
            "must be a share of the response time or a length of time: 50%, 30m, 4h, 2d"
        ) from None


def minutes(value: Any) -> tuple[int, int]:
    """Two times of the day, as minutes from midnight."""
    parts = value.split("-") if isinstance(value, str) else []
    ends = [_minute(part) for part in parts]
    if len(ends) != 2 or None in ends or 1440 in ends[:1]:
        raise ValueError("must be two times of the day: 9-17, 08:30-16:30")
    begin, end = ends
    return int(begin or 0), int(end or 0)


def hours(value: Any) -> tuple[int, int]:
    """Working hours: those that end before they begin end on the next day."""
    begin, end = minutes(value)
    if begin == end:
        raise ValueError("must begin and end at different times: 9-17, 08:30-16:30, 22-6, 0-24")
    return begin, end if end > begin else end + 1440


def _minute(part: str) -> int | None:
    found = _CLOCK.fullmatch(part)
    if not found:
        return None
    minute = int(found[1]) * 60 + int(found[2] or 0)
    return minute if minute <= 1440 and int(found[2] or 0) < 60 else None


def weekday(value: Any) -> int:
    """A day of the week, by its name or the first three letters of it."""
    given = value.strip().lower() if isinstance(value, str) else ""
    for number, name in enumerate(WEEKDAYS):
        if given in (name, name[:3]):
            return number
    raise ValueError("must be a day of the week: monday or mon, tuesday or tue ...")


def weekdays(value: Any) -> frozenset[int]:
    """Days of the week: a list, or a span such as ``mon-fri``; at least one."""
    days: set[int] = set()
    for part in value if isinstance(value, list) else str(value).split(","):
        first, dash, last = str(part).partition("-")
        begin = weekday(first)
        end = weekday(last) if dash else begin
        days |= {(begin + more) % 7 for more in range((end - begin) % 7 + 1)}
    if not days:
        raise ValueError("must be one day or more: mon-fri, or [mon, wed]")
    return frozenset(days)


def hand_over(value: Any) -> tuple[int, time]:
    """A day of the week and a time of the day."""
    name, _, clock = value.strip().partition(" ") if isinstance(value, str) else ("", "", "")
    minute = _minute(clock) if clock else 0
    try:
        day = weekday(name)
    except ValueError:
        minute = None
    if minute is None or minute == 1440:
        raise ValueError("must be a day of the week and a time: monday 09:00")
    return day, time(minute // 60, minute % 60)


def day(value: Any) -> date:
    """A day."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise ValueError("must be a day such as 2026-12-24") from None


def days_off(values: Sequence[Any]) -> tuple[tuple[str, ...], tuple[Period, ...]]:
    """Public holidays by country, and own days off: both are in one list."""
    countries: list[str] = []
    periods: list[Period] = []
    for value in values:
        if isinstance(value, bool):
            raise ValueError('must be in quotes: YAML reads NO as false; write "NO"')
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{2}(-\w+)?", value):
            if not is_known_country(value.upper()):
                raise ValueError(
                    f"{value!r} is not a country with known public holidays: use ISO 3166 codes "
                    "such as DE, US, DE-BY"
                )
            countries.append(value.upper())
            continue
        first, dots, last = value.partition("..") if isinstance(value, str) else (value, "", "")
        try:
            period = Period(day(first), day(last) if dots else day(first))
        except ValueError:
            raise ValueError(
                "must be countries, days and spans of days: [DE-BY, 2026-12-24, "
                "2027-08-01..2027-08-14]"
            ) from None
        if period.last < period.first:
            raise ValueError(f"{value!r} ends before it begins")
        periods.append(period)
    return tuple(countries), tuple(periods)


def moment(value: Any, zone_name: str, *, closing: bool) -> datetime:
    """A day or a time in a zone; where it closes a span, a day counts to its end."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, datetime):
        wall = value
    elif isinstance(value, date):
        wall = datetime.combine(date.fromordinal(value.toordinal() + closing), time())
    else:
        raise ValueError("must be a day or a time: 2026-12-24, 2026-12-24 18:00")
    # YAML makes UTC of a time with an offset, and says so only from PyYAML 6 on.
    aware = wall if wall.tzinfo else wall.replace(tzinfo=zoneinfo.ZoneInfo(zone_name))
    return aware.astimezone(timezone.utc)


def severity(value: Any) -> str:
    """One of the severities."""
    if value not in SEVERITIES:
        raise ValueError(f"must be one of {', '.join(SEVERITIES)}")
    return str(value)


def contact(value: Any, environ: Mapping[str, str] = os.environ) -> str:
    """An address as apprise takes it, with ``${NAME}`` replaced from the environment."""
    given = text(value)
    missing = [name for name in _VARIABLE.findall(given) if name not in environ]
    if missing:
        raise ValueError(f"needs {' and '.join(missing)}, which the environment does not set")
    address = _VARIABLE.sub(lambda found: environ[found[1]], given)
    import apprise

    if apprise.Apprise.instantiate(address, suppress_exceptions=True) is None:
        raise ValueError(
            "is not an address that apprise can send to, such as slack://TokenA/TokenB/TokenC, "
            "mailto://user:password@example.org, or json://host/path for a webhook"
        )
    return address
