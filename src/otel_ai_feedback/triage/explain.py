"""Who would own an alert, by when, and why, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from otel_ai_feedback.formats import local_minute
from otel_ai_feedback.triage import escalation
from otel_ai_feedback.triage.escalation import Due
from otel_ai_feedback.triage.model import Assignment, Triage
from otel_ai_feedback.triage.rows import Incident


@dataclass(frozen=True)
class Explanation:
    """What would happen to an alert without a response.

    Attributes:
        assignment: Owner and deadlines.
        steps: The notifications, in order.
    """

    assignment: Assignment
    steps: list[Due]

    def lines(self) -> list[str]:
        """The explanation in words, times in the owner's zone."""
        owner = self.assignment.owner

        def local(moment: datetime) -> str:
            return local_minute(moment, owner.calendar.zone)

        said = [
            f"Owner: {owner.name}.",
            f"Acknowledge by {local(self.assignment.acknowledge_due)}.",
            f"Resolve by {local(self.assignment.resolve_due)}.",
            "Why:",
            *(f"  {sentence}" for sentence in self.assignment.why),
            "Without a response:",
        ]
        for due in self.steps:
            held = f", held back until {local(due.send_at)}" if due.send_at > due.due_at else ""
            takes = " and becomes the owner" if due.takes_over else ""
            said.append(f"  {local(due.due_at)}: {due.person.name} is notified{takes}{held}")
        return said

    def document(self) -> dict[str, Any]:
        """The explanation for JSON."""
        return {
            "owner": self.assignment.owner.name,
            "rota": self.assignment.rota,
            "route": self.assignment.route.place,
            "acknowledge_due": self.assignment.acknowledge_due,
            "resolve_due": self.assignment.resolve_due,
            "why": list(self.assignment.why),
            "steps": [
                {
                    "step": due.step,
                    "due_at": due.due_at,
                    "send_at": due.send_at,
                    "person": due.person.name,
                    "takes_over": due.takes_over,
                }
                for due in self.steps
            ],
        }


def explain(triage: Triage, service: str, alert: str, severity: str, at: datetime) -> Explanation:
    """What would happen to an alert.

    Args:
        triage: The triage file.
        service: Of which service it is.
        alert: The rule.
        severity: How bad.
        at: When it comes; aware.
    """
    assignment = triage.assign(service, alert, severity, at)
    name = assignment.owner.name
    incident = Incident(
        "", service, "", "", alert, severity, "", "", "", "", "", "open", True, name, name,
        assignment.rota, at, 1, at, assignment.acknowledge_due, assignment.resolve_due, None, "",
        None, "", "", "", None, "", "firing", at, 0, assignment.acknowledge_due, False, at,
    )  # fmt: skip
    return Explanation(assignment, escalation.steps(triage, incident, []))
