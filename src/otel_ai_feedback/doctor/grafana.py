"""Does a Grafana have our data source, dashboards, rules and contact point? Asks its API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from otel_ai_feedback.doctor import wire
from otel_ai_feedback.doctor.finding import (
    Finding,
    failure,
    not_applicable,
    ok,
    warning,
)
from otel_ai_feedback.doctor.visit import GrafanaAccess, Visit

_PROVISION: Final = (
    "write the files again with `otel-ai-feedback grafana` and copy them into Grafana's "
    "provisioning folder (docs/grafana.md)"
)
_RIGHTS: Final = (
    "give a service account's token with the role Viewer and the right to read alert provisioning "
    "in --grafana-token-file FILE or GRAFANA_TOKEN"
)


class _RefusedError(Exception):
    """Grafana did not answer a question."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


def check(visit: Visit) -> Iterator[Finding]:
    """Everything, as far as the token may ask."""
    access = visit.grafana
    if access is None:
        yield not_applicable("grafana.reachable", "no Grafana was given (--grafana URL)")
        return
    try:
        health = _ask(access, "/api/health", visit.timeout)
    except (wire.NoAnswerError, _RefusedError) as error:
        yield failure("grafana.reachable", f"{access.url}: {error}", "correct --grafana URL")
        return
    version = health.get("version", "?") if isinstance(health, dict) else "?"
    yield ok("grafana.reachable", f"Grafana {version} at {access.url}")
    for name, question in (
        ("grafana.datasource", _datasource),
        ("grafana.dashboards", _dashboards),
        ("grafana.rules", _rules),
        ("grafana.contacts", _contacts),
    ):
        try:
            yield from question(visit, access)
        except _RefusedError as error:
            said = f"Grafana answers {error.status} ({error})"
            if error.status in (401, 403):
                yield failure(name, said, _RIGHTS)
            else:
                yield failure(name, said, f"check the log of Grafana; {_PROVISION}")
        except wire.NoAnswerError as error:
            yield failure(name, str(error), "check the log of Grafana")


def _ask(access: GrafanaAccess, path: str, timeout: float) -> Any:
    headers = {"Accept": "application/json"}
    if access.token:
        headers["Authorization"] = f"Bearer {access.token}"
    answer = wire.request(f"{access.url}{path}", headers=headers, timeout=timeout)
    try:
        document = json.loads(answer.body)
    except ValueError:
        raise _RefusedError(answer.status, "this is not JSON, so not Grafana's API") from None
    if answer.status != 200:
        said = document.get("message", "") if isinstance(document, dict) else ""
        raise _RefusedError(answer.status, str(said)[:200] or "without a reason")
    return document


def _datasource(visit: Visit, access: GrafanaAccess) -> Iterator[Finding]:
    from otel_ai_feedback.grafana.options import DATASOURCE

    name, uid = "grafana.datasource", access.datasource_uid
    try:
        found = _ask(access, f"/api/datasources/uid/{uid}", visit.timeout)
    except _RefusedError as error:
        if error.status != 404:
            raise
        yield failure(
            name,
            f"there is no data source with the uid {uid}",
            f"give the uid of yours in --datasource-uid, or {_PROVISION}",
        )
        return
    if found.get("type") != DATASOURCE:
        yield failure(
            name,
            f"data source {uid} is of type {found.get('type')}, not {DATASOURCE}",
            f"install the plugin {DATASOURCE}, and make a data source of it",
        )
        return
    settings = found.get("jsonData") or {}
    if settings.get("enableRowLimit"):
        yield failure(
            name,
            f"data source {uid} has its row limit on, which silently cuts the rows of rules",
            "switch `Enable row limit` off in its settings",
        )
        return
    try:
        health = _ask(access, f"/api/datasources/uid/{uid}/health", visit.timeout)
    except _RefusedError as error:
        yield failure(
            name,
            f"data source {uid} does not reach the store: {error}",
            "correct its host, port, user and password in Grafana",
        )
        return
    if str(health.get("status", "")).upper() != "OK":
        yield failure(
            name,
            f"data source {uid} does not reach the store: {health.get('message', '')}",
            "correct its host, port, user and password in Grafana",
        )
        return
    yield ok(name, f"data source {uid} reaches its store")


def _dashboards(visit: Visit, access: GrafanaAccess) -> Iterator[Finding]:
    from otel_ai_feedback.grafana.charts.definitions import dashboards

    missing, old = [], []
    for made in dashboards().values():
        uid = access.prefix + str(made["uid"]).removeprefix("ai-feedback-")
        try:
            found = _ask(access, f"/api/dashboards/uid/{uid}", visit.timeout)
        except _RefusedError as error:
            if error.status != 404:
                raise
            missing.append(uid)
            continue
        if questions(found.get("dashboard") or {}) != questions(made):
            old.append(uid)
    if missing:
        yield failure(
            "grafana.dashboards",
            f"there is no dashboard {', '.join(missing)}",
            _provisioning(access),
        )
    if old:
        yield warning(
            "grafana.dashboards",
            f"{', '.join(old)} is not the dashboard of this version",
            _provisioning(access),
        )
    if not missing and not old:
        yield ok("grafana.dashboards", "every dashboard is there, and of this version")


def questions(dashboard: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What a dashboard asks: the title and the statements of each panel, however it is written."""
    found = []
    for panel in dashboard.get("panels") or []:
        for inner in (panel, *(panel.get("panels") or [])):
            statements = [str(t.get("rawSql", "")).strip() for t in inner.get("targets") or []]
            found.append((str(inner.get("title", "")), *statements))
    return sorted(found)


def _rules(visit: Visit, access: GrafanaAccess) -> Iterator[Finding]:
    from otel_ai_feedback.alerts.rules import rules

    name = "grafana.rules"
    wanted = {access.prefix + rule.name: rule for rule in rules(visit.settings.alert_thresholds)}
    found = {
        rule.get("uid"): rule
        for rule in _ask(access, "/api/v1/provisioning/alert-rules", visit.timeout)
    }
    missing = [uid for uid in wanted if uid not in found]
    paused = [uid for uid in wanted if uid in found and found[uid].get("isPaused")]
    old = [
        uid
        for uid, rule in wanted.items()
        if uid in found and rule.sql.strip() not in _statements(found[uid])
    ]
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if missing[5:] else "")
        yield failure(name, f"Grafana has no rule {shown}", _provisioning(access))
    if paused:
        yield warning(name, f"{', '.join(paused)} is paused", "resume it in Grafana")
    if old:
        yield warning(
            name, f"{', '.join(old)} is not the rule of this version", _provisioning(access)
        )
    if missing or paused or old:
        return
    yield ok(name, f"all {len(wanted)} rules are there, and of this version")
    yield from _evaluated(visit, access, set(wanted))


def _statements(rule: Mapping[str, Any]) -> list[str]:
    return [
        str((part.get("model") or {}).get("rawSql", "")).strip() for part in rule.get("data") or []
    ]


def _evaluated(visit: Visit, access: GrafanaAccess, wanted: set[str]) -> Iterator[Finding]:
    """Whether Grafana evaluates them: its Prometheus-compatible list says how each turned out."""
    document = _ask(access, "/api/prometheus/grafana/api/v1/rules", visit.timeout)
    groups = (document.get("data") or {}).get("groups") or []
    ours = [
        rule
        for group in groups
        for rule in group.get("rules") or []
        if rule.get("uid") in wanted or access.prefix + str(rule.get("name")) in wanted
    ]
    failing = [rule for rule in ours if str(rule.get("health", "")).lower() == "error"]
    if failing:
        said = failing[0].get("lastError") or "without a reason"
        listed = ", ".join(str(rule.get("name")) for rule in failing)
        yield failure(
            "grafana.evaluated",
            f"Grafana cannot evaluate {listed}: {str(said)[:200]}",
            "give its data source a user who may read the database of the store, and run "
            "`otel-ai-feedback migrate` if a view is missing",
        )
    elif not ours:
        yield warning(
            "grafana.evaluated",
            "Grafana has not evaluated the rules yet",
            "wait a few minutes; if this persists, check the log of its alerting",
        )
    else:
        yield ok("grafana.evaluated", f"Grafana evaluates {len(ours)} of the rules")


def _contacts(visit: Visit, access: GrafanaAccess) -> Iterator[Finding]:
    from otel_ai_feedback.triage.provisioning import SERVE

    points = {
        point.get("name"): point
        for point in _ask(access, "/api/v1/provisioning/contact-points", visit.timeout)
    }
    name = "grafana.contacts"
    if SERVE not in points:
        yield failure(
            name,
            f"there is no contact point {SERVE!r}, so alerts do not become incidents",
            f"write a triage file (`otel-ai-feedback triage init`), then {_PROVISION}",
        )
        return
    policies = _ask(access, "/api/v1/provisioning/policies", visit.timeout)
    if SERVE not in _receivers(policies):
        yield failure(
            name,
            f"no notification policy leads to the contact point {SERVE!r}",
            f"route alerts to it in Grafana's notification policies, or {_PROVISION}",
        )
        return
    yield ok(name, f"alerts go to {SERVE!r}")


def _receivers(policy: Mapping[str, Any]) -> set[str]:
    found = {str(policy.get("receiver", ""))}
    for route in policy.get("routes") or []:
        found |= _receivers(route)
    return found


def _provisioning(access: GrafanaAccess) -> str:
    own = [
        f"{option} {value}"
        for option, value, default in (
            ("--prefix", access.prefix, "ai-feedback-"),
            ("--datasource-uid", access.datasource_uid, "ai-feedback"),
        )
        if value != default
    ]
    return _PROVISION.replace("grafana`", " ".join(["grafana", *own]) + "`", 1)
