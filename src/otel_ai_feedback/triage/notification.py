"""Parses the notifications of Grafana's webhook contact point."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Final

from otel_ai_feedback.alerts.alert import Alert

# Grafana sends at most some hundreds of alerts in one notification.
MOST_ALERTS: Final = 5_000
_LONGEST: Final = 2_000


class AlertError(ValueError):
    """Not a notification of Grafana's; the message names field, value and remedy."""


def parse(body: bytes) -> list[Alert]:
    """The alerts of a notification, as Grafana 11 to 13 send it to a webhook.

    Args:
        body: Of the request.

    Raises:
        AlertError: It is malformed; none of it may be used.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AlertError(
            f"the body is not JSON ({error}); send Grafana's default payload"
        ) from None
    if not isinstance(document, Mapping):
        raise AlertError("the body is not an object; send Grafana's default payload")
    alerts = document.get("alerts")
    if not isinstance(alerts, list):
        raise AlertError(
            f"alerts is {_shown(alerts)}; it must be a list: send Grafana's default payload, "
            "not a custom one"
        )
    if len(alerts) > MOST_ALERTS:
        raise AlertError(f"alerts has {len(alerts)} entries; send at most {MOST_ALERTS} at once")
    return [parse_alert(alert, f"alerts[{number}]") for number, alert in enumerate(alerts)]


def parse_alert(alert: Any, at: str = "alert") -> Alert:
    """One alert of a notification.

    Args:
        alert: As in the list ``alerts`` of Grafana's webhook.
        at: Where it stands, for the message.

    Raises:
        AlertError: It is malformed.
    """
    if not isinstance(alert, Mapping):
        raise AlertError(f"{at} is {_shown(alert)}; it must be an object with status and labels")
    status = alert.get("status")
    if status not in ("firing", "resolved"):
        raise AlertError(f"{at}.status is {_shown(status)}; it must be firing or resolved")
    labels = _texts(alert.get("labels"), f"{at}.labels")
    annotations = _texts(alert.get("annotations") or {}, f"{at}.annotations")
    if not labels.get("alertname"):
        raise AlertError(f"{at}.labels has no alertname; every alert of Grafana has one")
    values = alert.get("values") or {}
    if not isinstance(values, Mapping):
        raise AlertError(f"{at}.values is {_shown(values)}; it must be an object of numbers")
    return Alert(
        status="firing" if status == "firing" else "resolved",
        labels=labels,
        values={_stored(str(name)): _number(value) for name, value in values.items()},
        starts_at=_time(alert.get("startsAt"), f"{at}.startsAt"),
        annotations=annotations,
        links={
            name: _stored(alert[name])
            for name in ("generatorURL", "dashboardURL", "panelURL", "silenceURL")
            if isinstance(alert.get(name), str) and alert[name]
        },
    )


def _texts(given: Any, at: str) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise AlertError(f"{at} is {_shown(given)}; it must be an object of strings")
    for name, value in given.items():
        if not isinstance(value, str):
            raise AlertError(f"{at}.{name} is {_shown(value)}; it must be a string")
    return {str(name): _stored(value)[:_LONGEST] for name, value in given.items()}


def _number(value: Any) -> float | None:
    """A number as JSON can keep it."""
    is_number = isinstance(value, (int, float)) and math.isfinite(value)
    return float(value) if is_number else None


def _stored(text: str) -> str:
    """The text, without what UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()


def _time(given: Any, at: str) -> datetime | None:
    if given in (None, ""):
        return None
    try:
        # Go writes up to nine digits of a second, Python 3.10 reads three or six.
        text = str(given).replace("Z", "+00:00")
        head, dot, rest = text.partition(".")
        if dot:
            digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
            text = f"{head}.{digits[:6]:0<6}{rest[len(digits) :]}"
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise AlertError(
            f"{at} is {_shown(given)}; it must be a time with an offset: 2026-11-24T09:30:00Z"
        )
    # What Go writes for "never".
    return None if time.year < 1970 or time.year > 2200 else time.astimezone(timezone.utc)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
