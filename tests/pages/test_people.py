import getpass
import hashlib
import re
import time

import pytest
from starlette.responses import PlainTextResponse

from otel_ai_feedback.config import load
from otel_ai_feedback.pages import Pages, People
from otel_ai_feedback.pages.sign_in import Sessions
from otel_ai_feedback.pages.tokens import Tokens, digest

ANNA = "anna-token-0123456789"
BEN = "ben-token-0123456789"


@pytest.fixture
def people_file(tmp_path):
    path = tmp_path / "people.toml"
    path.touch(0o600)
    path.write_text(
        f'[anna]\ntoken = "{ANNA}"\n["ben@example.com"]\n'
        f'token_sha256 = "{hashlib.sha256(BEN.encode()).hexdigest()}"\n'
    )
    return str(path)


@pytest.fixture
def web(client, tmp_path):
    """``web(only_this_machine=..., **settings)``: a server with one page that needs a person."""

    def start(only_this_machine=True, secret=b"s" * 32, **environ):
        settings = load(
            environ={f"OTEL_AI_FEEDBACK_{k.upper()}": v for k, v in environ.items()},
            directory=tmp_path,
        )
        pages = Pages("UTC", "http://x", tabs={"review": "/review"})
        people = People(settings, pages, secret=secret, only_this_machine=only_this_machine)
        done = []

        async def show(visit):
            if visit.request.method == "POST":
                done.append((visit.person, visit.form["said"]))
            return PlainTextResponse(f"{visit.person}\n{visit.csrf}")

        routes = [*people.routes(), people.page("/secret", show, methods=("GET", "POST"))]
        started = client(routes)
        started.done = done
        return started

    return start


def _sign_in(web, token, **extra):
    return web.post("/sign-in", data={"token": token, "next": "/secret"}, **extra)


def _post(web, *, csrf=None, **headers):
    if csrf is None:
        csrf = web.get("/secret").text.split("\n")[1]
    return web.post("/secret", data={"csrf": csrf, "said": "x"}, headers=headers)


# The operating-system user


def test_on_this_machine_with_nothing_configured_it_is_the_system_user(web):
    page = web().get("/secret")
    assert (page.status_code, page.text.split("\n")[0]) == (200, getpass.getuser())


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_behind_a_proxy_the_neighbour_is_not_the_one_who_asks(web, header):
    page = web().get("/secret", headers={header: "203.0.113.9"})
    assert page.status_code == 403
    assert "OTEL_AI_FEEDBACK_PERSON_HEADER" in page.text


def test_on_another_address_with_nothing_configured_nobody_is_known(web):
    open_to_all = web(only_this_machine=False)
    for answer in (open_to_all.get("/secret"), open_to_all.post("/secret"),
                   open_to_all.get("/sign-in"), _sign_in(open_to_all, ANNA)):  # fmt: skip
        assert answer.status_code == 403
        assert "OTEL_AI_FEEDBACK_PEOPLE" in answer.text
    assert not open_to_all.done


# Tokens


def test_a_stranger_neither_reads_nor_writes(web, people_file):
    stranger = web(people=people_file)
    page = stranger.get("/secret")
    assert page.status_code == 401
    assert 'name="token"' in page.text
    assert _post(stranger, csrf="0" * 64).status_code == 401
    stranger.cookies.set("ai_feedback_session", "YW5uYQ.99999999999.00")
    assert stranger.get("/secret").status_code == 401
    assert not stranger.done


@pytest.mark.parametrize(("token", "name"), [(ANNA, "anna"), (f" {BEN}\n", "ben@example.com")])
def test_a_token_says_who_it_is(web, people_file, token, name):
    visitor = web(people=people_file)
    answer = _sign_in(visitor, token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/secret")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert token.strip() not in cookie
    assert visitor.get("/secret").text.split("\n")[0] == name
    assert _post(visitor).status_code == 200
    assert visitor.done == [(name, "x")]


def test_behind_https_the_cookie_stays_there(web, people_file):
    answer = _sign_in(web(people=people_file), ANNA, headers={"X-Forwarded-Proto": "https"})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_wrong_token_is_told_and_guesses_are_few(web, people_file):
    guesser = web(people=people_file)
    for number in range(10):
        answer = _sign_in(guesser, f"guess-{number:020}")
        assert answer.status_code == 401
        assert "Invalid token" in answer.text
    answer = _sign_in(guesser, ANNA)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 30


def test_guesses_are_counted_by_address_behind_our_proxies(web, people_file):
    proxied = web(people=people_file, trusted_proxies="1")
    for number in range(11):
        last = _sign_in(proxied, "x" * 20, headers={"X-Forwarded-For": f"{number}, 10.0.0.1"})
    assert last.status_code == 429
    assert _sign_in(proxied, ANNA, headers={"X-Forwarded-For": "10.0.0.2"}).status_code == 303


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/\\evil.example",
                                   "javascript:alert(1)", "", "/a\r\nX: y"])  # fmt: skip
def test_it_leads_nowhere_else(web, people_file, where):
    answer = web(people=people_file).post("/sign-in", data={"token": ANNA, "next": where})
    assert answer.headers["location"] == "/"


def test_signing_out(web, people_file):
    visitor = web(people=people_file)
    _sign_in(visitor, ANNA)
    csrf = visitor.get("/secret").text.split("\n")[1]
    assert visitor.post("/sign-out", data={"csrf": "0"}).status_code == 403
    assert visitor.post("/sign-out", data={"csrf": csrf}).status_code == 303
    assert visitor.get("/secret").status_code == 401


def test_from_a_link_in_a_mail_the_page_asks_again_by_itself(web, people_file):
    page = web(people=people_file).get("/secret?a=1", headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 401
    assert re.search(r'http-equiv="refresh" content="0;url=/secret\?a=1"', page.text)


def test_a_session_ends_with_its_token():
    cookie = Sessions(b"secret", Tokens({"anna": digest(ANNA)})).make("anna")
    assert Sessions(b"secret", Tokens({"anna": digest(ANNA)})).read(cookie) == "anna"
    assert Sessions(b"secret", Tokens({"anna": digest(BEN)})).read(cookie) is None
    assert Sessions(b"secret", Tokens({"ben": digest(ANNA)})).read(cookie) is None
    assert Sessions(b"other", Tokens({"anna": digest(ANNA)})).read(cookie) is None


@pytest.mark.parametrize("cookie", ["", ".", "..", "YW5uYQ.1.x", "YW5uYQ.x.x", "é.1.é", "%.²."])
def test_a_cookie_that_is_not_ours(cookie):
    assert Sessions(b"secret", Tokens({"anna": digest(ANNA)})).read(cookie) is None


def test_a_session_ends_after_30_days(monkeypatch):
    sessions = Sessions(b"secret", Tokens({"anna": digest(ANNA)}))
    cookie = sessions.make("anna")
    later = time.time() + 30 * 86_400 + 1
    monkeypatch.setattr("time.time", lambda: later)
    assert sessions.read(cookie) is None


# The header of a proxy


def test_a_proxy_on_this_machine_names_people(web):
    proxied = web(person_header="X-Forwarded-User", only_this_machine=False)
    named = proxied.get("/secret", headers={"X-Forwarded-User": "Zoë".encode()})
    assert named.text.split("\n")[0] == "Zoë"
    for headers in ([], [("X-Forwarded-User", "a"), ("X-Forwarded-User", "b")],
                    [("X-Forwarded-User", "")], [("X-Forwarded-User", "x" * 101)]):  # fmt: skip
        page = proxied.get("/secret", headers=headers)
        assert page.status_code == 401
        assert "The proxy did not identify you" in page.text


def test_the_header_of_anyone_else_is_ignored(web):
    direct = web(person_header="X-Forwarded-User", person_proxies="10.0.0.0/8,2001:db8::1")
    assert direct.get("/secret", headers={"X-Forwarded-User": "root"}).status_code == 401


def test_whom_the_proxy_does_not_name_may_have_a_token(web, people_file):
    both = web(person_header="X-User", people=people_file)
    assert both.get("/secret", headers={"X-User": "eva"}).text.startswith("eva\n")
    assert _sign_in(both, ANNA).status_code == 303
    assert both.get("/secret").text.startswith("anna\n")


# Forms


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"}, {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)  # fmt: skip
def test_another_site_cannot_send_a_form(web, headers):
    visitor = web()
    assert _post(visitor, **headers).status_code == 403
    assert not visitor.done


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Sec-Fetch-Site": "same-origin", "Origin": "https://seen-outside.example"},
        {"Origin": "https://seen-outside.example", "X-Forwarded-Host": "seen-outside.example"},
    ],
)  # fmt: skip
def test_our_own_pages_can(web, headers):
    assert _post(web(), **headers).status_code == 200


def test_the_code_of_a_form_is_made_for_one_person_and_session(web, people_file):
    anna, ben = web(people=people_file), web(people=people_file)
    _sign_in(anna, ANNA)
    _sign_in(ben, BEN)
    of_ben = ben.get("/secret").text.split("\n")[1]
    for csrf in (of_ben, "", "é"):
        assert _post(anna, csrf=csrf).status_code == 403
    assert not anna.done


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"said=x&" * 201, "application/x-www-form-urlencoded"),
     (b"said=" + b"x" * 70_000, "application/x-www-form-urlencoded"),
     (b"{}", "application/json"), (b"said=x", "")],
)  # fmt: skip
def test_what_is_no_form_changes_nothing(web, content, kind):
    visitor = web()
    assert (
        visitor.post("/secret", content=content, headers={"Content-Type": kind}).status_code == 413
    )
    assert not visitor.done
