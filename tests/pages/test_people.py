"""Who is it, and what may they do?

One file, although it is long: the ways to be known share a server with one page for each role.
"""

import dataclasses
import getpass
import hashlib
import re
from datetime import timedelta

import httpx
import pytest
from starlette.responses import PlainTextResponse

from otel_ai_feedback.config import ConfigError, load
from otel_ai_feedback.pages import Pages, People, SignIn
from otel_ai_feedback.pages.roles import one_of
from otel_ai_feedback.pages.routes import page

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
def web(client, tmp_path, table):
    """``web(only_this_machine=..., **settings)``: a server with one page that needs a person."""

    def start(only_this_machine=True, secret=b"s" * 32, owners=(), **environ):
        settings = load(
            environ={f"OTEL_AI_FEEDBACK_{k.upper()}": v for k, v in environ.items()},
            directory=tmp_path,
        )
        pages = Pages("UTC", "http://x", tabs={"review": "/review"})
        people = People(
            settings, pages, secret=secret, only_this_machine=only_this_machine, sessions=table,
            url="http://127.0.0.1", owners=owners,
        )  # fmt: skip
        done = []

        async def show(visit):
            if visit.request.method == "POST":
                done.append((visit.person, visit.form["said"]))
            return PlainTextResponse(f"{visit.person}\n{visit.csrf}")

        async def numbers(request):
            return pages.render("people/again.html", next="/")

        own = SignIn(people, pages, settings.trusted_proxies).routes()
        routes = [
            people.page("/secret", show, methods=("GET", "POST")),
            people.page("/triage", show, methods=("GET", "POST")),
            page(pages, "/numbers", numbers),
        ]
        needs = {
            "/secret": one_of("reviewer"),
            "/triage": one_of("responder"),
            "/numbers": one_of("viewer"),
        }
        started = client([*own, *people.guard(routes, needs)])
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


def test_the_one_person_of_the_triage_file_is_who_it_is(web):
    alone = web(owners=["Ana"])
    assert alone.get("/secret").text.split("\n")[0] == "Ana"
    assert _post(alone).status_code == 200
    assert alone.done == [("Ana", "x")]


def test_of_several_people_the_first_form_asks_once_and_loses_nothing(web):
    several = web(owners=["Ana", "Ben <b>"])
    asked = _post(several)
    assert several.done == []
    assert "Who are you?" in asked.text
    assert "<option>Ben &lt;b&gt;</option>" in asked.text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    assert fields["said"] == "x"
    several.post("/secret", data=fields | {"person": "Ben <b>"})
    assert several.done == [("Ben <b>", "x")]
    assert several.get("/secret").text.split("\n")[0] == "Ben <b>"
    _post(several)
    assert several.done == [("Ben <b>", "x")] * 2


def test_only_a_person_of_the_triage_file_can_be_chosen(web):
    several = web(owners=["Ana", "Ben"])
    csrf = several.get("/secret").text.split("\n")[1]
    answer = several.post("/secret", data={"csrf": csrf, "said": "x", "person": "Mallory"})
    assert "Who are you?" in answer.text
    assert "Signed in as" not in answer.text
    several.cookies.set("ai-feedback-person", "Mallory")
    assert several.get("/secret").text.split("\n")[0] == getpass.getuser()
    assert several.done == []


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_behind_a_proxy_the_neighbour_is_not_the_one_who_asks(web, header):
    page = web().get("/secret", headers={header: "203.0.113.9"})
    assert page.status_code == 403
    assert "OTEL_AI_FEEDBACK_PERSON_HEADER" in page.text


def test_on_another_address_with_nothing_configured_no_one_is_signed_in(web):
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


def test_a_wrong_token_is_refused_and_guesses_are_limited(web, people_file):
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


@pytest.mark.parametrize(("file", "stays"), [
    (f'[anna]\ntoken = "{ANNA}"', True),
    (f'[anna]\ntoken = "{BEN}"', False),
    (f'[ben]\ntoken = "{ANNA}"', False),
])  # fmt: skip
def test_a_session_ends_with_its_token(web, people_file, file, stays):
    visitor = web(people=people_file)
    _sign_in(visitor, ANNA)
    with open(people_file, "w") as changed:
        changed.write(file)
    again = web(people=people_file)
    again.cookies = visitor.cookies
    assert (again.get("/secret").status_code == 200) is stays


@pytest.mark.parametrize("cookie", ["", ".", "..", "a" * 24, "a" * 24 + ".", "x.y", "%.²."])
def test_a_cookie_that_is_not_ours(web, people_file, cookie):
    headers = {"Cookie": f"ai_feedback_session={cookie}".encode()}
    assert web(people=people_file).get("/secret", headers=headers).status_code == 401


def test_signing_in_again_is_another_session_and_ends_the_one_before(web, people_file):
    visitor = web(people=people_file)
    _sign_in(visitor, ANNA)
    before = visitor.cookies["ai_feedback_session"]
    _sign_in(visitor, BEN)
    assert visitor.cookies["ai_feedback_session"] != before
    assert visitor.get("/secret").text.startswith("ben@example.com\n")
    visitor.cookies.clear()
    visitor.cookies.set("ai_feedback_session", before)
    assert visitor.get("/secret").status_code == 401


def test_an_unused_cookie_cannot_be_chosen_by_someone_else(web, people_file):
    visitor = web(people=people_file)
    chosen = "a" * 24 + ".chosen"
    visitor.cookies.set("ai_feedback_session", chosen)
    answer = _sign_in(visitor, ANNA)
    assert chosen not in answer.headers["set-cookie"]


# Sessions


def _browsers(server, number):
    """So many browsers of one server."""
    return [httpx.Client(base_url=server.base_url, timeout=30) for _ in range(number)]


def _sessions(visitor):
    return re.findall(r'name="session_id" value="([0-9a-f]{24})"', visitor.get("/sessions").text)


def test_people_see_their_sessions_and_sign_them_out(web, people_file, table):
    first, second, ben = _browsers(web(people=people_file), 3)
    _sign_in(first, ANNA, headers={"User-Agent": "one <b>browser</b>"})
    _sign_in(second, ANNA)
    _sign_in(ben, BEN)
    page = first.get("/sessions").text
    assert "one &lt;b&gt;browser&lt;/b&gt;" in page
    assert page.count("(this browser)") == 1
    assert len(_sessions(first)) == 2
    csrf = re.search(r'name="csrf" value="(\w+)"', page)[1]
    (of_ben,) = _sessions(ben)
    first.post("/sessions/end", data={"csrf": csrf, "session_id": of_ben})
    assert ben.get("/secret").status_code == 200, "of others only an admin ends them"
    assert first.post("/sessions/end", data={"session_id": of_ben}).status_code == 403
    answer = first.post("/sessions/end", data={"csrf": csrf, "session_id": "all"})
    assert answer.headers["location"] == "/"
    assert [each.get("/secret").status_code for each in (first, second, ben)] == [401, 401, 200]


def test_an_admin_sees_and_ends_the_sessions_of_all(web, people_file):
    with open(people_file, "a") as file:
        file.write('[root]\ntoken = "root-token-0123456789"\nroles = ["admin"]\n')
    visitor, admin = _browsers(web(people=people_file), 2)
    _sign_in(visitor, ANNA)
    _sign_in(admin, "root-token-0123456789")
    page = admin.get("/sessions").text
    csrf = re.search(r'name="csrf" value="(\w+)"', page)[1]
    assert "anna" in page
    (of_anna,) = _sessions(visitor)
    admin.post("/sessions/end", data={"csrf": csrf, "session_id": of_anna})
    assert visitor.get("/secret").status_code == 401
    assert len(_sessions(admin)) == 1


def test_a_copied_cookie_is_worth_nothing_after_signing_out(web, people_file):
    visitor = web(people=people_file)
    _sign_in(visitor, ANNA)
    copied = visitor.cookies["ai_feedback_session"]
    csrf = visitor.get("/secret").text.split("\n")[1]
    visitor.post("/sign-out", data={"csrf": csrf})
    visitor.cookies.set("ai_feedback_session", copied)
    assert visitor.get("/secret").status_code == 401


def test_the_cookie_is_changed_after_an_hour_of_use_and_forms_stay_good(web, people_file, table):
    visitor = web(people=people_file)
    _sign_in(visitor, ANNA)
    csrf = visitor.get("/secret").text.split("\n")[1]
    before = visitor.cookies["ai_feedback_session"]
    assert "set-cookie" not in visitor.get("/numbers").headers
    (row,) = table.rows.values()
    table.write(dataclasses.replace(row, changed_at=row.changed_at - timedelta(hours=2)))
    later = web(people=people_file)
    asked = {"Cookie": f"ai_feedback_session={before}"}
    cookie = later.get("/numbers", headers=asked).headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    assert before not in cookie
    assert later.get("/numbers").headers.get("set-cookie") is None
    assert _post(later, csrf=csrf).status_code == 200


# Roles


def _with_roles(people_file, *roles):
    with open(people_file, "w") as file:
        file.write(f'[anna]\ntoken = "{ANNA}"\nroles = {list(roles)}\n')


@pytest.mark.parametrize(("roles", "may"), [
    ((), []), (("viewer",), ["/numbers"]), (("reviewer",), ["/secret", "/numbers"]),
    (("responder",), ["/triage", "/numbers"]), (("admin",), ["/secret", "/triage", "/numbers"]),
])  # fmt: skip
def test_a_role_opens_its_pages_and_no_other(web, people_file, roles, may):
    _with_roles(people_file, *roles)
    visitor = web(people=people_file)
    _sign_in(visitor, ANNA)
    pages = ["/secret", "/triage", "/numbers"]
    found = {path: visitor.get(path) for path in pages}
    assert [path for path in pages if found[path].status_code == 200] == may
    for path in set(pages) - set(may):
        assert found[path].status_code == 403
        assert "This page requires the role" in found[path].text
        assert "Sign out" in found[path].text
    assert (_post(visitor, csrf="0").status_code == 403) is True


def test_numbers_need_someone_too_once_people_sign_in(web, people_file):
    assert web().get("/numbers").status_code == 200
    assert web(only_this_machine=False).get("/numbers").status_code == 403
    assert web(people=people_file).get("/numbers").status_code == 401
    assert web(person_header="X-User").get("/numbers").status_code == 401
    assert web().get("/numbers", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


def test_a_page_says_who_is_signed_in(web, people_file):
    visitor = web(people=people_file)
    _sign_in(visitor, ANNA)
    assert "Signed in as </span>anna" in visitor.get("/numbers").text
    assert "Signed in as" not in web().get("/numbers").text


def test_roles_of_whom_a_proxy_names(web, people_file):
    def status(name, **settings):
        proxied = web(person_header="X-User", **settings)
        paths = ("/numbers", "/secret", "/triage")
        return [proxied.get(path, headers={"X-User": name}).status_code for path in paths]

    assert status("eva") == [200, 200, 200]
    assert status("eva", roles="*=viewer") == [200, 403, 403]
    _with_roles(people_file, "reviewer")
    assert status("eva", roles="*=viewer", people=people_file) == [200, 403, 403]
    assert status("anna", roles="*=viewer", people=people_file) == [200, 200, 403]


def test_a_file_of_people_who_cannot_sign_in_is_a_mistake(web, tmp_path):
    file = tmp_path / "roles.toml"
    file.touch(0o600)
    file.write_text('[anna]\nroles = ["admin"]\n')
    with pytest.raises(ConfigError, match="no one has a token"):
        web(people=str(file))


def test_a_route_without_a_role_is_not_served(web):
    pages = Pages("UTC", "http://x")
    people = People(
        load(environ={}), pages, secret=b"s", only_this_machine=True, sessions=None, url=""
    )
    with pytest.raises(LookupError, match="/other"):
        people.guard([page(pages, "/other", None)], {"/": one_of("viewer")})


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
