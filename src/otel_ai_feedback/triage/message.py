"""The text of a notification: what is wrong, the deadline, and where to acknowledge."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

from otel_ai_feedback.alerts.rule import CONDITION
from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.escaping import chat, chat_link
from otel_ai_feedback.formats import capital, local_minute, number, plural
from otel_ai_feedback.triage.escalation import Due
from otel_ai_feedback.triage.recent_changes import began_words, recent_changes
from otel_ai_feedback.triage.rows import Event, Incident

_OWN_RULES: Final = frozenset(rule.name for rule in RULES)
_MOST_CHANGES: Final = 3


def link(url: str, incident_id: str) -> str:
    """Address of the page on which an incident is acknowledged.

    Args:
        url: Address of ``serve``, without a slash at the end.
        incident_id: Which.
    """
    return f"{url}/triage/{incident_id}/acknowledge"


def title(incident: Incident) -> str:
    """The subject of a message."""
    return f"[{incident.severity}] {chat(incident.title)}"


def body(incident: Incident, events: Sequence[Event], due: Due, url: str) -> str:
    """The text of a message: numbers, names and what was reported, never the text of an answer."""
    person = due.person
    lines = [f"{person.name}, {due.why}."]
    if incident.owner != person.name and not due.takes_over:
        lines.append(f"Current owner: {incident.owner}.")
    opened = next((event for event in events if event.kind == "opened"), None)
    if opened:
        if opened.note:
            lines.append(f"{chat(opened.author)} reports: {chat(opened.note)}")
        lines += _numbers(opened)
        lines.append(f"Affected answers: {url}/triage/{incident.incident_id}")
    if incident.state == "open":
        lines.append(
            f"Acknowledge by {local_minute(incident.acknowledge_due, person.calendar.zone)}."
        )
    lines.append(f"Resolve by {local_minute(incident.resolve_due, person.calendar.zone)}.")
    lines.append(f"Acknowledge: {link(url, incident.incident_id)}")
    lines.append(
        f"Or run: otel-ai-feedback triage ack {incident.incident_id} "
        f"--author {shlex.quote(person.name)}"
    )
    if opened and (runbook := opened.details.get("annotations", {}).get("runbook_url")):
        lines.append(f"Runbook: {chat_link(runbook)}")
    return "\n".join(lines)


def _numbers(opened: Event) -> list[str]:
    details: dict[str, Any] = opened.details
    lines = []
    summary = details.get("annotations", {}).get("summary")
    if summary:
        lines.append(chat(summary))
    # The summary of a rule of this project has its numbers, with their units.
    if not summary or details.get("labels", {}).get("alertname") not in _OWN_RULES:
        lines += [f"{chat(name)}: {value}." for name, value in measured(details).items()]
    if since := began_words(details):
        lines.append(f"Changed {since}.")
    if behind := details.get("outputs_behind"):
        lines.append(f"{plural(behind, 'affected answer')}.")
    lines += [chat(change.sentence) for change in islice(recent_changes(details), _MOST_CHANGES)]
    return lines


def measured(details: Mapping[str, Any]) -> dict[str, str]:
    """The numbers of an alert, each by the name of its quantity.

    The rules of this project name each query by its quantity. Other rules of Grafana have letters.
    A condition that is met or not has no number to show: the summary says it.

    Args:
        details: Of the event that opened the incident.
    """
    values = {
        name: value
        for name, value in details.get("values", {}).items()
        if value is not None and name != CONDITION
    }
    letters = len(values) > 1
    return {_quantity(name, letters=letters): number(value) for name, value in values.items()}


# What a name alone would leave unclear to those who did not write the rule.
_QUANTITIES: Final = {
    "times_threshold": "Change, in multiples of its threshold",
    "points": "Change, in percentage points",
    "expected_percent": "Expected, in percent",
    "percent": "In percent",
    "passed_percent": "Good answers passed, in percent",
    "passed_percent_before": "Good answers passed before, in percent",
    "caught_percent": "Bad answers caught, in percent",
    "caught_percent_before": "Bad answers caught before, in percent",
    "days": "Within days",
    "standard_errors": "Change, in standard errors",
}


def _quantity(name: str, *, letters: bool) -> str:
    if len(name) == 1:
        return f"Value {name}" if letters else "Value"
    return _QUANTITIES.get(name) or capital(name.replace("_", " "))
