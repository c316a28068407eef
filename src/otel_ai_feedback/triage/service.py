"""What ``serve`` does for triage again and again."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.ask import command
from otel_ai_feedback.triage import fix_check, sending
from otel_ai_feedback.triage.dispatcher import Dispatcher
from otel_ai_feedback.triage.incidents import Incidents
from otel_ai_feedback.triage.model import Triage
from otel_ai_feedback.triage.queries import utc

EVERY_SECONDS: Final = 15.0
"""How often: a step that is due is taken within the minute."""

_LOOK_AT_FIXES_EVERY: Final = timedelta(minutes=30)

_logger = logging.getLogger(__name__)


class Service:
    """Sends what is due, looks whether fixes helped, and keeps days of incidents out of references.

    Args:
        client: From ``store.connect``, with the right to insert; used by one thread at a time.
        triage: The triage file.
        url: Address of ``serve``, for links.
        send: What sends.
    """

    def __init__(
        self, client: Client, triage: Triage, url: str, send: sending.Send = sending.send
    ) -> None:
        self._client = client
        self._incidents = Incidents(client, triage)
        self._dispatcher = Dispatcher(client, triage, url, send)
        self._looked_at: datetime | None = None

    def run(self, at: datetime | None = None) -> int:
        """One turn.

        Args:
            at: The moment; aware, now by default.

        Returns:
            How many messages were sent.
        """
        now = utc(at)
        # First what someone waits for: nothing else may keep a message back.
        sent = self._dispatcher.run(now)
        command(self._client, "triage/exclusions", as_of=now)
        if self._looked_at is None or now - self._looked_at >= _LOOK_AT_FIXES_EVERY:
            self.look_at_fixes(now)
            self._looked_at = now
        return sent

    def look_at_fixes(self, at: datetime | None = None) -> list[str]:
        """Write of every fix whose time has come whether it helped; what it did not is reopened.

        Args:
            at: The moment; aware, now by default.

        Returns:
            The result of each.
        """
        now = utc(at)
        said = []
        for incident in self._incidents.listed(is_open=False, as_of=now):
            if incident.state != "resolved" or incident.outcome == "confirmed":
                continue
            comparison = fix_check.compare(self._client, incident, now)
            if comparison is not None:
                self._incidents.conclude(incident, comparison, now)
                said.append(str(comparison["said"]))
                _logger.info("incident %s: %s", incident.incident_id, comparison["said"])
        return said
