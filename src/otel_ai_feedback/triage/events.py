"""Writing events of incidents: each once, each later than the one before it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from otel_ai_feedback.triage.queries import IncidentError, Reading, utc
from otel_ai_feedback.triage.rows import Incident

_COLUMNS: Final = (
    "incident_id", "event_id", "at", "kind", "author", "source", "rule", "severity", "service",
    "environment", "feature", "series", "direction", "segment_kind", "segment", "rota", "owner",
    "acknowledge_due", "resolve_due", "cause", "moves", "check_day", "note", "details",
)  # fmt: skip
_TICK: Final = timedelta(milliseconds=1)

# One store has one engine, and two alerts of one notification may be about the same thing.
writing = threading.Lock()


class Writing(Reading):
    """The incidents of a store, and what every change of one has in common."""

    def _act(
        self,
        incident_id: str,
        kind: str,
        author: str,
        at: datetime | None,
        states: Sequence[str] | None,
        **values: Any,
    ) -> Incident:
        said(author=author)
        now = utc(at)
        with writing:
            incident = self.get(incident_id, as_of=max(now, utc(None)))
            if states is not None and incident.state not in states:
                raise IncidentError(
                    f"incident {incident_id} is {incident.state.replace('_', ' ')}, by "
                    f"{incident.resolved_by or incident.acknowledged_by}; it must be "
                    f"{' or '.join(states).replace('_', ' ')} for this"
                )
            at = self._append(incident, kind, author, now, **values)
            return self.get(incident_id, as_of=max(at, now))

    def _append(
        self, incident: Incident, kind: str, author: str, at: datetime, **values: Any
    ) -> datetime:
        # Events of one incident have different times, also where clocks differ.
        at = max(milliseconds(at), incident.changed_at + _TICK)
        same = values.pop("same", f"{kind} {author} {at.isoformat()}")
        event_id = digest(incident.incident_id, same)
        row = {
            "incident_id": incident.incident_id, "event_id": event_id, "at": at, "kind": kind,
            "author": author, **values,
        }  # fmt: skip
        known = self._client.query(
            "select 1 from incident_events "
            "where incident_id = {incident_id:String} and event_id = {event_id:String} limit 1",
            parameters={"incident_id": incident.incident_id, "event_id": event_id},
        ).result_rows
        if not known:
            self._insert(row)
        return at

    def _freeze(self, incident_id: str, outputs: Sequence[str], since: int) -> None:
        if outputs:
            self._client.insert(
                "incident_outputs",
                [[incident_id, output, since + place] for place, output in enumerate(outputs)],
                ["incident_id", "output_id", "place"],
            )

    def _insert(self, row: Mapping[str, Any]) -> None:
        optional = ("acknowledge_due", "resolve_due", "check_day")
        values = [row.get(name, None if name in optional else "") for name in _COLUMNS]
        self._client.insert("incident_events", [values], _COLUMNS)


def said(**values: str) -> None:
    """Refuse what says nothing.

    Raises:
        IncidentError: One of the values is empty.
    """
    for name, value in values.items():
        if not value.strip():
            raise IncidentError(f"{name} must not be empty: it is what others read later")


def milliseconds(at: datetime) -> datetime:
    """A moment as precise as the store keeps it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def digest(*parts: object) -> str:
    """The same 32 hexadecimal digits for the same parts."""
    return sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:32]


def dumped(details: Mapping[str, Any]) -> str:
    """Details as JSON."""
    return json.dumps(details, ensure_ascii=False, default=str)
