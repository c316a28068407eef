"""Rows of incidents as they come back from the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timezone
from typing import Any

from otel_ai_feedback.pages.incident_title import incident_title


@dataclass(frozen=True)
class Incident:
    """An incident at some time: a row of the view ``incidents``; times are aware.

    Attributes:
        incident_id: Twelve hexadecimal digits.
        service: With ``environment`` and ``feature`` the group it is about.
        environment: See ``service``.
        feature: See ``service``.
        rule: Which rule raised it, or that a person did.
        severity: How bad.
        series: The series it is about, or empty.
        direction: Where that went: ``fell``, ``rose``, or empty.
        segment_kind: ``model``, ``release``, ``mode``, ``rule``, or ``all`` or empty.
        segment: Which.
        source: ``grafana``, ``check``, ``reviewer`` or ``user``.
        state: ``open``, ``acknowledged``, ``in_progress``, ``resolved`` or ``accepted``.
        open: Whether it is one of the first three.
        owner: Its owner now.
        on_duty: Who had it first in this round.
        rota: From which rota that was.
        opened_at: When it was opened first.
        round: 1, and one more each time it was reopened.
        round_at: When this round began.
        acknowledge_due: By when it is to be acknowledged.
        resolve_due: By when it is to be resolved.
        acknowledged_at: When it was, in this round.
        acknowledged_by: By whom.
        resolved_at: When it was resolved or accepted, in this round.
        resolved_by: By whom.
        cause: Why it had happened, as said when it was resolved last.
        moves: What must move, likewise.
        check_day: When that is looked at.
        outcome: ``confirmed``, ``not_confirmed``, or empty: of the last look.
        alert: What the alert said last: ``firing`` or ``resolved``; empty for reports.
        last_fired_at: When it last fired or was reported.
        repeats: How often it did so again.
        due_at: The deadline that runs now, if one does.
        overdue: Whether that has passed.
        changed_at: Time of the last event.
    """

    incident_id: str
    service: str
    environment: str
    feature: str
    rule: str
    severity: str
    series: str
    direction: str
    segment_kind: str
    segment: str
    source: str
    state: str
    open: bool
    owner: str
    on_duty: str
    rota: str
    opened_at: datetime
    round: int
    round_at: datetime
    acknowledge_due: datetime
    resolve_due: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    resolved_at: datetime | None
    resolved_by: str
    cause: str
    moves: str
    check_day: date | None
    outcome: str
    alert: str
    last_fired_at: datetime
    repeats: int
    due_at: datetime | None
    overdue: bool
    changed_at: datetime

    @property
    def group(self) -> str:
        """The group it is about, for people."""
        return (
            "/".join(filter(None, (self.service, self.environment, self.feature))) or "everything"
        )

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return incident_title(vars(self))


@dataclass(frozen=True)
class Event:
    """Something that happened to an incident: a row of ``incident_events``; times are aware."""

    event_id: str
    at: datetime
    kind: str
    author: str
    rota: str
    owner: str
    acknowledge_due: datetime | None
    resolve_due: datetime | None
    cause: str
    moves: str
    check_day: date | None
    note: str
    details: dict[str, Any]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Event:
        """From a row."""
        values = {field.name: aware(row[field.name]) for field in fields(cls)}
        values["details"] = json.loads(row["details"]) if row["details"] else {}
        return cls(**values)


def incident_of(row: Mapping[str, Any]) -> Incident:
    """An incident from a row of the view ``incidents``."""
    values = {field.name: aware(row[field.name]) for field in fields(Incident)}
    return Incident(**values | {"open": bool(row["open"]), "overdue": bool(row["overdue"])})


def aware(value: Any) -> Any:
    """A time of the store as an aware one; anything else as it is."""
    # The store answers in UTC, without saying so.
    return value.replace(tzinfo=timezone.utc) if isinstance(value, datetime) else value
