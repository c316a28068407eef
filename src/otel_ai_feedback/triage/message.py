"""What a message to a person says: what is wrong, by when, and where to answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from otel_ai_feedback.triage.escalation import Due
from otel_ai_feedback.triage.model import Person
from otel_ai_feedback.triage.rows import Event, Incident


def link(url: str, incident_id: str) -> str:
    """Address of the page on which an incident is acknowledged.

    Args:
        url: Address of ``serve``, without a slash at the end.
        incident_id: Which.
    """
    return f"{url}/triage/{incident_id}/acknowledge"


def title(incident: Incident) -> str:
    """The subject of a message."""
    return f"[{incident.severity}] {incident.title}"


def body(incident: Incident, events: Sequence[Event], due: Due, url: str) -> str:
    """The text of a message. It has numbers and names, and no text of any output."""
    person = due.person
    lines = [f"{person.name}, {due.why}."]
    if incident.owner != person.name and not due.takes_over:
        lines.append(f"{incident.owner} has it now.")
    opened = next((event for event in events if event.kind == "opened"), None)
    if opened:
        lines += _numbers(opened)
    if incident.state == "open":
        lines.append(f"Acknowledge by {_local(incident.acknowledge_due, person)}.")
    lines.append(f"Resolve by {_local(incident.resolve_due, person)}.")
    lines.append(f"Acknowledge it here: {link(url, incident.incident_id)}")
    lines.append(f"or: otel-ai-feedback triage ack {incident.incident_id} --author {person.name}")
    if opened and (runbook := opened.details.get("annotations", {}).get("runbook_url")):
        lines.append(f"What to do: {runbook}")
    return "\n".join(lines)


def _numbers(opened: Event) -> list[str]:
    details: dict[str, Any] = opened.details
    lines = []
    if summary := details.get("annotations", {}).get("summary"):
        lines.append(summary)
    values = {name: value for name, value in details.get("values", {}).items() if value is not None}
    if values:
        shown = ", ".join(f"{name} = {value:.4g}" for name, value in values.items())
        lines.append(f"When it fired: {shown}.")
    if behind := details.get("outputs_behind"):
        lines.append(f"Outputs behind it: {behind}.")
    for change in details.get("changes", [])[:3]:
        lines.append(f"Shortly before: {change['text']} ({change['time']}).")
    return lines


def _local(moment: datetime, person: Person) -> str:
    local = moment.astimezone(ZoneInfo(person.calendar.zone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} {person.calendar.zone}"
