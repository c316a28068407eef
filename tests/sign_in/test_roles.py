"""Every address with every role."""

import secrets

import httpx
import pytest

from otel_ai_feedback.setting_values import ROLES

VIEWER = {
    "/", "/compare", "/outputs", "/outputs/{output_id}", "/health", "/traffic", "/judges",
    "/charts", "/charts/{name}", "/charts-files/{name}", "/runbooks/{name}", "/openapi.json",
    "/waiting.js", "/sessions", "/sessions/end",
}  # fmt: skip
REVIEWER = {
    "/review", "/review/labels", "/review/labels/{lease_id}", "/review/requested", "/review/send",
    "/review/review.js", "/needs-owner",
}  # fmt: skip
RESPONDER = {
    "/triage", "/triage/report", "/triage/triage.js", "/triage/{incident_id}",
    "/triage/{incident_id}/acknowledge", "/triage/{incident_id}/do", "/needs-owner",
}  # fmt: skip
# They ask for something else than a role, or show nothing.
OPEN = {
    "/healthz", "/style.css", "/sign-in", "/sign-in/oidc", "/sign-in/oidc/callback", "/sign-out",
    "/v1/traces", "/v1/logs", "/v1/metrics", "/triage/webhook", "/_ai_feedback/{below}",
}  # fmt: skip
MAY = {
    "viewer": VIEWER,
    "reviewer": VIEWER | REVIEWER,
    "responder": VIEWER | RESPONDER,
    "admin": VIEWER | REVIEWER | RESPONDER,
}
TOKENS = {role: f"{role}-{secrets.token_hex(16)}" for role in ROLES}


@pytest.fixture
def server(running, tmp_path):
    file = tmp_path / "people.toml"
    file.touch(0o600)
    file.write_text(
        "".join(
            f'["the {role}"]\ntoken = "{token}"\nroles = ["{role}"]\n'
            for role, token in TOKENS.items()
        )
    )
    with running(people=file) as server:
        yield server


def _browser(server, role=None):
    browser = httpx.Client(base_url=server.url, timeout=60)
    if role is not None:
        assert browser.post("/sign-in", data={"token": TOKENS[role]}).status_code == 303
    return browser


def test_every_address_with_every_role(server):
    paths = _browser(server, "admin").get("/openapi.json").json()["paths"]
    paths["/openapi.json"] = {"get": {}}
    assert set(paths) == VIEWER | REVIEWER | RESPONDER | OPEN, "say who may use it"
    asked = [(path, method) for path, methods in paths.items() for method in methods]
    for role in (None, *ROLES):
        browser = _browser(server, role)
        for path, method in asked:
            url = path.replace("{", "").replace("}", "")
            answer = browser.request(method, url)
            refused = "This page requires the role" in answer.text
            strange = answer.status_code == 401 and "<h1>Sign in</h1>" in answer.text
            where = f"{role}: {method} {path}: {answer.status_code}"
            if path in OPEN - {"/sign-in", "/sign-in/oidc", "/sign-in/oidc/callback", "/sign-out"}:
                assert not refused, where
                assert not strange, where
            elif role is None:
                # To a statement the ClickHouse interface answers by itself.
                assert strange or path in OPEN or (path, method) == ("/", "post"), where
            else:
                assert refused is (path not in MAY[role] | OPEN), where
                assert not strange or path in OPEN, where


@pytest.mark.parametrize("chosen", [
    {"hosts": ("feedback.test", "127.0.0.1")}, {"person_header": "X-Person"},
    {"listen": "0.0.0.0:0"},
])  # fmt: skip
def test_beyond_loopback_nothing_but_healthz_is_shown_to_strangers(running, chosen):
    with running(**chosen) as server:
        web = httpx.Client(base_url=server.url.replace("localhost", "127.0.0.1"), timeout=60)
        assert web.get("/healthz").text == "ok\n"
        for path in VIEWER | REVIEWER | RESPONDER:
            url = path.replace("{", "").replace("}", "")
            status = web.get(url).status_code
            assert status in (401, 403, 405), f"{path}: {status}"
            assert status != 405 or web.post(url).status_code in (401, 403), path
