"""``serve`` with and without a triage file."""

import json
import time
from dataclasses import replace

import httpx
import pytest
from alarms import FILE, alert
from test_webhook import SECRET, notification, signed

from otel_ai_feedback import local
from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.triage.delivery import Notifications

NEVER = 3600


def posted(url, body):
    return httpx.post(f"{url}/triage/webhook", content=body, headers=signed(body), timeout=60)


def test_an_alert_of_grafanas_becomes_an_incident_and_its_owner_is_told(
    clean, settings, incidents, target, tmp_path, monkeypatch
):
    address, got = target
    file = tmp_path / "who.yaml"
    file.write_text(FILE.replace("json://127.0.0.1:1", address))
    monkeypatch.setattr("otel_ai_feedback.triage.service.EVERY_SECONDS", 0.2)
    chosen = replace(settings, triage=file, triage_secret=SECRET, url="https://feedback.test")
    body = json.dumps(notification(alert())).encode()
    with local.running(chosen, port=0, jobs_every=NEVER) as server:
        answer = posted(server.url, body)
        assert answer.status_code == 200, answer.text
        (key,) = answer.json()["opened"]
        assert posted(server.url, body).json()["joined"] == [key]
        assert httpx.post(f"{server.url}/triage/webhook", content=body).status_code == 401
        while not got:
            time.sleep(0.05)
        assert "nobody owns them" not in httpx.get(server.url, timeout=60).text
    incident = incidents.get(key)
    ((path, title, message),) = got
    assert path == incident.owner.lower()
    assert title == "[warning] signal-drift on chat/production/chat: copied fell"
    assert f"https://feedback.test/triage/{key}" in message
    assert [n.state for n in Notifications(clean).listed()] == ["sent"]


def test_without_a_file_alarms_are_off_and_every_page_says_so(
    clean, settings, incidents, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    body = json.dumps(notification(alert())).encode()
    with local.running(settings, port=0, jobs_every=NEVER) as server:
        for path in ("/", "/outputs", "/health"):
            page = httpx.get(server.url + path, timeout=60).text
            assert "Alarms are off, because nobody owns them" in page, path
        answer = posted(server.url, body)
        assert (answer.status_code, "triage init" in answer.json()["error"]) == (503, True)
    assert incidents.listed() == []


def test_a_file_that_leaves_a_rule_without_an_owner_keeps_it_from_starting(settings, tmp_path):
    file = tmp_path / "triage.yaml"
    file.write_text("owner: Ana\nnotify: json://h\nroutes: [{service: shop}]\n")
    with (
        pytest.raises(ConfigError, match="no route takes 'quality-fell'"),
        local.running(replace(settings, triage=file), port=0),
    ):
        pass
