"""The people of a triage file: who they are, when they work, and where messages to them go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.triage import yaml_types
from otel_ai_feedback.triage.calendar import Calendar
from otel_ai_feedback.triage.model import NEXT, OWNER, Person
from otel_ai_feedback.triage.validation import Checked

_PERSON: Final = {"name", "email", "contact", "timezone", "hours", "days", "holidays"}

Contacts = tuple[tuple[str, str], ...]
"""Addresses as they are used, and as the file has them."""


class People(Checked):
    """Reads people, and notes down what is wrong.

    Args:
        environ: Where ``${NAME}`` in a contact comes from.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__()
        self._environ = environ

    def people(self, document: dict[str, Any]) -> dict[str, Person]:
        """Everyone whom a document names, by name."""
        general = self._calendar("", document, Calendar())
        contacts = self._contacts("notify", document.get("notify"))
        people: dict[str, Person] = {}
        owner = document.get("owner")
        if owner is not None:
            named = self.value("owner", owner, yaml_types.named)
            if not contacts and "notify" not in document:
                self.mistake("notify", None, "is missing: where do messages to the owner go?")
            if named:
                people[named[0]] = _person(*named, contacts, general)
            if document.get("people") is not None:
                self.mistake("owner", owner, "is given together with `people`; keep one of the two")
        elif document.get("people") is None:
            self.mistake("owner", None, "is missing: who answers alerts? Ana <ana@example.org>")
        for place, entry in self.entries("people", document.get("people"), _PERSON):
            named = self.value(f"{place}.name", entry.get("name"), yaml_types.named)
            calendar = self._calendar(f"{place}.", entry, general)
            own = self._contacts(f"{place}.contact", entry.get("contact")) or contacts
            if not own and "contact" not in entry:
                self.mistake(
                    f"{place}.contact", None, "is missing, and there is no `notify` for everyone"
                )
            if not named:
                continue
            email = self.value(f"{place}.email", entry.get("email", named[1]), _email) or ""
            if named[0] in people:
                self.mistake(f"{place}.name", named[0], "is another person's name too; change it")
            if named[0] in (OWNER, NEXT):
                self.mistake(f"{place}.name", named[0], "means something else in `escalation`")
            people[named[0]] = _person(named[0], email, own, calendar)
        return people

    def _calendar(self, at: str, entry: Mapping[str, Any], general: Calendar) -> Calendar:
        start, end = self.optional(
            f"{at}hours", entry.get("hours"), yaml_types.hours, (general.start, general.end)
        )
        days_off = entry.get("holidays")
        if days_off is not None and not isinstance(days_off, list):
            days_off = [days_off]
        countries, away = self.optional(
            f"{at}holidays", days_off, yaml_types.days_off, (general.countries, general.away)
        )
        return Calendar(
            zone=self.optional(
                f"{at}timezone", entry.get("timezone"), yaml_types.zone, general.zone
            ),
            start=start,
            end=end,
            weekdays=self.optional(
                f"{at}days", entry.get("days"), yaml_types.weekdays, general.weekdays
            ),
            countries=countries,
            away=away,
        )

    def _contacts(self, at: str, given: Any) -> Contacts:
        if given is None:
            return ()
        if given == []:
            self.mistake(at, given, "is empty; name where messages go")
        found = []
        for number, value in enumerate(given if isinstance(given, list) else [given]):
            place = f"{at}[{number}]" if isinstance(given, list) else at
            try:
                found.append((yaml_types.contact(value, self._environ), str(value).strip()))
            except ValueError as error:
                # The rest of it is a secret.
                scheme = str(value).partition("://")[0] if "://" in str(value) else "its value"
                self.mistakes.append(f"{place}: {scheme}://... {error}")
        return tuple(found)


def _person(name: str, email: str, contacts: Contacts, calendar: Calendar) -> Person:
    addresses = tuple(address for address, _ in contacts)
    return Person(name, email, addresses, calendar, tuple(written for _, written in contacts))


def _email(value: Any) -> str:
    if not isinstance(value, str) or (value and "@" not in value):
        raise ValueError("must be an address such as ana@example.org")
    return value
