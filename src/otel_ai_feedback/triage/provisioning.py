"""The same triage for Grafana: contact points, notification policies, mute timings and templates.

Grafana hands every alert to ``serve``, which knows owners, deadlines and quiet hours. What would be
lost if ``serve`` itself were down goes to people directly as well: what is critical, and Grafana's
own alerts about rules that have no data or cannot be evaluated.
"""

from __future__ import annotations

from typing import Any, Final

from otel_ai_feedback.alerts.alert import SEVERITIES
from otel_ai_feedback.triage.contact import integration
from otel_ai_feedback.triage.model import Quiet, Triage
from otel_ai_feedback.triage.webhook import PATH, SIGNATURE_HEADER, TIMESTAMP_HEADER

SERVE: Final = "ai-feedback serve"
QUIET: Final = "ai-feedback quiet hours"
TEMPLATES: Final = "ai-feedback"

_UID: Final = "ai-feedback-serve"
# Grafana expands it where it reads the file, so that the secret is in no file.
_SECRET: Final = "${OTEL_AI_FEEDBACK_TRIAGE_SECRET}"  # noqa: S105
_OWN_ALERTS: Final = "DatasourceError|DatasourceNoData"
_GROUP_BY: Final = ["alertname", "service", "environment", "feature"]

# Grafana's own alerts about a rule name it in `rulename`, and the cause in the annotation `Error`.
_TITLE: Final = """{{ define "ai_feedback.title" -}}
{{ with index .Alerts 0 }}[{{ with .Labels.severity }}{{ . }}{{ else }}warning{{ end }}]
{{- with .Labels.rulename }} {{ . }}:{{ end }} {{ .Labels.alertname }}
{{- with .Labels.service }} on {{ . }}{{ end }}{{ end }}
{{- end }}"""
_MESSAGE: Final = """{{ define "ai_feedback.message" -}}
{{ range .Alerts }}{{ .Status }}: {{ with .Annotations.summary }}{{ . }}
{{- else }}rule {{ .Labels.rulename }} was not evaluated{{ end }}
{{ with .Annotations.Error }}Cause: {{ . }}
{{ end -}}
since {{ .StartsAt.Format "2006-01-02 15:04 MST" }}
{{ with .Annotations.runbook_url }}What to do: {{ . }}
{{ end }}{{ end }}{{ end }}"""


def provisioning(triage: Triage, url: str) -> dict[str, dict[str, Any]]:
    """The files of ``provisioning/alerting`` that make Grafana agree with a triage file.

    Args:
        triage: The triage file.
        url: Address at which Grafana reaches ``serve``, without a slash at the end.

    Returns:
        Documents by file name, as Grafana's file provisioning reads them. The policies replace the
        whole tree of the organisation, as provisioned ones do.
    """
    return {
        "ai_feedback_contact_points.yaml": {
            "apiVersion": 1,
            "contactPoints": [_serve(url), *_people(triage)],
        },
        "ai_feedback_policies.yaml": {"apiVersion": 1, "policies": [_policies(triage)]},
        "ai_feedback_mute_timings.yaml": {"apiVersion": 1, "muteTimes": _mute_times(triage)},
        "ai_feedback_templates.yaml": {
            "apiVersion": 1,
            "templates": [{"orgId": 1, "name": TEMPLATES, "template": f"{_TITLE}\n{_MESSAGE}\n"}],
        },
    }


def _serve(url: str) -> dict[str, Any]:
    return {
        "orgId": 1,
        "name": SERVE,
        "receivers": [
            {
                "uid": _UID,
                "type": "webhook",
                "disableResolveMessage": False,
                "settings": {
                    "url": f"{url}{PATH}",
                    "httpMethod": "POST",
                    # Grafana 11 knows no signature, and sends the token.
                    "authorization_scheme": "Bearer",
                    "authorization_credentials": _SECRET,
                    "hmacConfig": {
                        "secret": _SECRET,
                        "header": SIGNATURE_HEADER,
                        "timestampHeader": TIMESTAMP_HEADER,
                    },
                },
            }
        ],
    }


def _direct(triage: Triage) -> dict[str, list[dict[str, Any]]]:
    """Integrations of the people of each rota, by the name of the contact point.

    Grafana knows no weeks: directly, an alert goes to everyone on the rota.
    """
    points: dict[str, list[dict[str, Any]]] = {}
    for rota in triage.rotas.values():
        receivers = []
        for person in rota.people:
            for place, address in enumerate(triage.people[person].written):
                made = integration(address, f"{rota.name} {person} {place}")
                if made and made not in receivers:
                    receivers.append(made)
        if receivers:
            points[f"ai-feedback {rota.name}"] = receivers
    return points


def _people(triage: Triage) -> list[dict[str, Any]]:
    return [
        {"orgId": 1, "name": name, "receivers": receivers}
        for name, receivers in _direct(triage).items()
    ]


def _policies(triage: Triage) -> dict[str, Any]:
    direct = _direct(triage)
    routes: list[dict[str, Any]] = [
        {
            "receiver": SERVE,
            "object_matchers": [["alertname", "=~", ".+"]],
            "continue": True,
        }
    ]
    for route in triage.routes:
        receiver = f"ai-feedback {route.rota}"
        if receiver not in direct:
            continue
        for severity, needed, rule in (
            (SEVERITIES[0], ["severity", "=", SEVERITIES[0]], "alertname"),
            # An alert about a rule has the rule's name in another label, and no service.
            ("", ["alertname", "=~", _OWN_ALERTS], "rulename"),
        ):
            matchers = [needed]
            chosen = [(rule, route.alerts)]
            if severity:
                chosen.append(("service", route.services))
            for label, patterns in chosen:
                if patterns and "*" not in patterns:
                    matchers.append([label, "=~", "|".join(_regex(p) for p in patterns)])
            if severity and route.severities:
                matchers.append(["severity", "=~", "|".join(route.severities)])
            direct_route: dict[str, Any] = {"receiver": receiver, "object_matchers": matchers}
            if _mute_times(triage) and severity not in triage.quiet.except_severities:
                direct_route["mute_time_intervals"] = [QUIET]
            routes.append(direct_route)
    return {
        "orgId": 1,
        "receiver": SERVE,
        "group_by": _GROUP_BY,
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "4h",
        "routes": routes,
    }


def _regex(pattern: str) -> str:
    """A pattern of a route as Go's regular expressions have it; Grafana anchors it."""
    special = r".+()[]{}^$|\\"
    quoted = "".join("\\" + c if c in special else c for c in pattern)
    return quoted.replace("*", ".*").replace("?", ".")


def _mute_times(triage: Triage) -> list[dict[str, Any]]:
    quiet = triage.quiet
    if quiet.start == quiet.end:
        return []
    zones = sorted({person.calendar.zone for person in triage.people.values()})
    # One contact point is for people of several zones: it is quiet while it is for all of them.
    if len(zones) > 1:
        return []
    return [
        {
            "orgId": 1,
            "name": QUIET,
            "time_intervals": [{"times": _times(quiet), "location": zones[0]}],
        }
    ]


def _times(quiet: Quiet) -> list[dict[str, str]]:
    """The hours as Grafana has them: no span passes midnight."""
    if quiet.start < quiet.end:
        return [_span(quiet.start, quiet.end)]
    spans = [(quiet.start, 1440), (0, quiet.end)]
    return [_span(start, end) for start, end in spans if start < end]


def _span(start: int, end: int) -> dict[str, str]:
    return {
        name: f"{minute // 60:02}:{minute % 60:02}"
        for name, minute in (("start_time", start), ("end_time", end))
    }
