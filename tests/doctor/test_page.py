"""What keeps a page from reporting is found from outside, and the fix is named."""

import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.doctor import csp, html
from otel_ai_feedback.web import script_tag
from otel_ai_feedback.web.wsgi import FeedbackMiddleware

from .conftest import answering
from .test_service import failed

TAG = str(script_tag())
ANSWER = '<p data-ai-output="AQE6">the answer</p>'


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def page(request):
    """``page(html, headers)``: address of a page of an application with the middleware."""
    started = []

    def serve(body, headers=(), middleware=FeedbackMiddleware):
        def application(environ, start_response):
            known = environ["PATH_INFO"] == "/"
            start_response(
                "200 OK" if known else "404 Not Found", [("Content-Type", "text/html"), *headers]
            )
            return [body.encode() if known else b"nothing"]

        running = make_server(
            "127.0.0.1", 0, middleware(application), _Server, handler_class=_Quiet
        )
        threading.Thread(target=running.serve_forever, daemon=True).start()
        started.append(running)
        return f"http://127.0.0.1:{running.server_port}/"

    yield serve
    for running in started:
        running.shutdown()
        running.server_close()


def test_a_page_that_reports(ask, page):
    found = ask("page", page=page(f"<head>{TAG}</head>{ANSWER}"))
    assert {finding.state for finding in found.values()} == {"ok"}, found
    assert len(found) == 6


def test_no_page_was_named(ask):
    assert ask("page")["page.reachable"].state == "not applicable"


def test_a_page_that_is_not_there(ask, page):
    assert failed(ask("page", page="http://127.0.0.1:9/")) == {"page.reachable"}
    found = ask("page", page=page(TAG) + "other")["page.reachable"]
    assert "answers 404" in found.seen


def test_a_script_tag_that_is_missing(ask, page):
    found = ask("page", page=page(f"<head></head>{ANSWER}"))["page.script_tag"]
    assert found.state == "failure"
    assert '<script type="module" src="/_ai_feedback/feedback.js"></script>' in found.fix


def test_a_script_that_is_not_a_module(ask, page):
    shown = page('<script src="/_ai_feedback/feedback.js"></script>')
    assert "type=module" in ask("page", page=shown)["page.script_tag"].seen


def test_an_application_without_the_middleware(ask, page):
    shown = page(f"<head>{TAG}</head>{ANSWER}", middleware=lambda application: application)
    found = ask("page", page=shown)
    assert failed(found) == {"page.script", "page.beacon"}
    assert "answers 404" in found["page.beacon"].seen
    for check in ("page.script", "page.beacon"):
        assert "FeedbackMiddleware" in found[check].fix


def test_a_script_of_another_version(ask, page):
    tag = TAG.replace("sha384-", "sha384-AAAA")
    found = ask("page", page=page(tag + ANSWER))["page.script"]
    assert found.state == "failure"
    assert "script_tag()" in found.fix


def test_a_page_that_names_no_output(ask, page):
    found = ask("page", page=page(TAG))["page.handle"]
    assert found.state == "warning"
    assert "feedback-auto.js" in found.fix
    automatic = page(str(script_tag("feedback-auto.js")) + TAG)
    assert ask("page", page=automatic)["page.handle"].state == "ok"


@pytest.mark.parametrize(
    ("policy", "directive", "fix"),
    [
        ("script-src 'nonce-abc'; connect-src 'self'", "script-src", "add 'self' to script-src"),
        ("default-src 'self'; connect-src https://api.example.com", "connect-src",
         "add 'self' to connect-src"),
        ("default-src 'none'; script-src 'self'", "default-src", "add 'self' to connect-src"),
    ],
)  # fmt: skip
def test_a_policy_that_blocks(ask, page, policy, directive, fix):
    plain = '<script type="module" src="/_ai_feedback/feedback.js"></script>' + ANSWER
    for shown in (
        page(plain, [("Content-Security-Policy", policy)]),
        page(f'<meta http-equiv="Content-Security-Policy" content="{policy}">{plain}'),
    ):
        found = ask("page", page=shown)["page.policy"]
        assert found.state == "failure"
        assert f"({directive})" in found.seen
        assert fix in found.fix


def test_a_policy_that_lets_it_pass(ask, page):
    tag = str(script_tag(nonce="abc"))
    shown = page(
        tag + ANSWER,
        [
            (
                "Content-Security-Policy",
                "script-src 'nonce-abc' 'strict-dynamic'; connect-src 'self'",
            )
        ],
    )
    assert ask("page", page=shown)["page.policy"].state == "ok"


def test_a_script_of_another_origin(ask, page):
    """`serve` answers beacons for a page elsewhere, and has not been told of it."""
    other = page("nothing")
    tag = f'<script type="module" src="{other}_ai_feedback/feedback.js"></script>{ANSWER}'
    shown = page(tag)
    found = ask("page", page=shown)["page.beacon"]
    assert found.state == "failure"
    assert f"add {shown.rstrip('/')} to allowed_origins" in found.fix


def test_a_proxy_that_redirects_beacons(ask, page):
    def respond(method, path, headers, body):
        if path == "/":
            return 200, [("Content-Type", "text/html")], (TAG + ANSWER).encode()
        return 302, [("Location", "/login")], b""

    with answering(respond) as url:
        found = ask("page", page=f"{url}/")["page.beacon"]
    assert "answers 302" in found.seen
    assert "without signing in" in found.fix


PAGE = "https://app.example.com/chat"
OTHER = "https://feedback.example.com/_ai_feedback/actions"


@pytest.mark.parametrize(
    ("sources", "url", "allowed"),
    [
        ("'self'", "https://app.example.com/x", True),
        ("'self'", OTHER, False),
        ("*", OTHER, True),
        ("https:", OTHER, True),
        ("http:", OTHER, True),
        ("https:", "http://feedback.example.com/", False),
        ("*.example.com", OTHER, True),
        ("*.example.com", "https://example.com/", False),
        ("feedback.example.com", OTHER, True),
        ("feedback.example.com:8443", OTHER, False),
        ("feedback.example.com:*", "https://feedback.example.com:8443/", True),
        ("https://feedback.example.com/_ai_feedback/", OTHER, True),
        ("https://feedback.example.com/_ai_feedback", OTHER, False),
        ("'none'", OTHER, False),
        ("", OTHER, False),
    ],
)
def test_sources(sources, url, allowed):
    asked = csp.Asked("connect-src", url)
    policies = csp.policies(f"connect-src {sources}")
    assert (csp.blocking(asked, PAGE, policies) is None) is allowed


def test_every_policy_has_to_allow():
    asked = csp.Asked("connect-src", OTHER)
    policies = csp.policies("connect-src *, default-src 'self'")
    assert csp.blocking(asked, PAGE, policies) == "default-src"
    assert csp.blocking(asked, PAGE, []) is None


@given(st.text(), st.text())
def test_any_policy_and_any_page_can_be_read(policy, page):
    for directive in ("connect-src", "script-src-elem"):
        csp.blocking(csp.Asked(directive, OTHER), PAGE, csp.policies(policy))
        csp.blocking(csp.Asked(directive, OTHER), PAGE, csp.policies(f"default-src {policy}"))
    html.read(page)
