"""Contact points, policies, mute timings and templates for Grafana."""

import pytest
import yaml

from otel_ai_feedback.cli import main
from otel_ai_feedback.triage import file
from otel_ai_feedback.triage.contact import integration
from otel_ai_feedback.triage.provisioning import QUIET, SERVE, provisioning

from .test_file import FULL, MINIMAL, RULES


def made(text=FULL):
    return provisioning(file.parse(text, RULES, environ={"WHERE": "s3cret"}), "http://serve:4318")


def test_grafana_hands_every_alert_to_serve_signed_and_with_a_token():
    (serve, *direct) = made()["ai_feedback_contact_points.yaml"]["contactPoints"]
    (receiver,) = serve["receivers"]
    settings = receiver["settings"]
    assert (serve["name"], receiver["type"]) == (SERVE, "webhook")
    assert settings["url"] == "http://serve:4318/triage/webhook"
    assert settings["hmacConfig"]["timestampHeader"] == "X-Grafana-Alerting-Timestamp"
    assert settings["hmacConfig"]["secret"] == settings["authorization_credentials"]
    assert [point["name"] for point in direct] == ["ai-feedback quality", "ai-feedback platform"]
    assert {r["type"] for point in direct for r in point["receivers"]} == {"webhook", "email"}
    policy = made()["ai_feedback_policies.yaml"]["policies"][0]
    assert policy["receiver"] == SERVE
    assert policy["routes"][0] == {
        "receiver": SERVE, "object_matchers": [["alertname", "=~", ".+"]], "continue": True,
    }  # fmt: skip


def test_what_is_critical_also_goes_to_people_by_the_same_routes():
    routes = made()["ai_feedback_policies.yaml"]["policies"][0]["routes"]
    assert routes[1] == {
        "receiver": "ai-feedback platform",
        "object_matchers": [
            ["severity", "=", "critical"], ["service", "=~", "shop-.*|pay"],
            ["severity", "=~", "critical"],
        ],
    }  # fmt: skip
    assert routes[3]["object_matchers"] == [
        ["severity", "=", "critical"], ["alertname", "=~", "pipeline-.*"],
    ]  # fmt: skip


def test_alerts_about_rules_are_routed_by_the_name_of_the_rule():
    routes = made()["ai_feedback_policies.yaml"]["policies"][0]["routes"]
    about_rules = [
        ["alertname", "=~", "DatasourceError|DatasourceNoData"], ["rulename", "=~", "pipeline-.*"],
    ]  # fmt: skip
    assert about_rules in [route["object_matchers"] for route in routes]
    for route in routes[1:]:
        # Two conditions on one label can exclude each other.
        labels = [label for label, _, value in route["object_matchers"] if label == "alertname"]
        assert len(labels) <= 1


def test_secrets_stay_names_of_variables():
    text = yaml.safe_dump(made())
    assert "s3cret" not in text
    assert "http://h/${WHERE}" in text


def test_quiet_hours_mute_what_goes_to_people_directly_and_never_what_goes_to_serve():
    files = made(MINIMAL + "timezone: Europe/Berlin\nquiet: {hours: 21:30-7, except: []}\n")
    (timing,) = files["ai_feedback_mute_timings.yaml"]["muteTimes"]
    assert timing["time_intervals"] == [
        {
            "times": [
                {"start_time": "21:30", "end_time": "24:00"},
                {"start_time": "00:00", "end_time": "07:00"},
            ],
            "location": "Europe/Berlin",
        }
    ]
    serve, *direct = files["ai_feedback_policies.yaml"]["policies"][0]["routes"]
    assert "mute_time_intervals" not in serve
    assert all(route["mute_time_intervals"] == [QUIET] for route in direct)
    assert made(MINIMAL + "quiet: false")["ai_feedback_mute_timings.yaml"]["muteTimes"] == []


def test_names_that_are_used_are_there():
    for text in (MINIMAL, FULL):
        files = made(text)
        points = files["ai_feedback_contact_points.yaml"]["contactPoints"]
        policy = files["ai_feedback_policies.yaml"]["policies"][0]
        assert {route["receiver"] for route in policy["routes"]} <= {p["name"] for p in points}
        uids = [receiver["uid"] for point in points for receiver in point["receivers"]]
        assert len(set(uids)) == len(uids)
        assert all(len(uid) <= 40 for uid in uids)
        (templates,) = files["ai_feedback_templates.yaml"]["templates"]
        for name in ("ai_feedback.title", "ai_feedback.message"):
            assert f'define "{name}"' in templates["template"]


def test_the_types_of_grafanas_sdk_take_them():
    alerting = pytest.importorskip("grafana_foundation_sdk.models.alerting")
    files = made()
    for policy in files["ai_feedback_policies.yaml"]["policies"]:
        parsed = alerting.NotificationPolicy.from_json(policy)
        assert parsed.receiver == SERVE
        assert parsed.routes[1].object_matchers
    for point in files["ai_feedback_contact_points.yaml"]["contactPoints"]:
        for receiver in point["receivers"]:
            assert alerting.ContactPoint.from_json(receiver).type_val == receiver["type"]
    for timing in files["ai_feedback_mute_timings.yaml"]["muteTimes"]:
        assert alerting.MuteTiming.from_json(timing).time_intervals


@pytest.mark.parametrize(
    ("address", "kind", "setting"),
    [
        ("slack://A/B/C/#alerts", "slack", ("url", "https://hooks.slack.com/services/A/B/C")),
        ("mailto://ana:pw@example.org", "email", ("addresses", "ana@example.org")),
        ("mailto://u:p@h?to=ana@example.org", "email", ("addresses", "ana@example.org")),
        ("pagerduty://key@token", "pagerduty", ("integrationKey", "key")),
        ("jsons://user:pw@h/x", "webhook", ("url", "https://h/x")),
        ("ntfy://topic", None, None),
    ],
)
def test_addresses_as_integrations(address, kind, setting):
    one = integration(address, "x")
    assert (one and one["type"]) == kind
    if kind:
        name, value = setting
        assert one["settings"][name] == value


def test_the_command_writes_them_and_refuses_a_wrong_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["grafana", "--output", "out"]) == 0
    assert "no owner configured" in capsys.readouterr().err
    assert not (tmp_path / "out/alerting/ai_feedback_policies.yaml").exists()
    (tmp_path / "triage.yaml").write_text("owner: Ana\n")
    assert main(["grafana", "--output", "out"]) == 2
    assert "triage.yaml: notify: is missing" in capsys.readouterr().err
    (tmp_path / "triage.yaml").write_text(MINIMAL)
    assert main(["grafana", "--output", "out"]) == 0
    written = tmp_path / "out/alerting/ai_feedback_contact_points.yaml"
    assert yaml.safe_load(written.read_text())["contactPoints"]
