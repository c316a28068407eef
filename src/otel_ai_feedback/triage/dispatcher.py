"""Telling people: what is about to be sent is written down, and its result.

intent -> send -> sent. A process that ends before the intent has done nothing, and the next one
does it all. One that ends after it leaves a message whose delivery is unknown:
it is marked ``unknown`` and never sent again by itself, only when a person says so.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.ask import ask
from otel_ai_feedback.triage import escalation, message, sending
from otel_ai_feedback.triage.escalation import Due
from otel_ai_feedback.triage.events import digest
from otel_ai_feedback.triage.incidents import Incidents
from otel_ai_feedback.triage.model import Triage
from otel_ai_feedback.triage.queries import IncidentError, utc
from otel_ai_feedback.triage.rows import Event, Incident, aware

BACKOFF: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
"""How long after a failed try the next one comes; after the last of them it is given up."""

_logger = logging.getLogger(__name__)

_COLUMNS: Final = (
    "notification_id", "attempt", "phase", "at", "incident_id", "step", "person", "channel",
    "due_at", "author", "error",
)  # fmt: skip


@dataclass(frozen=True)
class Notification:
    """A message to a person: a row of the view ``notifications``; times are aware."""

    notification_id: str
    incident_id: str
    step: str
    person: str
    channel: str
    due_at: datetime
    last_at: datetime
    attempts: int
    state: str


class Notifications:
    """The messages of a store.

    Args:
        client: From ``store.connect``; used by one thread at a time.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def listed(
        self,
        *,
        incident_ids: Sequence[str] = (),
        states: Sequence[str] = (),
        as_of: datetime | None = None,
    ) -> list[Notification]:
        """Messages, the oldest first.

        Args:
            incident_ids: Only of these incidents.
            states: Only those in one of these states.
            as_of: As they were then; aware, now by default.
        """
        rows = ask(
            self._client,
            "triage/notifications",
            as_of=utc(as_of),
            incident_ids=list(incident_ids),
            states=list(states),
        )
        names = Notification.__dataclass_fields__
        return [Notification(**{name: aware(row[name]) for name in names}) for row in rows]

    def settle(
        self, notification_id: str, *, arrived: bool, author: str, at: datetime | None = None
    ) -> None:
        """Say of a message whether it arrived; if not, it is sent again.

        Args:
            notification_id: Which.
            arrived: Whether it did.
            author: Who says so.
            at: When; aware, now by default.

        Raises:
            IncidentError: There is none, or it is known to have been sent.
        """
        found = [n for n in self.listed() if n.notification_id == notification_id]
        if not found:
            raise IncidentError(
                f"there is no message {notification_id!r}; `otel-ai-feedback triage list` has "
                "those that need attention"
            )
        (known,) = found
        if known.state not in ("unknown", "given_up"):
            raise IncidentError(
                f"message {notification_id} is {known.state}; only one that is unknown or given up "
                "can be settled"
            )
        phase = "arrived" if arrived else "again"
        self.write(vars(known) | {"attempt": known.attempts}, phase, utc(at), author)

    def write(
        self, row: Mapping[str, Any], phase: str, at: datetime, author: str, error: str = ""
    ) -> None:
        """Write down what happened to a message."""
        values = {**row, "phase": phase, "at": at, "author": author, "error": error}
        self._client.insert("notification_events", [[values[name] for name in _COLUMNS]], _COLUMNS)


class Dispatcher:
    """Carries out what is due. One of a store at a time.

    Args:
        client: From ``store.connect``, with the right to insert; used by one thread at a time.
        triage: The triage file.
        url: Address of ``serve``, for links.
        send: What sends.
    """

    def __init__(
        self, client: Client, triage: Triage, url: str, send: sending.Send = sending.send
    ) -> None:
        self._incidents = Incidents(client, triage)
        self._notifications = Notifications(client)
        self._triage = triage
        self._url = url
        self._send = send
        self._runner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        # Outcomes that the store did not take.
        self._unwritten: list[tuple[Mapping[str, Any], str, datetime, str]] = []

    def run(self, at: datetime | None = None) -> int:
        """Do what is due, and mark what an earlier process left half done.

        Args:
            at: The moment; aware, now by default.

        Returns:
            How many messages were sent.
        """
        now = utc(at)
        while self._unwritten:
            row, phase, when, error = self._unwritten[0]
            self._notifications.write(row, phase, when, self._runner, error)
            self._unwritten.pop(0)
        # Nothing is being sent now: this was left by a process that ended, or by a store that took
        # a row and did not say so.
        for left in self._notifications.listed(states=["sending"], as_of=max(now, utc(None))):
            row = vars(left) | {"attempt": left.attempts}
            self._notifications.write(row, "unknown", now, self._runner)
        incidents = self._incidents.listed(is_open=True, as_of=now)
        known: dict[str, Notification] = {}
        if incidents:
            ids = [incident.incident_id for incident in incidents]
            for notification in self._notifications.listed(
                incident_ids=ids, as_of=max(now, utc(None))
            ):
                known[notification.notification_id] = notification
        sent, failures = 0, []
        for incident in incidents:
            try:
                sent += self._carry_out(incident, known, now)
            except Exception as error:  # one incident's trouble is not the others'
                _logger.exception("incident %s: not everyone was notified", incident.incident_id)
                failures.append(error)
        if failures:
            raise failures[0]
        return sent

    def _carry_out(
        self, incident: Incident, known: Mapping[str, Notification], now: datetime
    ) -> int:
        sent = 0
        events = self._incidents.events(incident.incident_id, as_of=now)
        done: set[str] = set()
        while due := self._next(incident, events, done, now):
            done.add(due.step)
            for place, address in enumerate(due.person.contacts):
                notification_id = digest(incident.incident_id, due.step, place)[:16]
                attempt = _next_attempt(known.get(notification_id), now)
                if not attempt:
                    continue
                if due.takes_over and incident.owner != due.person.name:
                    incident = self._incidents.escalate(incident, due.step, due.person.name, now)
                row = {
                    "notification_id": notification_id,
                    "attempt": attempt,
                    "incident_id": incident.incident_id,
                    "step": due.step,
                    "person": due.person.name,
                    "channel": sending.channel(address),
                    "due_at": due.due_at,
                }
                text = message.body(incident, events, due, self._url)
                sent += self._try(row, address, message.title(incident), text, now)
        return sent

    def _next(
        self, incident: Incident, events: Sequence[Event], done: set[str], now: datetime
    ) -> Due | None:
        # Computed each time: a step that changes the owner changes who is notified later.
        for due in escalation.steps(self._triage, incident, events):
            if due.send_at <= now and due.step not in done:
                return due
        return None

    def _try(
        self, row: Mapping[str, Any], address: str, title: str, text: str, now: datetime
    ) -> bool:
        self._notifications.write(row, "intent", now, self._runner)
        phase, error = "sent", ""
        try:
            self._send(address, title, text)
        except sending.SendError as failure:
            phase = "failed" if row["attempt"] <= len(BACKOFF) else "given_up"
            error = str(failure)
        self._unwritten.append((row, phase, now, error))
        self._notifications.write(row, phase, now, self._runner, error)
        self._unwritten.pop()
        return phase == "sent"


def _next_attempt(known: Notification | None, now: datetime) -> int:
    """Number of the try that is to be made now; 0 for none."""
    if known is None:
        return 1
    if known.state == "again":
        return known.attempts + 1
    if known.state == "failed":
        wait = BACKOFF[min(known.attempts, len(BACKOFF)) - 1]
        return known.attempts + 1 if now >= known.last_at + wait else 0
    return 0
