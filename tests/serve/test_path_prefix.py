"""Every page, file, form, redirect and cookie of a server that is reached under a path."""

import dataclasses
import re
from html import unescape
from urllib.parse import urldefrag

import httpx
import pytest

from otel_ai_feedback import serve
from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.store import facts
from triage.notifications import FILE

from . import otlp

PATH = "/tools/feedback"
URL = f"https://tools.example.com{PATH}"
ADDRESSES = re.compile(r'(?:href|src|action|formaction)="([^"]*)"|url=([^"]*)"')
TOKEN = "a-token-of-ana-0123456789"


@pytest.fixture(scope="module")
def under(engine, wiped, settings, tmp_path_factory):
    """A server under a path, over a store that every page has something of to show."""
    wiped(engine)
    directory = tmp_path_factory.mktemp("under")
    owners = directory / "triage.yaml"
    owners.write_text(FILE)
    people = directory / "people.toml"
    people.touch(0o600)
    people.write_text(f'[ana]\ntoken = "{TOKEN}"\nroles = ["admin"]\n')
    chosen = dataclasses.replace(
        settings, url=URL, hosts=("tools.example.com",), triage=owners, people=people
    )
    with serve.running(chosen, port=0, jobs_every=None) as server:
        target = otlp.output(1)
        with httpx.Client(base_url=server.url) as sender:
            body = otlp.traces(target, otlp.action(1, target, "copy", amount=1.0))
            sent = sender.post(
                f"{PATH}/v1/traces",
                content=body.SerializeToString(),
                headers={"Content-Type": "application/x-protobuf"},
            )
        assert sent.status_code == 200, sent.text
        facts.catch_up(engine)
        server.run_jobs()
        yield server


class Browser:
    """Comes through a proxy that takes the path off, or leaves it on."""

    def __init__(self, server, strips, **headers):
        self.strips = strips
        forwarded = {"X-Forwarded-Prefix": PATH} if strips else {}
        self.web = httpx.Client(
            base_url=server.url,
            headers={
                "Host": "tools.example.com", "X-Forwarded-Proto": "https", "Accept": "text/html",
                **forwarded, **headers,
            },
            timeout=60,
        )  # fmt: skip

    def ask(self, address, method="GET", **more):
        assert address == PATH or address.startswith(f"{PATH}/"), address
        seen = address[len(PATH) :] or "/"
        return self.web.request(method, seen if self.strips else address, **more)


@pytest.fixture(params=["stripped", "kept"])
def browser(request, under):
    made = Browser(under, request.param == "stripped")
    yield made
    made.web.close()


def _sign_in(browser):
    page = browser.ask(f"{PATH}/")
    assert page.status_code == 401
    assert f'action="{PATH}/sign-in"' in page.text
    answer = browser.ask(
        f"{PATH}/sign-in", "POST", data={"token": TOKEN, "next": "/outputs"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{PATH}/outputs"
    cookie = answer.headers["set-cookie"]
    assert f"Path={PATH};" in f"{cookie};", cookie
    # httpx keeps cookies by path as a browser does; a proxy that strips it shows another one.
    browser.web.headers["Cookie"] = cookie.partition(";")[0]


@pytest.mark.slow
def test_every_address_of_every_page_leads_back_to_this_server(browser):
    _sign_in(browser)
    waiting, seen = [PATH, f"{PATH}/outputs", f"{PATH}/triage/report"], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        page = browser.ask(address)
        assert page.status_code == 200, (address, page.status_code)
        if not page.headers["content-type"].startswith("text/html"):
            continue
        assert int(page.headers["content-length"]) == len(page.content)
        for pair in ADDRESSES.findall(page.text):
            found = unescape(urldefrag("".join(pair))[0])
            if found.startswith("/"):
                assert found == PATH or found.startswith(f"{PATH}/"), (address, found)
                is_form = f'action="{"".join(pair)}"' in page.text
                # The links of one page differ in what they filter by.
                if not is_form and found.partition("?")[0] not in {
                    one.partition("?")[0] for one in (*seen, *waiting)
                }:
                    waiting.append(found)
    assert {one.partition("?")[0].removeprefix(PATH) for one in seen} >= {
        "", "/", "/outputs", "/compare", "/review", "/triage", "/charts", "/charts/overview",
        "/health", "/traffic", "/style.css", "/sessions",
    }  # fmt: skip


def test_what_senders_ask(browser):
    assert browser.ask(f"{PATH}/healthz").text == "ok\n"
    assert browser.ask(f"{PATH}/_ai_feedback/feedback.js").status_code == 200
    lost = browser.ask(
        f"{PATH}/v1/trace", "POST", content="{}", headers={"Content-Type": "application/json"}
    )
    assert lost.status_code == 404
    assert "/v1/traces" in lost.json()["message"]
    assert browser.ask(f"{PATH}/triage/webhook", "POST", content="{}").status_code == 401


def test_the_description_names_the_path(browser):
    _sign_in(browser)
    assert browser.ask(f"{PATH}/openapi.json").json()["servers"] == [{"url": PATH}]


def test_those_who_come_directly_are_answered_as_well(under):
    """Such as Grafana in the same cluster: the address of the container has no path."""
    assert httpx.get(f"{under.url}/healthz").status_code == 200


def test_a_browser_under_another_path_is_told(under):
    browser = Browser(under, strips=True, **{"X-Forwarded-Prefix": "/other"})
    answer = browser.web.get("/")
    assert answer.status_code == 421
    assert URL in answer.text
    assert "OTEL_AI_FEEDBACK_URL" in answer.text
    browser.web.close()


@pytest.mark.parametrize(
    ("given", "path"),
    [("/feedback", "/feedback"), ("/feedback/", "/feedback"), ("//evil.example", ""),
     ("/a/../b", ""), ('/"><script>', ""), ("", "")],
)  # fmt: skip
def test_without_an_address_the_proxy_names_the_path(web, given, path):
    page = web.get("/health", headers={"X-Forwarded-Prefix": given})
    assert page.status_code == 200
    links = [one for pair in ADDRESSES.findall(page.text) if (one := "".join(pair))[0] == "/"]
    assert len(links) > 5
    assert all(link.startswith(f"{path}/") and link[:2] != "//" for link in links), links


@pytest.mark.parametrize("path", ["/review", "/v1", "/charts/feedback", "/a b", "/a//b", "/.."])
def test_a_path_that_cannot_be_one_is_refused_at_start(settings, path, engine):
    wrong = dataclasses.replace(settings, url=f"https://tools.example.com{path}")
    with (
        pytest.raises(ConfigError, match="OTEL_AI_FEEDBACK_URL"),
        serve.running(wrong, port=0, jobs_every=None),
    ):
        pass
