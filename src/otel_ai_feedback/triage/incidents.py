"""Incidents: opened by an alert or a person, always with an owner, changed only by events.

::

    incidents = Incidents(client, triage)
    opened = incidents.take(alert, source="grafana")
    incidents.acknowledge(opened.incident_id, author="Ana")

An event is a row of ``incident_events``; the view ``incidents`` folds them. Events of one incident
have different times, so the state at a moment in the past never changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.alerts.alert import Alert
from otel_ai_feedback.signals import BY_NAME
from otel_ai_feedback.store import StoreError, baselines
from otel_ai_feedback.triage import evidence, fix_check
from otel_ai_feedback.triage.events import Writing, digest, dumped, milliseconds, said, writing
from otel_ai_feedback.triage.model import OwnRule, Triage
from otel_ai_feedback.triage.queries import IncidentError, day_of, utc
from otel_ai_feedback.triage.rows import Incident

CAUSES: Final = ("model", "data", "prompt", "retrieval", "code", "user need")
"""Why an incident can have happened."""

CHECK_AFTER_DAYS: Final = 14
"""Days until a fix is checked, unless another day is chosen."""


@dataclass(frozen=True)
class Opening:
    """The incident that an alert or a report opened or joined.

    Attributes:
        incident_id: Of which incident it is now; empty when a resolved alert had none.
        opened: Whether the incident is new.
        owner: Its owner.
        acknowledge_due: By when it is to be acknowledged; aware.
    """

    incident_id: str
    opened: bool
    owner: str = ""
    acknowledge_due: datetime | None = None


class Incidents(Writing):
    """The incidents of a store.

    Args:
        client: From ``store.connect``, with the right to insert; used by one thread at a time.
        triage: The triage file; with ``None`` incidents can be read and changed, but not opened.
    """

    def __init__(self, client: Client, triage: Triage | None) -> None:
        super().__init__(client)
        self._triage = triage

    # Opening

    def take(self, alert: Alert, *, source: str, at: datetime | None = None) -> Opening:
        """Open an incident for an alert, or note it on the one that it belongs to.

        Args:
            alert: From the alert engine or Grafana.
            source: ``grafana`` or ``check``.
            at: When it came; aware, now by default.

        Returns:
            The incident. The same notification a second time changes nothing.
        """
        now = utc(at)
        # Before the lock, as it may take seconds.
        latest, _ = self._latest(alert.key, now)
        joins = latest is not None and (latest.open or self._is_old(alert, latest, now))
        found = evidence.gather(self._client, alert, now) if alert.firing and not joins else None
        with writing:
            latest, number = self._latest(alert.key, now)
            if latest and (latest.open or self._is_old(alert, latest, now)):
                self._repeat(latest, alert, source, now)
                return Opening(latest.incident_id, False, latest.owner, latest.acknowledge_due)
            if not alert.firing:
                return Opening("", False)
            found = found or evidence.gather(self._client, alert, now)
            return self._open(
                alert.labelled(direction=found.direction), number, source, source, now, "",
                {**alert.details, **found.details}, found.outputs,
            )  # fmt: skip

    def _is_old(self, alert: Alert, latest: Incident, now: datetime) -> bool:
        """Whether an alert belongs to an incident that is already closed."""
        if not alert.firing:
            return True
        if latest.resolved_at and alert.starts_at and alert.starts_at <= latest.resolved_at:
            return True
        # The fix is being checked, and the alert may last until its window has passed.
        return (
            latest.state == "resolved"
            and not latest.outcome
            and latest.check_day is not None
            and day_of(self._client, now) <= latest.check_day
        )

    def _repeat(self, latest: Incident, alert: Alert, source: str, at: datetime) -> None:
        if not alert.firing and latest.alert == "resolved":
            return
        kind = "repeated" if alert.firing else "alert_resolved"
        started = alert.starts_at.isoformat() if alert.starts_at else ""
        # Grafana repeats what fires every few hours: a row an hour is enough to see it.
        same = f"{kind} {source} {started} {at:%Y-%m-%dT%H}"
        self._append(latest, kind, source, at, same=same, details=dumped(alert.details))

    def report(
        self,
        rule: OwnRule,
        service: str,
        *,
        environment: str = "",
        feature: str = "",
        outputs: Sequence[str] = (),
        note: str,
        author: str,
        at: datetime | None = None,
    ) -> Opening:
        """Open an incident reported by a person, or add to the open one of that feature.

        Args:
            rule: ``model.REVIEWER_REPORT`` or ``model.USER_REPORT``.
            service: With ``environment`` and ``feature`` the group it is about.
            environment: See ``service``.
            feature: See ``service``.
            outputs: Ids of the outputs that it is about.
            note: What is wrong; not empty.
            author: The person.
            at: When; aware, now by default.

        Raises:
            IncidentError: ``note`` or ``author`` is empty.
        """
        said(note=note, author=author)
        now = utc(at)
        labels = {
            "alertname": rule.name,
            "severity": rule.severity,
            "service": service,
            "environment": environment,
            "feature": feature,
        }
        alert = Alert("firing", labels, {}, now)
        with writing:
            latest, number = self._latest(alert.key, now)
            if latest and latest.open:
                known = self.outputs(latest.incident_id)
                new = [output for output in outputs if output not in known]
                self._freeze(latest.incident_id, new, len(known))
                self._append(latest, "repeated", author, now, note=note)
                return Opening(latest.incident_id, False, latest.owner, latest.acknowledge_due)
            details = evidence.changes(self._client, alert, now)
            source = "reviewer" if rule.name.endswith("reviewer") else "user"
            return self._open(
                alert, number, source, author, now, note, details, list(dict.fromkeys(outputs))
            )

    # Acting

    def acknowledge(self, incident_id: str, *, author: str, at: datetime | None = None) -> Incident:
        """Acknowledge an incident: the author becomes its owner.

        Raises:
            IncidentError: There is no such incident, or it is not open.
        """
        return self._act(
            incident_id, "acknowledged", author, at, ("open",), owner=self._name(author)
        )

    def start(self, incident_id: str, *, author: str, at: datetime | None = None) -> Incident:
        """Start work on an incident: the author becomes its owner.

        Raises:
            IncidentError: See :meth:`acknowledge`.
        """
        return self._act(
            incident_id, "started", author, at, ("open", "acknowledged"), owner=self._name(author)
        )

    def hand_over(
        self,
        incident_id: str,
        to: str,
        *,
        author: str,
        note: str = "",
        at: datetime | None = None,
    ) -> Incident:
        """Hand it over to another person. Its deadlines stay.

        Args:
            incident_id: Which.
            to: Name of the person.
            author: Who gives it away.
            note: What they should know.
            at: When; aware, now by default.

        Raises:
            IncidentError: See :meth:`acknowledge`; or the triage file does not know the person.
        """
        if self._triage and to not in self._triage.people:
            raise IncidentError(
                f"{to!r} is not in the triage file; known: {', '.join(self._triage.people)}"
            )
        states = ("open", "acknowledged", "in_progress")
        return self._act(incident_id, "assigned", author, at, states, owner=to, note=note)

    def note(
        self, incident_id: str, note: str, *, author: str, at: datetime | None = None
    ) -> Incident:
        """Add a note, in any state.

        Raises:
            IncidentError: There is no such incident, or ``note`` is empty.
        """
        said(note=note)
        return self._act(incident_id, "noted", author, at, None, note=note)

    def resolve(
        self,
        incident_id: str,
        *,
        author: str,
        cause: str,
        fix: str,
        moves: str,
        check_day: date | None = None,
        at: datetime | None = None,
    ) -> Incident:
        """Resolve it: say what was done, and which success metric will show it.

        Args:
            incident_id: Which.
            author: The person.
            cause: One of ``CAUSES``.
            fix: What was done, in words.
            moves: The success metric and its direction: ``copied:up``, ``quality:up``,
                ``mode:hallucination:down``; the direction may be left out where there is one good
                one.
            check_day: Latest day of the fix check; 14 days from now by default.
            at: When; aware, now by default.

        Raises:
            IncidentError: See :meth:`acknowledge`; or one of these says nothing.
        """
        said(fix=fix)
        if cause not in CAUSES:
            raise IncidentError(f"cause is {cause!r}; it must be one of {', '.join(CAUSES)}")
        now = utc(at)
        try:
            must = fix_check.parse(moves)
        except ValueError as error:
            raise IncidentError(f"moves is {moves!r}; {error}") from None
        today = day_of(self._client, now)
        day = check_day or today + timedelta(days=CHECK_AFTER_DAYS)
        if day <= today:
            raise IncidentError(f"check_day is {day}; give a day after today")
        states = ("open", "acknowledged", "in_progress")
        return self._act(
            incident_id, "resolved", author, now, states, cause=cause, note=fix, moves=str(must),
            check_day=day,
        )  # fmt: skip

    def accept(
        self, incident_id: str, *, author: str, reason: str, at: datetime | None = None
    ) -> Incident:
        """Accept it: the new behaviour is right, and will not be fixed.

        Also accepts a new baseline of its signal, so that the alert ends.

        Raises:
            IncidentError: See :meth:`acknowledge`; or ``reason`` is empty.
        """
        said(reason=reason)
        states = ("open", "acknowledged", "in_progress")
        incident = self._act(incident_id, "accepted", author, at, states, note=reason)
        if incident.series in BY_NAME:
            # A feature without counts yet has no baseline either.
            with suppress(StoreError):
                baselines.accept(
                    self._client,
                    incident.service,
                    series=incident.series,
                    environment=incident.environment,
                    feature=incident.feature,
                    reason=reason,
                    author=author,
                )
        return incident

    def _name(self, author: str) -> str:
        return self._triage.name_of(author) if self._triage else author

    # What the service itself writes

    def escalate(self, incident: Incident, step: str, to: str, at: datetime) -> Incident:
        """Hand an incident to the next person after a missed deadline. Once per step."""
        return self._act(
            incident.incident_id, "assigned", "triage", at, None, owner=to,
            same=f"escalate {incident.round} {step}",
        )  # fmt: skip

    def conclude(self, incident: Incident, comparison: Mapping[str, Any], at: datetime) -> Incident:
        """Record whether a fix worked, and reopen the incident if it did not. Once per round.

        Args:
            incident: A resolved one.
            comparison: From :mod:`otel_ai_feedback.triage.fix_check`; its ``confirmed`` decides,
                unless that had been written down before the process ended.
            at: When; aware.

        Raises:
            IncidentError: The store has no triage file to reopen it with.
        """
        if not incident.outcome:
            kind = "confirmed" if comparison["confirmed"] else "not_confirmed"
            incident = self._act(
                incident.incident_id, kind, "triage", at, ("resolved",),
                details=dumped(comparison), note=str(comparison["said"]),
                same=f"concluded {incident.round}",
            )  # fmt: skip
        if incident.outcome == "confirmed":
            return incident
        if self._triage is None:
            raise IncidentError(
                "cannot reopen the incident without a triage file: it would have no owner"
            )
        assignment = self._triage.assign(
            incident.service, incident.rule, incident.severity, utc(at)
        )
        return self._act(
            incident.incident_id, "reopened", "triage", at, None,
            owner=assignment.owner.name, rota=assignment.rota,
            acknowledge_due=assignment.acknowledge_due, resolve_due=assignment.resolve_due,
            note=str(comparison["said"]), same=f"reopened {incident.round}",
        )  # fmt: skip

    def _open(
        self,
        alert: Alert,
        number: int,
        source: str,
        author: str,
        at: datetime,
        note: str,
        details: Mapping[str, Any],
        outputs: Sequence[str],
    ) -> Opening:
        if self._triage is None:
            raise IncidentError(
                "no owner configured: run `otel-ai-feedback triage init` and set "
                "OTEL_AI_FEEDBACK_TRIAGE to the file"
            )
        assignment = self._triage.assign(alert.service, alert.rule, alert.severity, at)
        # The same in two processes that open it at once, so that they open one.
        incident_id = digest(json.dumps(alert.key, sort_keys=True), number)[:12]
        # Before the event: an incident that is there has its list.
        self._freeze(incident_id, outputs, 0)
        self._insert(
            {
                "incident_id": incident_id,
                "event_id": digest(incident_id, "opened"),
                "at": milliseconds(at),
                "kind": "opened",
                "author": author,
                "source": source,
                "severity": alert.severity,
                "direction": alert.direction,
                **alert.key,
                "rota": assignment.rota,
                "owner": assignment.owner.name,
                "acknowledge_due": assignment.acknowledge_due,
                "resolve_due": assignment.resolve_due,
                "note": note,
                "details": dumped({**details, "why": list(assignment.why)}),
            }
        )
        return Opening(incident_id, True, assignment.owner.name, assignment.acknowledge_due)
