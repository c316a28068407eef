"""Numbers, durations, dates and plurals as people read them: pages, messages, reports, terminal.

What programs read (JSON, SQL, HTTP) keeps full precision and is not formatted here.
"""

from __future__ import annotations

from datetime import date, datetime, timezone, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

Unit = Literal["share", "seconds", "days", "number"]

# A narrow no-break space keeps a number and its unit on one line.
_SPACE: Final = "\u202f"
_DIGITS: Final = 3


def capital(text: str) -> str:
    """Words of ours as a heading or label begins: ``asked again`` is ``Asked again``.

    Not for the names of services, features, models and people: those are shown as they were given.
    """
    return text[:1].upper() + text[1:]


def percent(share: float, digits: int = 1) -> str:
    """A share in percent: ``0.123`` is ``12.3%``."""
    return f"{100 * share:.{digits}f}%"


def points(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign: ``-3.2``."""
    return f"{100 * difference:+.1f}"


def size(difference: float) -> str:
    """The size of a difference of two shares: ``3.2 points``."""
    return f"{100 * abs(difference):.1f} points"


def interval(low: float, high: float) -> str:
    """A confidence interval of shares: ``10.1% to 14.5%``."""
    return f"{percent(low)} to {percent(high)}"


def count(number: float) -> str:
    """A whole number with its thousands apart: ``12 345``."""
    return f"{number:,.0f}".replace(",", _SPACE)


def number(value: float) -> str:
    """A number with three significant digits, never in exponents: ``0.0123``, ``1 340``."""
    if value == 0 or abs(value) >= 10**_DIGITS:
        return count(value)
    shown = f"{value:.{_DIGITS}g}"
    if "e" in shown:
        shown = f"{value:.6f}".rstrip("0").rstrip(".")
        return "0" if shown in ("0", "-0") else shown
    return shown


def plural(many: float, one: str, several: str | None = None) -> str:
    """How many there are of something: ``no answers``, ``1 answer``, ``1 200 answers``.

    Args:
        many: How many.
        one: The word for one.
        several: The word for any other number; by default ``one`` with an s.
    """
    word = one if many == 1 else several or f"{one}s"
    return f"{'no' if many == 0 else count(many)} {word}"


def duration(seconds: float) -> str:
    """A duration in the unit that people would use: ``350 ms``, ``2.4 s``, ``3 h``, ``5 days``."""
    size = abs(seconds)
    if size == 0:
        return f"0{_SPACE}s"
    if size < 1:
        return f"{1000 * seconds:.0f}{_SPACE}ms"
    if size < 60:
        return f"{seconds:.1f}".removesuffix(".0") + f"{_SPACE}s"
    if size < 7200:
        return f"{seconds / 60:.0f}{_SPACE}min"
    if size < 172_800:
        return f"{seconds / 3600:.1f}".removesuffix(".0") + f"{_SPACE}h"
    return f"{seconds / 86_400:.1f}".removesuffix(".0") + f"{_SPACE}days"


def quantity(value: float, unit: Unit) -> str:
    """A value with its unit.

    Args:
        value: The value.
        unit: What it is; ``seconds`` and ``days`` choose the unit that people would use.
    """
    if unit == "share":
        return percent(value)
    if unit == "number":
        return number(value)
    return duration(value * 86_400 if unit == "days" else value)


def aware(moment: datetime) -> datetime:
    """A time with its zone; the store answers in UTC without saying so."""
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def minute(moment: datetime, zone: tzinfo) -> str:
    """Day and minute in a zone, for pages that name the zone: ``3 Nov, 14:31``."""
    local = aware(moment).astimezone(zone)
    return f"{local.day}\u00a0{local:%b, %H:%M}"


def second(moment: datetime, zone: tzinfo) -> str:
    """Day and second in a zone, for pages that name the zone: ``3 Nov 2026, 14:31:05``."""
    local = aware(moment).astimezone(zone)
    return f"{local.day}\u00a0{local:%b %Y, %H:%M:%S}"


def clock(moment: datetime, zone: tzinfo) -> str:
    """Time of day in a zone, for pages that name the zone: ``14:31``."""
    return f"{aware(moment).astimezone(zone):%H:%M}"


def day(moment: date) -> str:
    """Day and month: ``3 Nov``."""
    return f"{moment.day} {moment:%b}"


def month(moment: date) -> str:
    """Month and year: ``November 2026``."""
    return f"{moment:%B %Y}"


def local_minute(moment: datetime, zone: str) -> str:
    """Day and minute with a person's zone: ``Tue 3 Nov 2026, 14:31 Europe/Berlin``."""
    local = aware(moment).astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} {zone}"


def utc_minute(moment: datetime) -> str:
    """Day and minute with the zone, for messages and the terminal: ``2026-11-03 14:31 UTC``."""
    return f"{aware(moment).astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"
