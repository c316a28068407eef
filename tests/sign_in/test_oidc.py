"""Signing in at a certified provider, ``oidc-provider``, and what can go wrong on the way."""

import contextlib
import logging
import re
import secrets
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from instrumentations import environments
from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.pages import provider as oidc

pytestmark = pytest.mark.packages

REQUIREMENTS = ("oidc-provider@9.13.3", "jose@6.2.4")
HERE = Path(__file__).parent
SECRET = "a secret of the test"


def _free():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Provider:
    def __init__(self, url):
        self.issuer = url

    def next(self, **wrong):
        assert httpx.post(f"{self.issuer}/_next", json=wrong).status_code == 200


@pytest.fixture(scope="module")
def ports():
    return {"serve": _free(), "provider": _free()}


@pytest.fixture(scope="module")
def provider(ports, tmp_path_factory):
    if shutil.which("npm") is None:
        pytest.skip("Node is not installed")
    installed = environments.node_environment("oidc-provider", *REQUIREMENTS)
    directory = tmp_path_factory.mktemp("provider")
    (directory / "node_modules").symlink_to(installed / "node_modules")
    (directory / "provider.mjs").write_text((HERE / "provider.mjs").read_text())
    callback = f"http://127.0.0.1:{ports['serve']}/sign-in/oidc/callback"
    process = subprocess.Popen(
        ["node", "provider.mjs", callback, SECRET, str(ports["provider"])],
        cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert any("ready" in line for line in process.stdout)
        yield Provider(f"http://localhost:{ports['provider']}")
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def settings_of(provider, ports):
    return {
        "listen": f"127.0.0.1:{ports['serve']}",
        "url": f"http://127.0.0.1:{ports['serve']}",
        "oidc_issuer": provider.issuer,
        "oidc_client_id": "feedback",
        "oidc_client_secret": SECRET,
        "oidc_scopes": "openid email profile",
        "roles": {"readers": frozenset({"reviewer"}), "on-call": frozenset({"responder"})},
    }


@pytest.fixture
def started(running, settings_of, ports, monkeypatch):
    """``started(**settings)``: a server at the address that the provider knows, as a context."""

    @contextlib.contextmanager
    def started(**chosen):
        # The port is one that the provider knows.
        from otel_ai_feedback import serve

        plain = serve.running
        with monkeypatch.context() as patch:
            patch.setattr(
                serve, "running", lambda told, **more: plain(told, **more | {"port": None})
            )
            with running(**settings_of | chosen) as server:
                yield server

    return started


@pytest.fixture
def server(started):
    with started() as server:
        yield server


class Browser(httpx.Client):
    """Follows redirects by hand, as a test wants to see them."""

    def leave(self, path="/review"):
        """To the provider's page, from one of ours; its address at the provider."""
        answer = self.get(f"/sign-in/oidc?next={path}")
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def at_provider(self, address, person):
        """Signs in at the provider and agrees; the address to which it sends the browser back."""
        answer = self.get(address)
        while True:
            while answer.is_redirect:
                location = str(answer.next_request.url)
                if "/sign-in/oidc/callback" in location:
                    return location
                answer = self.get(location)
            form = re.search(r'action="([^"]+)"', answer.text)[1]
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)[1]
            if person is None:
                answer = self.get(form.rstrip("/") + "/abort")
            else:
                data = {"prompt": prompt, "login": person, "password": "x"}
                answer = self.post(form, data=data)

    def sign_in(self, person, path="/review"):
        """All of the way; the last answer of ours."""
        return self.get(self.at_provider(self.leave(path), person))


@pytest.fixture
def browser(server):
    with Browser(base_url=server.url, timeout=60) as browser:
        yield browser


def _said(answer):
    found = re.search(r'class="mistake" role="alert">([^<]+)', answer.text)
    return found[1] if found else ""


def test_someone_signs_in_and_may_do_what_their_groups_may(browser, provider):
    refused = browser.get("/review")
    assert refused.status_code == 401
    assert 'href="/sign-in/oidc?next=/review"' in refused.text
    assert "Sign in with localhost" in refused.text
    assert 'name="token"' not in refused.text
    answer = browser.sign_in("anna")
    assert answer.status_code == 200
    assert 'content="0;url=/review"' in answer.text
    for path in ("/", "/review", "/triage"):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert "Signed in as </span>anna@example.com" in page.text
    assert "OpenID Connect" in browser.get("/sessions").text


def test_what_is_sent_to_the_provider(browser, provider):
    asked = {key: value[0] for key, value in parse_qs(urlsplit(browser.leave()).query).items()}
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid email profile"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20
    assert asked["redirect_uri"].endswith("/sign-in/oidc/callback")
    again = {key: value[0] for key, value in parse_qs(urlsplit(browser.leave()).query).items()}
    assert not {asked[key] for key in ("state", "nonce", "code_challenge")} & set(again.values())


def test_cookies_of_an_attempt_and_of_a_session(browser):
    leaving = browser.get("/sign-in/oidc")
    attempt = leaving.headers["set-cookie"].lower()
    for flag in ("httponly", "samesite=lax", "max-age=600", "path=/sign-in/oidc"):
        assert flag in attempt
    arriving = browser.get(browser.at_provider(leaving.headers["location"], "anna"))
    session, gone = arriving.headers.get_list("set-cookie")
    for flag in ("HttpOnly", "SameSite=strict", "Max-Age=43200", "Path=/"):
        assert flag in session
    assert "Max-Age=0" in gone


def test_a_verified_address_without_a_role_opens_nothing(browser):
    answer = browser.sign_in("cleo")
    assert answer.status_code == 403
    assert "cleo@example.com" in answer.text
    assert "others" in answer.text
    assert browser.get("/").status_code == 401


def test_an_address_that_is_not_verified_is_nobodys(browser):
    answer = browser.sign_in("ben")
    assert answer.status_code == 401
    assert "does not say that the address ben@example.com is verified" in _said(answer)
    assert browser.get("/").status_code == 401


def test_names_in_the_file_of_people_go_before_groups(started, tmp_path):
    file = tmp_path / "people.toml"
    file.touch(0o600)
    file.write_text('["cleo@example.com"]\nroles = ["admin"]\n')
    with started(people=file) as server, Browser(base_url=server.url, timeout=60) as browser:
        assert browser.sign_in("cleo").status_code == 200
        assert browser.get("/triage").status_code == 200


def test_a_cancelled_sign_in_says_so(browser):
    answer = browser.sign_in(None)
    assert answer.status_code == 401
    assert "You cancelled the sign-in" in _said(answer)


@pytest.mark.parametrize("change", [
    lambda url, other: url.replace("state=", "state=x"),
    lambda url, other: re.sub(r"state=[^&]+", "state=", url),
    lambda url, other: re.sub(r"state=[^&]+&?", "", url),
    lambda url, other: re.sub(r"state=[^&]+", "state=" + other, url),
])  # fmt: skip
def test_only_the_attempt_of_this_browser_comes_back(browser, server, change):
    with Browser(base_url=server.url, timeout=60) as attacker:
        other = parse_qs(urlsplit(attacker.leave()).query)["state"][0]
    back = browser.at_provider(browser.leave(), "anna")
    answer = browser.get(change(back, other))
    assert answer.status_code == 401
    assert "has expired, or began in another browser" in _said(answer)
    assert browser.get(back).status_code == 401, "the attempt is over"


def test_a_victim_cannot_be_signed_in_as_the_attacker(browser, server):
    with Browser(base_url=server.url, timeout=60) as attacker:
        back = attacker.at_provider(attacker.leave(), "anna")
    assert browser.get(back).status_code == 401
    browser.leave()
    assert browser.get(back).status_code == 401


def test_an_attempt_is_good_for_one_arrival(browser):
    cookie = browser.get("/sign-in/oidc").cookies["ai_feedback_sign_in"]
    back = browser.at_provider(browser.leave(), "anna")
    kept = browser.cookies["ai_feedback_sign_in"]
    assert cookie != kept
    assert browser.get(back).status_code == 200
    # The cookie was copied; the provider takes no code twice.
    with Browser(base_url=browser.base_url, timeout=60) as thief:
        answer = thief.get(back, headers={"Cookie": f"ai_feedback_sign_in={kept}"})
    assert answer.status_code == 401
    assert "refused this server" in _said(answer)


def test_an_attempt_is_over_after_ten_minutes(browser, monkeypatch):
    back = browser.at_provider(browser.leave(), "anna")
    later = oidc.time.time() + 601
    monkeypatch.setattr(oidc.time, "time", lambda: later)
    assert "has expired" in _said(browser.get(back))


def test_an_attempt_is_not_made_up(browser):
    back = browser.at_provider(browser.leave(), "anna")
    for cookie in ("x", "x.y", "e30.00", browser.cookies["ai_feedback_sign_in"][:-1] + "é"):
        with Browser(base_url=browser.base_url, timeout=60) as stranger:
            headers = {"Cookie": f"ai_feedback_sign_in={cookie}".encode()}
            assert stranger.get(back, headers=headers).status_code == 401


@pytest.mark.parametrize("wrong", ["nonce", "audience", "issuer", "expired", "key", "unsigned",
                                   "secret", "missing"])  # fmt: skip
def test_an_answer_without_proof_signs_no_one_in(browser, provider, wrong):
    back = browser.at_provider(browser.leave(), "anna")
    provider.next(token=wrong)
    try:
        answer = browser.get(back)
    finally:
        provider.next()
    assert answer.status_code == 401
    assert "the operator finds the cause in the log of serve" in _said(answer)
    assert browser.get("/").status_code == 401
    assert browser.sign_in("anna").status_code == 200


def test_an_answer_about_someone_else_signs_no_one_in(browser, provider):
    back = browser.at_provider(browser.leave(), "anna")
    provider.next(userinfo="other")
    try:
        assert browser.get(back).status_code == 401
    finally:
        provider.next()


@pytest.mark.parametrize(("down", "said"), [("token", "answered with 503"),
                                            ("me", "answered with 503")])  # fmt: skip
def test_a_provider_that_fails_behind_our_back_is_named(browser, provider, caplog, down, said):
    back = browser.at_provider(browser.leave(), "anna")
    provider.next(down=down)
    try:
        answer = browser.get(back)
    finally:
        provider.next()
    assert f"The provider localhost {said}" in _said(answer)
    assert any("sign-in by http://localhost" in record.message for record in caplog.records)


def test_a_provider_that_does_not_answer(started, provider):
    provider.next(down="discovery")
    try:
        with started() as server:
            answer = httpx.get(f"{server.url}/sign-in/oidc")
            assert (answer.status_code, _said(answer)[:36]) == (
                502, "The provider localhost answered with"
            )  # fmt: skip
            provider.next()
            assert httpx.get(f"{server.url}/sign-in/oidc").status_code == 302
    finally:
        provider.next()
    gone = f"http://localhost:{_free()}"
    with started(oidc_issuer=gone) as server:
        assert "cannot be reached" in _said(httpx.get(f"{server.url}/sign-in/oidc"))


def test_a_provider_of_another_name_is_none(started, provider):
    with started(oidc_issuer=provider.issuer.replace("localhost", "127.0.0.1")) as server:
        answer = httpx.get(f"{server.url}/sign-in/oidc")
        assert answer.status_code == 502


def test_a_wrong_secret_is_reported_to_the_operator(started, caplog):
    with (
        started(oidc_client_secret="another") as server,
        Browser(base_url=server.url, timeout=60) as browser,
    ):
        assert "refused this server" in _said(browser.sign_in("anna"))
    assert "invalid_client" in caplog.text


def test_no_secret_is_logged(started, caplog):
    caplog.set_level(logging.DEBUG)
    with started() as server, Browser(base_url=server.url, timeout=60) as browser:
        browser.sign_in("anna")
        cookie = browser.cookies["ai_feedback_session"]
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("otel_ai_feedback")]
    assert not [line for line in ours if SECRET in line or cookie in line]


def test_a_session_ends_with_its_client(started):
    with started() as server, Browser(base_url=server.url, timeout=60) as browser:
        browser.sign_in("anna")
        cookies = browser.cookies
    with started(oidc_client_id="another") as server:
        assert httpx.get(server.url, cookies=cookies).status_code == 401
    with started() as server:
        assert httpx.get(server.url, cookies=cookies).status_code == 200


def test_failures_are_few(browser):
    for _ in range(10):
        assert browser.get("/sign-in/oidc/callback?state=x&code=y").status_code == 401
    answer = browser.get("/sign-in/oidc")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_where_it_leads_afterwards_is_here(browser):
    answer = browser.sign_in("anna", "https://evil.example/")
    assert 'content="0;url=/"' in answer.text


def test_beside_tokens(started, tmp_path):
    token = secrets.token_hex(16)
    file = tmp_path / "people.toml"
    file.touch(0o600)
    file.write_text(f'[dora]\ntoken = "{token}"\n')
    with started(people=file) as server, Browser(base_url=server.url, timeout=60) as browser:
        page = browser.get("/review")
        assert 'name="token"' in page.text
        assert "Sign in with localhost" in page.text
        assert browser.post("/sign-in", data={"token": token}).status_code == 303
        assert "Signed in as </span>dora" in browser.get("/").text
        assert browser.sign_in("anna").status_code == 200
        assert "Signed in as </span>anna@example.com" in browser.get("/").text


@pytest.mark.parametrize(("chosen", "mistake"), [
    ({"oidc_client_id": None}, "needs OTEL_AI_FEEDBACK_OIDC_CLIENT_ID"),
    ({"url": None, "hosts": ("feedback.test",)}, "needs OTEL_AI_FEEDBACK_URL"),
])  # fmt: skip
def test_settings_that_do_not_belong_together(started, chosen, mistake):
    with pytest.raises(ConfigError, match=mistake), started(**chosen):
        pass
