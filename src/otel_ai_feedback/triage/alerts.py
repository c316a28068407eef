"""Alerts in the shape of Grafana's webhook, which is the one shape in which alarms come."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from otel_ai_feedback.triage.model import SEVERITIES

# Grafana sends at most some hundreds of alerts in one notification.
MOST_ALERTS: Final = 5_000
_ABOUT_RULES: Final = ("DatasourceError", "DatasourceNoData")
_LONGEST: Final = 2_000
_DEFAULT_SEVERITY: Final = "warning"


class AlertError(ValueError):
    """It is no notification of Grafana's; the message names field, value and remedy."""


@dataclass(frozen=True)
class Alert:
    """One alert of a notification.

    Attributes:
        firing: Whether it fires; else it has resolved itself.
        rule: Name of the rule, from its label ``alertname``.
        severity: One of ``SEVERITIES``.
        service: With ``environment`` and ``feature`` the group; empty when it has none.
        environment: See ``service``.
        feature: See ``service``.
        series: The series it is about, or empty.
        direction: ``fell``, ``rose``, or empty.
        segment_kind: Of what kind of segment it is: ``all``, ``model``, ``release``, or empty;
            ``rule`` where it is about a rule that could not be evaluated.
        segment: Which one.
        starts_at: When it began to fire, UTC; ``None`` when the notification does not say.
        details: Numbers, labels, annotations and links, as they came.
    """

    firing: bool
    rule: str
    severity: str
    service: str
    environment: str
    feature: str
    series: str
    direction: str
    segment_kind: str
    segment: str
    starts_at: datetime | None
    details: dict[str, Any]

    @property
    def key(self) -> dict[str, str]:
        """What makes it the same alert as another."""
        return {
            name: str(getattr(self, name))
            for name in (
                "rule", "service", "environment", "feature", "series", "segment_kind", "segment",
            )
        }  # fmt: skip


def parse(body: bytes) -> list[Alert]:
    """The alerts of a notification, as Grafana 11 to 13 send it to a webhook.

    Args:
        body: Of the request.

    Raises:
        AlertError: It is malformed; nothing of it may be taken in.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AlertError(
            f"the body is not JSON ({error}); send Grafana's default payload"
        ) from None
    if not isinstance(document, Mapping):
        raise AlertError("the body is no object; send Grafana's default payload, no custom one")
    alerts = document.get("alerts")
    if not isinstance(alerts, list):
        raise AlertError(
            f"alerts is {_shown(alerts)}; it must be a list: send Grafana's default payload, "
            "no custom one"
        )
    if len(alerts) > MOST_ALERTS:
        raise AlertError(f"alerts has {len(alerts)} entries; send at most {MOST_ALERTS} at once")
    return [parse_alert(alert, f"alerts[{number}]") for number, alert in enumerate(alerts)]


def parse_alert(alert: Any, at: str = "alert") -> Alert:
    """One alert of a notification, or of ``check``.

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
    rule = labels.get("alertname")
    if not rule:
        raise AlertError(f"{at}.labels has no alertname; every alert of Grafana has one")
    segment_kind, segment = labels.get("segment_kind", ""), labels.get("segment", "")
    if rule in _ABOUT_RULES:
        # Grafana's own alerts, about a rule that has no data or cannot be evaluated.
        segment_kind, segment = "rule", labels.get("rulename", "")
    severity = labels.get("severity", _DEFAULT_SEVERITY).lower()
    values = alert.get("values") or {}
    if not isinstance(values, Mapping):
        raise AlertError(f"{at}.values is {_shown(values)}; it must be an object of numbers")
    return Alert(
        firing=status == "firing",
        rule=rule,
        severity=severity if severity in SEVERITIES else _DEFAULT_SEVERITY,
        service=labels.get("service", ""),
        environment=labels.get("environment", ""),
        feature=labels.get("feature", ""),
        series=labels.get("series", ""),
        direction=labels.get("direction", ""),
        segment_kind=segment_kind,
        segment=segment,
        starts_at=_time(alert.get("startsAt"), f"{at}.startsAt"),
        details={
            "values": {_stored(str(name)): _number(value) for name, value in values.items()},
            "labels": labels,
            "annotations": annotations,
            "links": {
                name: alert[name]
                for name in ("generatorURL", "dashboardURL", "panelURL", "silenceURL")
                if isinstance(alert.get(name), str) and alert[name]
            },
        },
    )


def _texts(given: Any, at: str) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise AlertError(f"{at} is {_shown(given)}; it must be an object of texts")
    for name, value in given.items():
        if not isinstance(value, str):
            raise AlertError(f"{at}.{name} is {_shown(value)}; it must be a text")
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
