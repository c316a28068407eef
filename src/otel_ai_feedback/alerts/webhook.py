"""Alerts in the shape of the body that Grafana's webhook contact point sends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

from otel_ai_feedback.alerts.rule import Rule

FOLDER: Final = "AI feedback"
_NEVER: Final = "0001-01-01T00:00:00Z"
_PLACE: Final = re.compile(r"\{(\w+)\}")

Status = Literal["firing", "resolved"]


@dataclass(frozen=True)
class Alert:
    """One alert of one series.

    Attributes:
        rule: The rule behind it.
        status: Whether it stands.
        labels: All labels, ``alertname`` among them.
        values: The numbers when it was evaluated last.
        starts_at: Since when it fires.
        ends_at: Since when it does no longer.
        error: Why the rule could not be evaluated, if that is what it is about.
        is_news: Whether it began or ended at this evaluation, or was last told of hours ago.
    """

    rule: Rule
    status: Status
    labels: Mapping[str, str]
    values: Mapping[str, float]
    starts_at: datetime
    ends_at: datetime | None = None
    error: str = ""
    is_news: bool = True

    @property
    def summary(self) -> str:
        """What it says, in a sentence."""
        if self.error:
            return self.error
        return summary(self.rule, self.labels, self.values)


def labels_of(rule: Rule, series: Mapping[str, str], alertname: str = "") -> dict[str, str]:
    """The labels of an alert: those of its series and those of its rule."""
    own = {
        "alertname": alertname or rule.name,
        "grafana_folder": FOLDER,
        "owner": rule.owner,
        "severity": rule.severity,
    }
    return dict(series) | own


def summary(rule: Rule, labels: Mapping[str, str], values: Mapping[str, float]) -> str:
    """The rule's sentence, filled in; a label that is empty leaves no gap."""

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        return f"{values[name]:.3g}" if name in values else labels.get(name, "")

    return " ".join(_PLACE.sub(filled, rule.summary).split())


def rows_link(url: str, labels: Mapping[str, str]) -> str:
    """Address of the page with the outputs of an alert's group.

    Args:
        url: Address of ``serve``, without a slash at the end.
        labels: Labels of the alert.
    """
    group = "/".join(
        quote(labels.get(name, ""), safe="") for name in ("service", "environment", "feature")
    )
    return f"{url}/outputs?" + urlencode({"group": group})


def body(alerts: Iterable[Alert], url: str) -> dict[str, Any]:
    """One message about some alerts.

    Args:
        alerts: Firing and resolved ones.
        url: Address of ``serve``, without a slash at the end.

    Returns:
        A document in the shape of Grafana's webhook body.
    """
    shown = [_shown(alert, url) for alert in alerts]
    firing = sum(alert["status"] == "firing" for alert in shown)
    status = "firing" if firing else "resolved"
    counted = f"{status.upper()}:{firing or len(shown)}"
    names = sorted({alert["labels"]["alertname"] for alert in shown})
    return {
        "receiver": "otel-ai-feedback",
        "status": status,
        "orgId": 1,
        "alerts": shown,
        "groupLabels": {},
        "commonLabels": _common(alert["labels"] for alert in shown),
        "commonAnnotations": _common(alert["annotations"] for alert in shown),
        "externalURL": url,
        "version": "1",
        "groupKey": "{}",
        "truncatedAlerts": 0,
        "title": f"[{counted}] {', '.join(names)}" if names else "",
        "state": "alerting" if firing else "ok",
        "message": "\n".join(alert["annotations"]["summary"] for alert in shown),
    }


def fingerprint(labels: Mapping[str, str]) -> str:
    """Identity of a set of labels, as Prometheus and Grafana make it (FNV-1a, 64 bits)."""
    state = 0xCBF29CE484222325
    for name, value in sorted(labels.items()):
        for part in (name, value):
            for byte in (*part.encode(), 0xFF):
                state = ((state ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{state:016x}"


def _shown(alert: Alert, url: str) -> dict[str, Any]:
    dashboard, panel = alert.rule.panel
    charts = f"{url}/charts/{dashboard}"
    return {
        "status": alert.status,
        "labels": dict(sorted(alert.labels.items())),
        "annotations": {
            "summary": alert.summary,
            "description": alert.rule.why,
            "runbook_url": f"{url}/runbooks/{alert.rule.name}",
            "rows_url": rows_link(url, alert.labels),
        },
        "startsAt": _moment(alert.starts_at),
        "endsAt": _moment(alert.ends_at) if alert.ends_at else _NEVER,
        "values": dict(alert.values),
        "generatorURL": f"{url}/runbooks/{alert.rule.name}",
        "fingerprint": fingerprint(alert.labels),
        "silenceURL": "",
        "dashboardURL": charts,
        "panelURL": f"{charts}#{slug(panel)}",
        "imageURL": "",
    }


def slug(title: str) -> str:
    """A title as it stands in an address."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _moment(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _common(documents: Iterable[Mapping[str, str]]) -> dict[str, str]:
    sets = [set(document.items()) for document in documents]
    return dict(sorted(set.intersection(*sets))) if sets else {}
