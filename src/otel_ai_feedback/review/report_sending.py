"""The weekly report to named people, once each, on Monday morning or as soon as can be after it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.compare.verdict import Floor
from otel_ai_feedback.review import report
from otel_ai_feedback.store.ask import ask

_logger = logging.getLogger(__name__)

Send = Callable[[str, str, str], None]
"""Sends to an address a title and a text; raises where that fails."""

HOUR: Final = 8
"""From when on Monday, on the clock of the store's time zone."""

_TRIES: Final = 5


class WeeklyReport:
    """Sends the report of the newest week to anyone who has not got it.

    Args:
        client: From ``store.connect``, with the right to insert; used by one thread at a time.
        addresses: Where each person gets it, by name.
        send: How.
        zone: IANA name of the store's time zone.
        url: Address of the pages, for links.
        floor: The smallest change of a signal that matters.
    """

    def __init__(
        self,
        client: Client,
        addresses: Mapping[str, Sequence[str]],
        send: Send,
        *,
        zone: str,
        url: str | None,
        floor: Floor = Floor(),  # noqa: B008 - it is frozen
    ) -> None:
        self._client = client
        self._addresses = addresses
        self._send = send
        self._zone = ZoneInfo(zone)
        self._url = url
        self._floor = floor

    def __call__(self, now: datetime | None = None) -> list[str]:
        """Send what is due.

        Args:
            now: An aware datetime; now by default.

        Returns:
            To whom it was sent.

        Raises:
            clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
        """
        at = now or datetime.now(timezone.utc)
        local = at.astimezone(self._zone)
        if local.weekday() == 0 and local.hour < HOUR:
            return []
        week = local.date() - timedelta(days=local.weekday() + 7)
        due = [person for person in self._addresses if self._is_due(week, person)]
        if not due:
            return []
        document = report.weekly(self._client, week, url=self._url, now=at, floor=self._floor)
        text = document.markdown()
        return [person for person in due if self._deliver(week, person, document.title, text, at)]

    def _deliver(self, week: date, person: str, title: str, text: str, at: datetime) -> bool:
        run = secrets.token_hex(8)
        self._note(week, person, "claimed", run, at)
        claims, failures = self._claims(week, person)
        if claims[0] != run:
            # Another process was first.
            self._note(week, person, "failed", run, at)
            return False
        try:
            for address in self._addresses[person]:
                self._send(address, title, text)
        except Exception as error:  # anyone who sends may fail in any way
            self._note(week, person, "failed", run, at)
            last = failures + 1 >= _TRIES
            _logger.warning(
                "the report of the week of %s did not reach %s (%s); %s",
                week, person, error, "that was the last attempt" if last else "it will be retried",
            )  # fmt: skip
            return False
        self._note(week, person, "sent", run, at)
        return True

    def _is_due(self, week: date, person: str) -> bool:
        claims, failures = self._claims(week, person)
        return not claims and failures < _TRIES

    def _claims(self, week: date, person: str) -> tuple[tuple[str, ...], int]:
        (row,) = ask(self._client, "review/report_claims", week=week, person=person)
        claims, failures = row.values()
        return tuple(run for _, run in claims), failures

    def _note(self, week: date, person: str, phase: str, run: str, at: datetime) -> None:
        self._client.insert(
            "sent_reports",
            [[week, person, phase, run, at]],
            column_names=["week", "person", "phase", "run", "at"],
        )
