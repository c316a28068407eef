"""Which address needs which role: the one table.

Where nothing is configured and only this machine can connect, the user who runs ``serve`` has all
roles. Addresses that name no role are asked by programs that show something else, or hold nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from otel_ai_feedback.pages.roles import Need, nobody, one_of

_NUMBERS: Final = one_of("viewer")
_TEXT: Final = one_of("reviewer")
_INCIDENTS: Final = one_of("responder")
_PROVES_ITSELF: Final = nobody("people sign in there")
_TELEMETRY: Final = nobody("senders show OTEL_AI_FEEDBACK_OTLP_TOKEN")

_NEEDS: Final[Mapping[str, Need]] = {
    "/": _NUMBERS,
    "/outputs": _NUMBERS,
    "/compare": _NUMBERS,
    "/outputs/{output_id}": _NUMBERS,
    "/health": _NUMBERS,
    "/traffic": _NUMBERS,
    "/judges": _NUMBERS,
    "/charts": _NUMBERS,
    "/charts/{name}": _NUMBERS,
    "/charts-files/{name}": _NUMBERS,
    "/runbooks/{name}": _NUMBERS,
    "/openapi.json": _NUMBERS,
    "/waiting.js": _NUMBERS,
    "/sessions": _NUMBERS,
    "/sessions/end": _NUMBERS,
    # what users wrote and were answered
    "/review": _TEXT,
    "/review/labels": _TEXT,
    "/review/labels/{lease_id}": _TEXT,
    "/review/requested": _TEXT,
    "/review/send": _TEXT,
    "/review/review.js": _TEXT,
    # what people say of incidents, and what they do about them
    "/triage": _INCIDENTS,
    "/triage/report": _INCIDENTS,
    "/triage/triage.js": _INCIDENTS,
    "/triage/{incident_id}": _INCIDENTS,
    "/triage/{incident_id}/acknowledge": _INCIDENTS,
    "/triage/{incident_id}/do": _INCIDENTS,
    "/needs-owner": one_of("reviewer", "responder"),
    "/triage/webhook": nobody("Grafana shows OTEL_AI_FEEDBACK_TRIAGE_SECRET"),
    "/sign-out": nobody("it ends the session that it is given"),
    "/sign-in": _PROVES_ITSELF,
    "/sign-in/oidc": _PROVES_ITSELF,
    "/sign-in/oidc/callback": _PROVES_ITSELF,
    "/style.css": nobody("the page to sign in has a style, and it is the same for everyone"),
    "/healthz": nobody("it says only that the process answers"),
    "/v1/traces": _TELEMETRY,
    "/v1/logs": _TELEMETRY,
    "/v1/metrics": _TELEMETRY,
}


def needs(beacons: str) -> dict[str, Need]:
    """What each path needs.

    Args:
        beacons: Where pages report what their users did.
    """
    return {**_NEEDS, f"{beacons}/{{below:path}}": nobody("pages show handles that were signed")}
