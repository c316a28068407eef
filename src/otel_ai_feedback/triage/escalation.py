"""Escalation: what is due next, as a function of the incident, the triage file and the time.

Stateless: a step keeps its name, so that the dispatcher can tell whether it has been sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from otel_ai_feedback.triage.calendar import Calendar, add, between
from otel_ai_feedback.triage.model import NEXT, OWNER, Person, Route, Step, Triage, clock
from otel_ai_feedback.triage.rows import Event, Incident

OPENED: Final = "opened"
_SERVICE: Final = "triage"


@dataclass(frozen=True)
class Due:
    """One message to one person.

    Attributes:
        step: Its name, distinct within a round of an incident.
        due_at: When it is due.
        send_at: When it is sent: then, or when the person's quiet hours end.
        person: Who is notified.
        takes_over: Whether they become the owner.
        why: Why they are notified, for the message.
    """

    step: str
    due_at: datetime
    send_at: datetime
    person: Person
    takes_over: bool
    why: str


def steps(triage: Triage, incident: Incident, events: Iterable[Event]) -> list[Due]:
    """The steps of an incident's current round that are still to come or due, in order of time.

    Args:
        triage: The triage file.
        incident: The incident; one that is not open has none.
        events: What happened to it.

    Returns:
        Also those whose time has not come.
    """
    if not incident.open:
        return []
    route = triage.route(incident.service, incident.rule, incident.severity)
    found = [_first(triage, incident, route)]
    found += [
        _due(triage, incident, f"handed-over {event.event_id[:8]}", event.at, event.owner,
             f"{event.author} handed this incident over to you")
        for event in events
        if event.kind == "assigned" and event.author != _SERVICE and event.at > incident.round_at
    ]  # fmt: skip
    found += _of_route(triage, incident, route)
    return sorted(found, key=lambda due: (due.send_at, due.due_at, due.step))


def upcoming(triage: Triage, incident: Incident, events: Iterable[Event]) -> list[Due]:
    """Those of the steps that come after the last event; for explanations."""
    return [due for due in steps(triage, incident, events) if due.due_at > incident.changed_at]


def _first(triage: Triage, incident: Incident, route: Route) -> Due:
    why = f"this incident is assigned to you ({route.place})"
    if incident.round > 1:
        why = "the fix did not work, so this incident is open again"
    return _due(triage, incident, OPENED, incident.round_at, incident.on_duty, why)


def _of_route(triage: Triage, incident: Incident, route: Route) -> list[Due]:
    found = []
    rota = triage.rotas[route.rota]
    calendar = clock(route, _person(triage, incident.on_duty, incident))
    nexts = {"acknowledged": 0, "resolved": 0}
    for number, step in enumerate(route.steps, 1):
        deadline = "acknowledge" if step.until == "acknowledged" else "resolve"
        is_next = step.notify == NEXT
        nexts[step.until] += is_next
        if step.until == "acknowledged" and incident.state != "open":
            continue
        end = incident.acknowledge_due if deadline == "acknowledge" else incident.resolve_due
        due_at = _time(step, incident.round_at, end, calendar)
        who = incident.owner
        if is_next:
            # Counted from the first owner, so that a change of owner does not shift the order.
            order = triage.after(rota, incident.on_duty, due_at)
            who = order[(nexts[step.until] - 1) % len(order)] if order else incident.on_duty
        elif step.notify != OWNER:
            who = step.notify
        # An acknowledged incident keeps its owner; the next person is only notified.
        takes_over = is_next and step.until == "acknowledged"
        late = due_at >= end
        why = f"the deadline to {deadline} this incident {'has passed' if late else 'is near'}"
        found.append(
            _due(triage, incident, f"{deadline} {number}", due_at, who, why, takes_over=takes_over)
        )
    return found


def _time(step: Step, begin: datetime, end: datetime, calendar: Calendar | None) -> datetime:
    if step.after is not None:
        return add(calendar, begin, step.after.seconds(calendar))
    # Of the deadline as it was set, whatever the file says now.
    return add(calendar, begin, between(calendar, begin, end) * (step.share or 0))


def _due(
    triage: Triage,
    incident: Incident,
    step: str,
    due_at: datetime,
    name: str,
    why: str,
    *,
    takes_over: bool = False,
) -> Due:
    person = _person(triage, name, incident)
    send_at = triage.quiet.held_until(person, incident.severity, due_at)
    return Due(f"{incident.round} {step}", due_at, send_at, person, takes_over, why)


def _person(triage: Triage, name: str, incident: Incident) -> Person:
    """A person of the file; the person on duty replaces one who is no longer in it."""
    if name in triage.people:
        return triage.people[name]
    route = triage.route(incident.service, incident.rule, incident.severity)
    return triage.people[triage.on_duty(triage.rotas[route.rota], incident.changed_at)[0]]
