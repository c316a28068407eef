"""Grafana's notifications over HTTP: bodies of its versions, signatures, what is refused."""

import asyncio
import hashlib
import hmac
import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from otel_ai_feedback.triage.notification import AlertError, parse
from otel_ai_feedback.triage.webhook import (
    PATH,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Webhook,
    refusal,
)

from .notifications import MONDAY, alert

SECRET = "a secret of both sides"
NOW = 1_795_000_000


def notification(*several, **more):
    """A body as Grafana 11 to 13 document it."""
    return {
        "receiver": "otel-ai-feedback", "status": "firing", "orgId": 1,
        "alerts": list(several), "groupLabels": {"alertname": "signal-drift"},
        "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://grafana/",
        "version": "1", "groupKey": "{}:{alertname=\"signal-drift\"}", "truncatedAlerts": 0,
        "title": "[FIRING:1] signal-drift", "state": "alerting", "message": "**Firing**",
    } | more  # fmt: skip


def of_version(version):
    """An alert with what a version adds to it or leaves out."""
    one = alert()
    if version == 11:
        one |= {"valueString": "[ var='A' labels={} value=6.4 ]", "silenceURL": "http://g/s"}
    if version == 12:
        one |= {"dashboardURL": "http://g/d/x", "panelURL": "http://g/d/x?p=1", "imageURL": ""}
    if version == 13:
        one |= {"values": None, "orgId": 1, "ruleUID": "abc", "enrichments": {"items": []}}
        one["startsAt"] = "2025-12-01T09:55:00.123456789+01:00"
    return one


def signed(body, secret=SECRET, at=None):
    at = str(at or int(time.time()))
    digest = hmac.new(secret.encode(), f"{at}:".encode() + body, hashlib.sha256)
    return {SIGNATURE_HEADER: digest.hexdigest(), TIMESTAMP_HEADER: at}


@pytest.fixture
def web(incidents):
    app = Starlette(routes=[Webhook(incidents, SECRET).route()])
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("version", [11, 12, 13])
def test_bodies_of_grafana_11_to_13_open_and_resolve(web, incidents, version):
    body = json.dumps(notification(of_version(version))).encode()
    answer = web.post(PATH, content=body, headers=signed(body))
    assert answer.status_code == 200, answer.text
    (key,) = answer.json()["opened"]
    assert incidents.get(key).alert == "firing"
    ended = json.dumps(notification(of_version(version) | {"status": "resolved"})).encode()
    answer = web.post(PATH, content=ended, headers={"Authorization": f"Bearer {SECRET}"})
    assert answer.json() == {"alerts": 1, "opened": [], "joined": [key]}
    assert incidents.get(key).alert == "resolved"


def test_an_alert_of_grafanas_own_about_a_rule(web, incidents):
    about = alert(alertname="DatasourceError", rulename="quality-fell", series="", service="")
    body = json.dumps(notification(about)).encode()
    answer = web.post(PATH, content=body, headers=signed(body))
    incident = incidents.get(answer.json()["opened"][0])
    assert (incident.rule, incident.segment_kind, incident.segment) == (
        "DatasourceError", "rule", "quality-fell",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not JSON"),
        (b"[]", "not an object"),
        (b"{}", "alerts is None"),
        (json.dumps(notification(3)).encode(), "alerts[0] is 3"),
        (json.dumps(notification(alert("on fire"))).encode(), "alerts[0].status is 'on fire'"),
        (json.dumps(notification(alert(), alert() | {"labels": 1})).encode(), "alerts[1].labels"),
        (json.dumps(notification(alert(alertname=""))).encode(), "no alertname"),
        (json.dumps(notification(alert(service=3))).encode(), "labels.service is 3"),
        (json.dumps(notification(alert(startsAt="now"))).encode(), "startsAt is 'now'"),
        (json.dumps(notification(alert() | {"values": 3})).encode(), "values is 3"),
    ],
)
def test_malformed_is_400_with_a_reason_and_nothing_is_taken_in(web, incidents, body, said):
    answer = web.post(PATH, content=body, headers=signed(body))
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert incidents.listed() == []


def test_unsigned_is_401_with_a_reason(web):
    body = json.dumps(notification()).encode()
    for headers in (
        {},
        {"Authorization": "Bearer another"},
        {"Authorization": "Basic " + SECRET},
        signed(body, "another secret"),
        signed(body + b" "),
        {SIGNATURE_HEADER: signed(body)[SIGNATURE_HEADER]},
        signed(body, at=int(time.time()) - 3600),
    ):
        answer = web.post(PATH, content=body, headers=headers)
        assert answer.status_code == 401, headers
        assert answer.json()["error"]
    assert "OTEL_AI_FEEDBACK_TRIAGE_SECRET" in refusal(None, {}, b"", NOW)


def test_too_large_is_413(web):
    body = b" " * (8 * 1024 * 1024 + 1)
    assert web.post(PATH, content=body, headers=signed(b"")).status_code == 413


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["alerts", "status", "labels", "alertname", "values", "startsAt"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_comes_is_an_alert_or_an_error_that_says_why(document):
    body = json.dumps(document).encode()
    for given_body in (body, json.dumps({"alerts": [document]}).encode(), body[1:]):
        with suppress(AlertError):
            for one in parse(given_body):
                assert one.rule
                json.dumps(one.details, allow_nan=False)


@given(st.text(), st.text(max_size=40), st.text(max_size=70))
def test_no_header_is_believed_by_chance_or_breaks_anything(authorization, timestamp, signature):
    headers = {
        "Authorization": authorization, TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature,
    }  # fmt: skip
    assert refusal(SECRET, headers, b"{}", NOW)


def test_it_names_the_owner(web, incidents):
    body = json.dumps(notification(alert())).encode()
    key = web.post(PATH, content=body, headers=signed(body)).json()["opened"][0]
    (opened,) = incidents.events(key)
    assert opened.author == "grafana"
    assert opened.owner in ("Ana", "Ben", "Cleo")
    assert opened.at > MONDAY


def test_what_cannot_be_believed_is_refused_before_its_body_is_read(incidents):
    """A stranger cannot make the server hold bodies, and only so many who claim to have signed."""
    read = []

    async def ask(webhook, headers, body=None):
        async def receive():
            read.append(True)
            if body is None:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": body, "more_body": False}

        sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "POST", "path": PATH, "query_string": b"",
                 "headers": sent}  # fmt: skip
        return await webhook.answer(Request(scope, receive))

    async def run():
        webhook = Webhook(incidents, SECRET)
        for headers in ({}, {"Authorization": "Bearer no"}, signed(b"{}", at=NOW - 1000)):
            assert (await ask(webhook, headers)).status_code == 401
        assert not read
        claims = signed(b"{}", secret="another")
        waiting = [asyncio.ensure_future(ask(webhook, claims)) for _ in range(16)]
        await asyncio.sleep(0)
        assert (await ask(webhook, claims, b"{}")).status_code == 503
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert (await ask(webhook, claims, b"{}")).status_code == 401

    asyncio.run(run())
