"""Keeps the sessions of people in the store, where every server of it finds them."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.pages.sessions import Session
from otel_ai_feedback.store.ask import Row, ask

_COLUMNS: Final = (
    "session_id", "ended", "person", "source", "proof", "groups", "secret", "secret_before",
    "changed_at", "began_at", "ends_at", "browser",
)  # fmt: skip


class SessionTable:
    """The table ``sessions``, over a client that nothing else uses.

    Args:
        client: From ``connect``, with the right to insert.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def find(self, session_id: str) -> Session | None:
        """The session of this id."""
        rows = ask(self._client, "pages/session", session_id=session_id)
        return _session(rows[0]) if rows else None

    def of(self, person: str, as_of: datetime) -> list[Session]:
        """Those of a person that are not over; of everyone without a name."""
        rows = ask(self._client, "pages/sessions", person=person, as_of=as_of)
        return [_session(row) for row in rows]

    def write(self, session: Session) -> None:
        """Keep this in place of what was kept under its id."""
        values: dict[str, Any] = vars(session) | {"groups": list(session.groups)}
        row = [int(values["ended"]) if name == "ended" else values[name] for name in _COLUMNS]
        self._client.insert(
            "sessions", [[*row, time.time_ns()]], column_names=[*_COLUMNS, "version"]
        )


def _session(row: Row) -> Session:
    values = {name: _aware(row[name]) for name in _COLUMNS}
    return Session(**values | {"groups": tuple(row["groups"]), "ended": bool(row["ended"])})


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=timezone.utc) if isinstance(value, datetime) else value
