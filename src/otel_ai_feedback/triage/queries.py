"""Looking at incidents, as they are now or as they were at some time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timezone
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.pages.incident_title import incident_title
from otel_ai_feedback.store.ask import ask
from otel_ai_feedback.triage.rows import Event, Incident, incident_of

_MOST: Final = 10_000


class IncidentError(ValueError):
    """It cannot be done to this incident; the message says why and what to do."""


class Reading:
    """The incidents of a store, to look at.

    Args:
        client: From ``store.connect``; used by one thread at a time.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def listed(
        self, *, is_open: bool | None = None, as_of: datetime | None = None
    ) -> list[Incident]:
        """Incidents, those with a running deadline first, by that.

        Args:
            is_open: Only those that are open (or acknowledged, or in progress), or are not.
            as_of: As they were then; aware, now by default.
        """
        parameters = {"incident_id": "", "open": is_open, "most": _MOST}
        return [incident_of(row) for row in self._ask("incidents", as_of, **parameters)]

    def get(self, incident_id: str, *, as_of: datetime | None = None) -> Incident:
        """One incident.

        Raises:
            IncidentError: There is none.
        """
        rows = self._ask("incidents", as_of, incident_id=incident_id, open=None, most=1)
        if not rows:
            raise IncidentError(
                f"there is no incident {incident_id!r}; `otel-ai-feedback triage list --all` has "
                "every one"
            )
        return incident_of(rows[0])

    def events(self, incident_id: str, *, as_of: datetime | None = None) -> list[Event]:
        """What happened to an incident, in order."""
        return [Event.of(row) for row in self._ask("events", as_of, incident_id=incident_id)]

    def outputs(self, incident_id: str) -> list[str]:
        """The frozen list of the outputs behind it, the newest first."""
        rows = self._ask("outputs", None, incident_id=incident_id)
        return [str(row["output_id"]) for row in rows]

    def modes(self, incident_id: str, *, as_of: datetime | None = None) -> list[dict[str, Any]]:
        """Failure modes among those outputs: ``mode``, ``labels`` with it, ``read`` outputs."""
        return self._ask("modes", as_of, incident_id=incident_id)

    def similar(self, incident_id: str, *, as_of: datetime | None = None) -> list[dict[str, Any]]:
        """Up to five closed incidents before it that were most like it, and how they ended."""
        rows = self._ask("similar", as_of, incident_id=incident_id)
        return [row | {"title": incident_title(row)} for row in rows]

    def _latest(self, key: Mapping[str, str], at: datetime) -> tuple[Incident | None, int]:
        rows = self._ask("latest_incident", max(at, utc(None)), **key)
        return (incident_of(rows[0]), int(rows[0]["number"])) if rows else (None, 0)

    def _ask(self, name: str, as_of: datetime | None, **parameters: Any) -> list[dict[str, Any]]:
        return ask(self._client, f"triage/{name}", as_of=utc(as_of), **parameters)


def day_of(client: Client, moment: datetime) -> date:
    """The day of an aware moment, in the store's time zone, in which its days are counted."""
    found: date = ask(client, "triage/day_of", moment=moment)[0]["day"]
    return found


def utc(at: datetime | None) -> datetime:
    """A moment in UTC, now by default."""
    if at is not None and at.tzinfo is None:
        raise ValueError("at must be an aware datetime, such as datetime.now(timezone.utc)")
    return (at or datetime.now(timezone.utc)).astimezone(timezone.utc)
