"""Alerts without an owner, rules that no one evaluates, and a Grafana that lacks something.

No Grafana could run here: a local server answers with the documented bodies of its HTTP API, filled
from what this package provisions.
"""

import dataclasses
import json
from datetime import datetime, timedelta, timezone

import pytest
import yaml

from otel_ai_feedback.alerts.rules import rules
from otel_ai_feedback.doctor import GrafanaAccess
from otel_ai_feedback.grafana.charts.definitions import dashboards
from otel_ai_feedback.grafana.options import DATASOURCE, Options
from otel_ai_feedback.grafana.provisioning import files
from otel_ai_feedback.store import heartbeats
from otel_ai_feedback.store.heartbeats import Heartbeat
from otel_ai_feedback.triage import load
from otel_ai_feedback.triage.provisioning import provisioning

from .conftest import answering
from .test_service import failed

OWNED = "owner: Ana <ana@example.org>\nnotify: json://127.0.0.1:1/x\n"
TOKEN = "glsa_secret"


@pytest.fixture
def owned(settings, tmp_path):
    (tmp_path / "owned.yaml").write_text(OWNED)
    return dataclasses.replace(settings, triage=tmp_path / "owned.yaml")


def test_alerting_is_off(ask):
    found = ask("alarms")["alarms.owner"]
    assert found.state == "warning"
    assert "otel-ai-feedback triage init" in found.fix


def test_a_triage_file_without_an_owner(ask, settings, tmp_path):
    file = tmp_path / "triage.yaml"
    file.write_text("notify: json://127.0.0.1:1/x\n")
    found = ask("alarms")["alarms.owner"]
    assert found.state == "failure"
    assert "owner" in found.seen
    assert f"correct {file}" in found.fix


@pytest.mark.parametrize(
    ("beat", "hours", "state"),
    [
        (None, 0, "warning"),
        (Heartbeat("jobs", accepted=1), 0, "warning"),
        (Heartbeat("draw", accepted=1), 0, "failure"),
        (Heartbeat("rules", accepted=1), 2, "failure"),
        (Heartbeat("rules", accepted=1), 0, "ok"),
    ],
)
def test_rules_are_evaluated(ask, clean, owned, beat, hours, state):
    if beat is not None:
        heartbeats.write(clean, [beat], datetime.now(timezone.utc) - timedelta(hours=hours))
    found = ask("store", "alarms", only=owned)
    assert found["alarms.owner"].state == "ok"
    assert found["alarms.evaluated"].state == state
    if state != "ok":
        assert "otel-ai-feedback serve" in found["alarms.evaluated"].fix


@pytest.fixture(scope="module")
def provisioned():
    """What Grafana has after our files were provisioned, by the path that it is asked for."""
    made = files(Options())
    groups = yaml.safe_load(made["alerting/ai_feedback_rules.yaml"])["groups"]
    listed = [
        {"uid": rule["uid"], "title": rule["title"], "data": rule["data"], "isPaused": False,
         "ruleGroup": group["name"], "folderUID": "f", "provenance": "file"}
        for group in groups for rule in group["rules"]
    ]  # fmt: skip
    source = yaml.safe_load(made["datasources/ai_feedback.yaml"])["datasources"][0]
    bodies = {
        "/api/health": {"database": "ok", "version": "12.2.0", "commit": "abc"},
        "/api/datasources/uid/ai-feedback": {
            "id": 1, "uid": source["uid"], "type": source["type"], "jsonData": source["jsonData"],
        },
        "/api/datasources/uid/ai-feedback/health": {"message": "It works", "status": "OK"},
        "/api/v1/provisioning/alert-rules": listed,
        "/api/prometheus/grafana/api/v1/rules": {
            "status": "success",
            "data": {"groups": [
                {"name": group["name"], "file": "AI feedback", "rules": [
                    {"name": rule["title"], "uid": rule["uid"], "health": "ok", "state": "inactive"}
                    for rule in group["rules"]
                ]}
                for group in groups
            ]},
        },
    }  # fmt: skip
    for document in dashboards().values():
        bodies[f"/api/dashboards/uid/{document['uid']}"] = {
            "meta": {"provisioned": True, "version": 3},
            "dashboard": {**document, "id": 7, "version": 3},
        }
    return bodies


@pytest.fixture
def grafana(provisioned, owned):
    """``grafana(change)``: a Grafana from whose answers ``change`` has taken something."""
    who = load(owned.triage, rules())
    made = provisioning(who, "http://127.0.0.1:8080")
    points = made["ai_feedback_contact_points.yaml"]["contactPoints"]
    bodies = json.loads(json.dumps(provisioned)) | {
        "/api/v1/provisioning/contact-points": [
            {"name": point["name"], **receiver}
            for point in points
            for receiver in point["receivers"]
        ],
        "/api/v1/provisioning/policies": made["ai_feedback_policies.yaml"]["policies"][0],
    }

    def respond(method, path, headers, body):
        if path != "/api/health" and headers["Authorization"] != f"Bearer {TOKEN}":
            status, answer = 401, {"message": "Unauthorized"}
        elif path in bodies:
            status, answer = 200, bodies[path]
        else:
            status, answer = 404, {"message": "not found"}
        return status, [("Content-Type", "application/json")], json.dumps(answer).encode()

    def of(change=lambda bodies: None, token=TOKEN):
        change(bodies)
        return answering(respond), token

    return of


def look(ask, opened):
    server, token = opened
    with server as url:
        return ask("grafana", grafana=GrafanaAccess(url, token))


def test_a_grafana_that_has_everything(ask, grafana):
    found = look(ask, grafana())
    assert {finding.state for finding in found.values()} == {"ok"}, found
    assert set(found) == {
        "grafana.reachable", "grafana.datasource", "grafana.dashboards", "grafana.rules",
        "grafana.evaluated", "grafana.contacts",
    }  # fmt: skip


def without_a_rule(bodies):
    del bodies["/api/v1/provisioning/alert-rules"][0]


def with_an_old_rule(bodies):
    bodies["/api/v1/provisioning/alert-rules"][0]["data"][0]["model"]["rawSql"] = "select 1"


def with_a_rule_that_fails(bodies):
    rule = bodies["/api/prometheus/grafana/api/v1/rules"]["data"]["groups"][0]["rules"][0]
    rule |= {"health": "error", "lastError": "UNKNOWN_TABLE"}


def without_a_dashboard(bodies):
    del bodies["/api/dashboards/uid/ai-feedback-drift"]


def with_an_old_dashboard(bodies):
    panel = bodies["/api/dashboards/uid/ai-feedback-drift"]["dashboard"]["panels"][0]
    panel["targets"][0]["rawSql"] = "select 1"


def without_a_datasource(bodies):
    del bodies["/api/datasources/uid/ai-feedback"]


def with_another_datasource(bodies):
    bodies["/api/datasources/uid/ai-feedback"]["type"] = "prometheus"


def with_a_row_limit(bodies):
    bodies["/api/datasources/uid/ai-feedback"]["jsonData"]["enableRowLimit"] = True


def with_a_datasource_that_fails(bodies):
    bodies["/api/datasources/uid/ai-feedback/health"] = {"status": "ERROR", "message": "dial tcp"}


def without_contact_points(bodies):
    bodies["/api/v1/provisioning/contact-points"] = []


def without_policies(bodies):
    bodies["/api/v1/provisioning/policies"] = {"receiver": "grafana-default-email"}


@pytest.mark.parametrize(
    ("change", "check", "state", "fix"),
    [
        (without_a_rule, "rules", "failure", "otel-ai-feedback grafana"),
        (with_an_old_rule, "rules", "warning", "otel-ai-feedback grafana"),
        (with_a_rule_that_fails, "evaluated", "failure", "otel-ai-feedback migrate"),
        (without_a_dashboard, "dashboards", "failure", "otel-ai-feedback grafana"),
        (with_an_old_dashboard, "dashboards", "warning", "otel-ai-feedback grafana"),
        (without_a_datasource, "datasource", "failure", "--datasource-uid"),
        (with_another_datasource, "datasource", "failure", DATASOURCE),
        (with_a_row_limit, "datasource", "failure", "Enable row limit"),
        (with_a_datasource_that_fails, "datasource", "failure", "user and password"),
        (without_contact_points, "contacts", "failure", "triage init"),
        (without_policies, "contacts", "failure", "notification policies"),
    ],
)
def test_a_grafana_that_lacks_something(ask, grafana, change, check, state, fix):
    found = look(ask, grafana(change))
    assert found[f"grafana.{check}"].state == state
    assert fix in found[f"grafana.{check}"].fix
    others = {name for name, finding in found.items() if finding.state != "ok"}
    assert others == {f"grafana.{check}"}


def test_a_token_without_rights(ask, grafana):
    found = look(ask, grafana(token="wrong"))
    assert failed(found) == {
        "grafana.datasource", "grafana.dashboards", "grafana.rules", "grafana.contacts",
    }  # fmt: skip
    assert all("--grafana-token-file" in found[name].fix for name in failed(found))
    assert "wrong" not in str(found)


def test_what_is_no_grafana(ask):
    with answering(lambda *_: (200, [("Content-Type", "text/html")], b"<html>")) as url:
        assert failed(ask("grafana", grafana=GrafanaAccess(url))) == {"grafana.reachable"}
