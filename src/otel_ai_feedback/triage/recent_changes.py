"""Which recent changes of a feature may be why a signal changed, in words.

What began shortly before the signal changed is a possible cause; everything else is only recent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from otel_ai_feedback.formats import day, plural, utc_minute

_CAUSES: Final = ("release", "model", "prompt_version")
_WITHIN: Final = timedelta(days=3)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Change:
    """A change in a feature.

    Attributes:
        text: What it was: ``release 1.4.0``.
        time: When it began.
        before: How long before the signal changed it began, in words, when it may be the cause:
            ``3 hours before``; else empty.
    """

    text: str
    time: datetime
    before: str

    @property
    def sentence(self) -> str:
        """It in a sentence of a message."""
        if self.before:
            return f"Possible cause: {self.text} began {self.before}."
        return f"Recent change: {self.text} ({utc_minute(self.time)})."


def recent_changes(details: Mapping[str, Any]) -> Iterator[Change]:
    """The changes that were recorded when an incident opened, possible causes first.

    Args:
        details: Of the event that opened it: ``changes``, and ``began`` where that is known.
    """
    began, unit = _began(details.get("began", ""))
    found = []
    for change in details.get("changes", []):
        time = _moment(change["time"])
        before = _before(began, unit, time) if began and change["kind"] in _CAUSES else ""
        found.append(Change(change["text"], time, before))
    return iter(sorted(found, key=lambda change: not change.before))


def began_words(details: Mapping[str, Any]) -> str:
    """Since when, in words: ``since 25 Nov`` or ``since 2026-11-25 09:00 UTC``; else empty."""
    began, unit = _began(details.get("began", ""))
    if began is None:
        return ""
    return f"since {day(began)}" if unit == _DAY else f"since {utc_minute(began)}"


def _began(text: str) -> tuple[datetime | None, timedelta]:
    """When the signal changed, and how exactly that is known."""
    if not text:
        return None, _DAY
    return _moment(text), _HOUR if "T" in text else _DAY


def _before(began: datetime, unit: timedelta, time: datetime) -> str:
    if not began - _WITHIN <= time < began + unit:
        return ""
    hours = (began - time) // _HOUR
    if time >= began:
        return "the same day" if unit == _DAY else "within the same hour"
    if hours < 1:
        return "less than an hour before"
    if hours < 48:
        return f"{plural(hours, 'hour')} before"
    return f"{plural(hours // 24, 'day')} before"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
