"""``serve`` with and without a triage file."""

import json
import re
import time
from dataclasses import replace

import httpx
import pytest
from raw_rows import action_span, insert, llm_span, output_id

from otel_ai_feedback import serve
from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.triage.dispatcher import Notifications

from .notifications import FILE, alert
from .test_webhook import SECRET, notification, signed


def posted(url, body):
    return httpx.post(f"{url}/triage/webhook", content=body, headers=signed(body), timeout=60)


@pytest.mark.slow
def test_an_alert_of_grafanas_becomes_an_incident_and_its_owner_is_notified(
    clean, settings, incidents, target, tmp_path, monkeypatch
):
    address, got = target
    file = tmp_path / "who.yaml"
    file.write_text(FILE.replace("json://127.0.0.1:1", address))
    monkeypatch.setattr("otel_ai_feedback.triage.service.EVERY_SECONDS", 0.2)
    chosen = replace(settings, triage=file, triage_secret=SECRET, url="https://feedback.test")
    body = json.dumps(notification(alert())).encode()
    with serve.running(chosen, port=0, jobs_every=None) as server:
        answer = posted(server.url, body)
        assert answer.status_code == 200, answer.text
        (key,) = answer.json()["opened"]
        assert posted(server.url, body).json()["joined"] == [key]
        assert httpx.post(f"{server.url}/triage/webhook", content=body).status_code == 401
        while not got:
            time.sleep(0.05)
        assert "Alerting is off" not in httpx.get(server.url, timeout=60).text
    incident = incidents.get(key)
    ((path, title, message),) = got
    assert path == incident.owner.lower()
    assert title == "[warning] chat: copied fell"
    assert f"https://feedback.test/triage/{key}" in message
    assert [n.state for n in Notifications(clean).listed()] == ["sent"]


@pytest.mark.slow
def test_who_looks_at_an_output_says_that_it_needs_an_owner(clean, settings, incidents, tmp_path):
    insert(clean, [llm_span("a"), action_span("seen", "a", at=2)])
    file = tmp_path / "triage.yaml"
    file.write_text(FILE)
    chosen = replace(settings, triage=file, person_header="x-person")
    with (
        serve.running(chosen, port=0, jobs_every=None) as server,
        httpx.Client(base_url=server.url, timeout=60, headers={"X-Person": "ann"}) as browser,
    ):
        page = browser.get(f"/outputs/{output_id('a')}").text
        link = f"/needs-owner?output_id={output_id('a')}"
        assert link in page
        form = browser.get(link).text
        csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', form)[1]
        sent = {"csrf": csrf, "output_id": output_id("a"), "note": " "}
        refused = browser.post("/needs-owner", data=sent)
        assert (refused.status_code, "note must not be empty" in refused.text) == (422, True)
        answer = browser.post("/needs-owner", data=sent | {"note": "it made that up"})
        assert answer.status_code == 303
        assert browser.get("/needs-owner?output_id=x").status_code == 404
        assert browser.get("/needs-owner", headers={"X-Person": ""}).status_code in (303, 401, 403)
    incident = incidents.get(answer.headers["location"].rpartition("/")[2])
    assert (incident.rule, incident.source, incident.service, incident.feature) == (
        "reported-by-reviewer", "reviewer", "chat", "chat",
    )  # fmt: skip
    assert incidents.outputs(incident.incident_id) == [output_id("a")]
    (opened,) = incidents.events(incident.incident_id)
    assert (opened.author, opened.note) == ("ann", "it made that up")


def test_without_a_file_alerts_are_off_and_every_page_says_so(
    clean, settings, incidents, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    body = json.dumps(notification(alert())).encode()
    with serve.running(settings, port=0, jobs_every=None) as server:
        for path in ("/", "/outputs", "/health"):
            page = httpx.get(server.url + path, timeout=60).text
            assert "Alerting is off: no owner configured" in page, path
        answer = posted(server.url, body)
        assert (answer.status_code, "triage init" in answer.json()["error"]) == (503, True)
    assert incidents.listed() == []


def test_a_file_that_leaves_a_rule_without_an_owner_keeps_it_from_starting(settings, tmp_path):
    file = tmp_path / "triage.yaml"
    file.write_text("owner: Ana\nnotify: json://h\nroutes: [{service: shop}]\n")
    with (
        pytest.raises(ConfigError, match="no route takes 'quality-fell'"),
        serve.running(replace(settings, triage=file), port=0),
    ):
        pass
