"""Alerts in the shape of the body that Grafana's webhook contact point sends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any, Final
from urllib.parse import quote, urlencode

from otel_ai_feedback.alerts.alert import Alert
from otel_ai_feedback.alerts.rule import SCOPE, Rule
from otel_ai_feedback.formats import number
from otel_ai_feedback.signals import BY_NAME

FOLDER: Final = "AI feedback"
_NEVER: Final = "0001-01-01T00:00:00Z"
_PLACE: Final = re.compile(r"\{(\w+)\}")


def labels_of(rule: Rule, series: Mapping[str, str], alertname: str = "") -> dict[str, str]:
    """The labels of an alert: those of its series and those of its rule."""
    own = {
        "alertname": alertname or rule.name,
        "grafana_folder": FOLDER,
        "owner": rule.owner,
        "severity": rule.severity,
    }
    return dict(series) | own


def scope(labels: Mapping[str, str]) -> str:
    """Service, environment and feature of an alert: ``demo-chat (production, chat)``."""
    service, *rest = (labels.get(name, "") for name in ("service", "environment", "feature"))
    if not service:
        return "all services"
    inner = ", ".join(filter(None, rest))
    return f"{service} ({inner})" if inner else service


def summary(rule: Rule, labels: Mapping[str, str], values: Mapping[str, float]) -> str:
    """The rule's summary, filled in; an empty label leaves no gap."""

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        if name == SCOPE:
            return scope(labels)
        if name in values:
            return number(values[name])
        label = labels.get(name, "")
        if name == "series" and label in BY_NAME:
            return BY_NAME[label].label
        return "" if (name, label) == ("segment_kind", "all") else label

    text = re.sub(" +", " ", _PLACE.sub(filled, rule.summary)).strip()
    return text.replace(" )", ")").replace(" ()", "")


def annotations_of(
    rule: Rule, labels: Mapping[str, str], values: Mapping[str, float], url: str, error: str = ""
) -> dict[str, str]:
    """The annotations of an alert, named as Grafana has them from this project.

    Args:
        rule: Its rule.
        labels: Its labels.
        values: Its numbers.
        url: Address of ``serve``, without a slash at the end.
        error: Why the rule could not be evaluated, if that is what the alert is about.
    """
    return {
        "summary": error or summary(rule, labels, values),
        "description": rule.why,
        "runbook_url": f"{url}/runbooks/{rule.name}",
        "rows_url": rows_link(url, labels),
    }


def links_of(rule: Rule, url: str) -> dict[str, str]:
    """The links of an alert, by Grafana's names for them.

    Args:
        rule: Its rule.
        url: Address of ``serve``, without a slash at the end.
    """
    dashboard, panel = rule.panel
    charts = f"{url}/charts/{dashboard}"
    return {
        "generatorURL": f"{url}/runbooks/{rule.name}",
        "dashboardURL": charts,
        "panelURL": f"{charts}#{slug(panel)}",
    }


def rows_link(url: str, labels: Mapping[str, str]) -> str:
    """Address of the page with the answers of an alert's feature.

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
    shown = [_shown(alert) for alert in alerts]
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


def _shown(alert: Alert) -> dict[str, Any]:
    return {
        "status": alert.status,
        "labels": dict(sorted(alert.labels.items())),
        "annotations": dict(alert.annotations),
        "startsAt": _moment(alert.starts_at) if alert.starts_at else _NEVER,
        "endsAt": _moment(alert.ends_at) if alert.ends_at else _NEVER,
        "values": dict(alert.values),
        "fingerprint": fingerprint(alert.labels),
        "silenceURL": "",
        "imageURL": "",
        **alert.links,
    }


def slug(title: str) -> str:
    """A title as part of an address."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _moment(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _common(documents: Iterable[Mapping[str, str]]) -> dict[str, str]:
    sets = [set(document.items()) for document in documents]
    return dict(sorted(set.intersection(*sets))) if sets else {}
