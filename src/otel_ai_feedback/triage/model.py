"""What a triage file says, once it has been checked: who has an alert, by when, and who is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from fnmatch import fnmatchcase
from typing import Final, Literal, Protocol
from zoneinfo import ZoneInfo

from otel_ai_feedback.formats import number, utc_minute
from otel_ai_feedback.triage.calendar import Calendar, add

Clock = Literal["business", "always"]
Until = Literal["acknowledged", "resolved"]

OWNER: Final = "owner"
NEXT: Final = "next"


class Rule(Protocol):
    """What triage needs to know of an alert rule."""

    @property
    def name(self) -> str:
        """Its name, the label ``alertname`` of its alerts."""

    @property
    def severity(self) -> str:
        """One of ``SEVERITIES``."""


@dataclass(frozen=True)
class OwnRule:
    """What people report by themselves."""

    name: str
    severity: str


REVIEWER_REPORT: Final = OwnRule("reported-by-reviewer", "warning")
USER_REPORT: Final = OwnRule("reported-by-user", "warning")
OWN_RULES: Final = (REVIEWER_REPORT, USER_REPORT)


@dataclass(frozen=True)
class Duration:
    """A number of minutes, hours or days.

    Attributes:
        amount: How many.
        unit: ``m``, ``h`` or ``d``; a day is a working day of the person whose clock it is, or 24
            hours where all time counts.
    """

    amount: float
    unit: str

    def seconds(self, calendar: Calendar | None) -> float:
        """Its length on a person's clock."""
        day = 86_400.0 if calendar is None else calendar.day_seconds
        return self.amount * {"m": 60.0, "h": 3600.0, "d": day}[self.unit]

    def __str__(self) -> str:
        name = {"m": "minute", "h": "hour", "d": "day"}[self.unit]
        return f"{number(self.amount)} {name}{'' if self.amount == 1 else 's'}"


@dataclass(frozen=True)
class Person:
    """Someone who can have an incident.

    Attributes:
        name: Their name; incidents and messages say it.
        email: Their address, by which they may sign in to the pages, or empty.
        contacts: Where messages to them go: addresses as `apprise` takes them.
        calendar: When they work.
        written: The same addresses as the file has them, with names of variables for secrets.
    """

    name: str
    email: str
    contacts: tuple[str, ...] = field(repr=False)
    calendar: Calendar
    written: tuple[str, ...] = ()


@dataclass(frozen=True)
class Override:
    """Someone takes a rota for a while; of several at once the last in the file counts."""

    person: str
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Rota:
    """People who take turns, a week each.

    Attributes:
        name: Its name in the file.
        people: Their names, in turn.
        zone: IANA zone of the hand-over.
        weekday: Day of the hand-over, Monday is 0.
        at: Time of it.
        starts: A day in the first week of the first person.
        overrides: Who takes it instead.
    """

    name: str
    people: tuple[str, ...]
    zone: str
    weekday: int
    at: time
    starts: date
    overrides: tuple[Override, ...] = ()

    def turn(self, moment: datetime) -> int:
        """How many hand-overs there were since the first person's week; below 0 before it."""
        first = self.starts - timedelta((self.starts.weekday() - self.weekday) % 7)
        guess = (moment.astimezone(ZoneInfo(self.zone)).date() - first).days // 7
        # Compared in UTC: a hand-over in the hour that a change of the clock repeats is one.
        return max(k for k in range(guess - 2, guess + 2) if self._hand_over(first, k) <= moment)

    def _hand_over(self, first: date, number: int) -> datetime:
        wall = datetime.combine(first + timedelta(weeks=number), self.at)
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(timezone.utc)


@dataclass(frozen=True)
class Step:
    """What happens while no one answers.

    Attributes:
        share: After which share of the response time; or
        after: after how long.
        until: What ends it, and whose response time it is: ``acknowledged`` or ``resolved``.
        notify: ``owner``, ``next`` (who then becomes the owner), or a person's name.
    """

    share: float | None
    after: Duration | None
    until: Until
    notify: str


DEFAULT_STEPS: Final = (
    Step(0.5, None, "acknowledged", OWNER),
    Step(1.0, None, "acknowledged", NEXT),
    Step(2.0, None, "acknowledged", NEXT),
    Step(0.8, None, "resolved", OWNER),
    Step(1.0, None, "resolved", NEXT),
)


@dataclass(frozen=True)
class Route:
    """Which alerts go to which rota, and how soon they are to be answered.

    Attributes:
        place: Where it is in the file, for explanations.
        services: Patterns (``*``, ``?``) of services; none is every one.
        alerts: Patterns of rules; none is every one.
        severities: Severities; none is every one.
        rota: Name of the rota.
        acknowledge: Time to acknowledge.
        resolve: Time to resolve.
        clock: ``business``: the owner's working time counts; ``always``: all time does.
        steps: What happens while no one answers.
    """

    place: str
    services: tuple[str, ...]
    alerts: tuple[str, ...]
    severities: tuple[str, ...]
    rota: str
    acknowledge: Duration
    resolve: Duration
    clock: Clock
    steps: tuple[Step, ...] = DEFAULT_STEPS

    def takes(self, service: str, alert: str, severity: str) -> bool:
        """Whether it is for this alert of this service."""
        return (
            _matches(self.services, service)
            and _matches(self.alerts, alert)
            and _matches(self.severities, severity)
        )


def _matches(patterns: Sequence[str], value: str) -> bool:
    return not patterns or any(fnmatchcase(value, pattern) for pattern in patterns)


@dataclass(frozen=True)
class Quiet:
    """When messages are held back, by the clock of whom they are for.

    Attributes:
        start: Minute of the day from which on; the same as ``end`` is never.
        end: Minute of the day until which, the next day if it is before ``start``.
        except_severities: Of which severities messages come through.
    """

    start: int = 20 * 60
    end: int = 8 * 60
    except_severities: tuple[str, ...] = ("critical",)

    def held_until(self, person: Person, severity: str, at: datetime) -> datetime:
        """When a message that is due at a moment is sent: then, or when quiet hours end."""
        if severity in self.except_severities or self.start == self.end:
            return at
        zone = ZoneInfo(person.calendar.zone)
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        length = (self.end - self.start) % 1440
        if (minute - self.start) % 1440 >= length:
            return at
        day = local.date() + timedelta(days=int(minute >= self.end))
        ends = datetime.combine(day, time(self.end // 60, self.end % 60), zone)
        return max(at, ends.astimezone(timezone.utc))


@dataclass(frozen=True)
class Assignment:
    """Who has an alert, by when, and why.

    Attributes:
        owner: Who.
        rota: From which rota.
        route: By which route.
        acknowledge_due: By when it is to be acknowledged, UTC.
        resolve_due: By when it is to be resolved, UTC.
        why: A sentence for each step of the decision.
    """

    owner: Person
    rota: str
    route: Route
    acknowledge_due: datetime
    resolve_due: datetime
    why: tuple[str, ...]


@dataclass(frozen=True)
class Triage:
    """A whole triage file.

    Attributes:
        people: By name.
        rotas: By name.
        routes: The first that takes an alert counts; the last takes every one.
        quiet: When messages are held back.
    """

    people: dict[str, Person]
    rotas: dict[str, Rota]
    routes: tuple[Route, ...]
    quiet: Quiet

    def name_of(self, who: str) -> str:
        """The name of someone who may be known by their address; else what they are called."""
        for person in self.people.values():
            if person.email and person.email.lower() == who.lower():
                return person.name
        return who

    def route(self, service: str, alert: str, severity: str) -> Route:
        """The route that takes an alert."""
        for route in self.routes:
            if route.takes(service, alert, severity):
                return route
        # A rule that this file was not checked against: someone owns it all the same.
        return self.routes[-1]

    def on_duty(self, rota: Rota, at: datetime) -> tuple[str, str]:
        """Who has a rota at a moment, and a sentence that says why."""
        for override in reversed(rota.overrides):
            if override.begin <= at < override.end:
                return override.person, (
                    f"{override.person} takes rota {rota.name!r} from "
                    f"{utc_minute(override.begin)} to {utc_minute(override.end)}"
                )
        turn = rota.turn(at)
        whose = rota.people[turn % len(rota.people)]
        for name in self.after(rota, whose, at, inclusive=True):
            if name == whose:
                return whose, f"it is {whose}'s week on rota {rota.name!r}"
            return name, f"it is {whose}'s week on rota {rota.name!r}, who is away; {name} is next"
        return whose, f"it is {whose}'s week on rota {rota.name!r}, and everyone on it is away"

    def after(
        self, rota: Rota, name: str, at: datetime, *, inclusive: bool = False
    ) -> tuple[str, ...]:
        """Who of a rota comes after someone, leaving out those who are away."""
        place = rota.people.index(name) if name in rota.people else -1
        order = [*rota.people[place + 1 :], *rota.people[: max(place, 0)]]
        if inclusive:
            order.insert(0, name)
        return tuple(who for who in order if not self._is_away(who, at))

    def _is_away(self, name: str, at: datetime) -> bool:
        calendar = self.people[name].calendar
        return calendar.is_away(calendar.local_day(at))

    def assign(self, service: str, alert: str, severity: str, at: datetime) -> Assignment:
        """Who has an alert that comes at a moment.

        Args:
            service: Of which service it is.
            alert: The rule.
            severity: One of ``SEVERITIES``.
            at: When, aware.
        """
        route = self.route(service, alert, severity)
        name, duty = self.on_duty(self.rotas[route.rota], at)
        owner = self.people[name]
        calendar = clock(route, owner)
        due = {
            what: add(calendar, at, duration.seconds(calendar))
            for what, duration in (("ack", route.acknowledge), ("resolve", route.resolve))
        }
        kind = "business " if calendar else ""
        why = (
            f"{route.place} is the first match for {alert!r} of {service!r} ({severity})",
            f"on {utc_minute(at)} {duty}",
            f"{route.acknowledge} of {kind}time to acknowledge, {route.resolve} to resolve"
            + (f", by {name}'s clock ({described(calendar)})" if calendar else ", day and night"),
        )
        return Assignment(owner, route.rota, route, due["ack"], due["resolve"], why)


def clock(route: Route, owner: Person) -> Calendar | None:
    """Whose working time counts for a route; ``None`` when all time does."""
    return owner.calendar if route.clock == "business" else None


_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def described(calendar: Calendar) -> str:
    """Working hours in words."""
    days = ", ".join(_DAYS[day] for day in sorted(calendar.weekdays))
    start, end = (f"{m // 60:02}:{m % 60:02}" for m in (calendar.start, _ending(calendar.end)))
    off = f", holidays of {' and '.join(calendar.countries)}" if calendar.countries else ""
    return f"{days} {start} to {end} {calendar.zone}{off}"


def _ending(minute: int) -> int:
    """The minute of the day at which work ends, 24:00 at midnight."""
    return minute if minute <= 1440 else minute - 1440
