"""The webhook for Grafana's notifications: verified, parsed, and turned into incidents.

Grafana signs from version 12 on (the webhook contact point's *HMAC signature*): a hexadecimal
HMAC-SHA256 over the timestamp, a colon and the body. Version 11 sends a bearer token.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from clickhouse_connect.driver.exceptions import ClickHouseError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from otel_ai_feedback.triage.incidents import Incidents
from otel_ai_feedback.triage.notification import AlertError, parse

PATH: Final = "/triage/webhook"
SIGNATURE_HEADER: Final = "X-Grafana-Alerting-Signature"
TIMESTAMP_HEADER: Final = "X-Grafana-Alerting-Timestamp"

# A recorded notification cannot be replayed after this time.
_SECONDS: Final = 300
_MOST_BYTES: Final = 8 * 1024 * 1024
# A body is read before its signature is known to be false; at most so many at a time.
_MOST_AT_ONCE: Final = 16

_logger = logging.getLogger(__name__)


class Webhook:
    """Answers Grafana's notifications.

    Args:
        incidents: Opens incidents for the alerts; used by one request at a time.
        secret: The setting ``triage_secret``; without one every notification is refused.
        now: Returns Unix time, against which signatures are checked.
    """

    def __init__(
        self,
        incidents: Incidents,
        secret: str | None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._incidents = incidents
        self._secret = secret
        self._now = now
        self._one_at_a_time = asyncio.Lock()
        self._reading = 0

    def route(self) -> BaseRoute:
        """The route of ``POST /triage/webhook``."""
        return Route(PATH, self.answer, methods=["POST", "PUT"])

    async def answer(self, request: Request) -> Response:
        """Answer one notification: 200, 400 malformed, 401 unsigned, 413, 503 not stored."""
        why = refusal(self._secret, request.headers, None, self._now())
        if why:
            return _refused(401, why)
        if self._reading >= _MOST_AT_ONCE:
            return _refused(503, f"{_MOST_AT_ONCE} notifications are being read")
        self._reading += 1
        try:
            return await self._read(request)
        finally:
            self._reading -= 1

    async def _read(self, request: Request) -> Response:
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return _refused(413, f"the body is larger than {_MOST_BYTES} bytes")
        why = refusal(self._secret, request.headers, body, self._now())
        if why:
            return _refused(401, why)
        try:
            alerts = parse(body)
        except AlertError as error:
            return _refused(400, str(error))
        try:
            async with self._one_at_a_time:
                taken = await asyncio.to_thread(
                    lambda: [self._incidents.take(alert, source="grafana") for alert in alerts]
                )
        except ClickHouseError as error:
            # Grafana retries after this response.
            _logger.exception("Grafana's notification was not stored")
            return _refused(503, str(error).partition("\n")[0])
        return JSONResponse(
            {
                "alerts": len(alerts),
                "opened": [one.incident_id for one in taken if one.opened],
                "joined": sorted({one.incident_id for one in taken if not one.opened} - {""}),
            }
        )


def refusal(secret: str | None, headers: Mapping[str, str], body: bytes | None, now: float) -> str:
    """Why a notification is rejected; empty when it is accepted, or when the body must decide.

    Args:
        secret: The shared secret.
        headers: Of the request; names in any case.
        body: As it was sent; ``None`` while it has not been read.
        now: Unix time.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if secret is None:
        return "no secret configured on this server: set OTEL_AI_FEEDBACK_TRIAGE_SECRET"
    scheme, _, token = given.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and _same(token.strip(), secret):
        return ""
    signature = given.get(SIGNATURE_HEADER.lower(), "")
    if not signature:
        return (
            f"neither a valid {SIGNATURE_HEADER} nor a valid bearer token: set the contact point's "
            "HMAC secret, or its authorization header, to OTEL_AI_FEEDBACK_TRIAGE_SECRET"
        )
    timestamp = given.get(TIMESTAMP_HEADER.lower(), "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        return (
            f"{TIMESTAMP_HEADER} is missing: set this name as the HMAC timestamp header of the "
            "contact point; it protects against replayed notifications"
        )
    if abs(now - int(timestamp)) > _SECONDS:
        return f"{TIMESTAMP_HEADER} is more than {_SECONDS} s from this machine's clock"
    if body is None:
        return ""
    expected = hmac.new(secret.encode(), f"{timestamp}:".encode() + body, "sha256").hexdigest()
    if not _same(signature.strip().lower(), expected):
        return f"{SIGNATURE_HEADER} does not match the body: the two secrets differ"
    return ""


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())


async def _body(request: Request) -> bytes | None:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _MOST_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _refused(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status)
