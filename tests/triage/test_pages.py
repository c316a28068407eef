"""The triage pages over real HTTP, on the engine: who may do what, and what is written down."""

import contextlib
import html
import re
from datetime import date, datetime, timedelta, timezone

import httpx
import pytest

from otel_ai_feedback.triage import pages as triage_pages
from otel_ai_feedback.triage.model import USER_REPORT

from .notifications import hours, parsed
from .served import TOKENS, serving

NOW = datetime.now(timezone.utc).replace(microsecond=0)
EVIL = "<script>alert('x')</script>"


@pytest.fixture
def url(clean, settings, triage, tmp_path):
    with serving(settings, triage, tmp_path) as address:
        yield address


@pytest.fixture
def browser(url):
    """``browser(name)``: a browser in which someone has signed in."""
    with contextlib.ExitStack() as stack:

        def open_(name=None, **headers):
            client = stack.enter_context(httpx.Client(base_url=url, timeout=60, headers=headers))
            if name:
                signed = client.post("/sign-in", data={"token": TOKENS[name]})
                assert signed.status_code == 303
            return client

        yield open_


@pytest.fixture
def incident(incidents):
    return incidents.take(parsed(), source="grafana", at=NOW - hours(1)).incident_id


def get(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return html.unescape(answer.text)


def do(client, incident, action, status=303, page=None, **fields):
    """Send a form as the page has it."""
    text = client.get(page or f"/triage/{incident}").text
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', text)[1]
    answer = client.post(f"/triage/{incident}/do", data={"csrf": csrf, "action": action} | fields)
    assert answer.status_code == status, answer.text
    return answer


# Looking ----------------------------------------------------------------------------------------


def test_nothing_waits(browser):
    page = get(browser("Ana"), "/triage")
    assert "No open incidents" in page
    assert "script-src 'self'" in browser("Ana").get("/triage").headers["content-security-policy"]


def test_open_incidents_by_the_deadline_that_runs(browser, incidents):
    later = incidents.take(parsed(series="reasked"), source="check", at=NOW - hours(1))
    sooner = incidents.take(parsed(series="copied"), source="check", at=NOW - timedelta(days=20))
    page = get(browser("Ana"), "/triage")
    assert page.index(sooner.incident_id) < page.index(later.incident_id)
    assert "chat: copied fell</a>" in page
    assert "signal-drift · chat/production/chat, since" in page
    assert " late" in page
    assert "in " in page


def test_one_incident_with_all_that_is_known(browser, incidents, incident, clean):
    clean.insert(
        "incident_outputs",
        [[incident, f"{n:032x}-{n:016x}", n] for n in range(12)],
        column_names=["incident_id", "output_id", "place"],
    )
    before = incidents.take(
        parsed(service="chat", series="copied", feature="other"), source="check",
        at=NOW - timedelta(days=40),
    ).incident_id  # fmt: skip
    incidents.resolve(before, author="Ben", cause="retrieval", fix="index", moves="copied",
                      at=NOW - timedelta(days=39))  # fmt: skip
    page = get(browser("Ana"), f"/triage/{incident}")
    assert "copied fell" in page  # what Grafana said
    assert re.search(r"<dt>Answers</dt><dd>100</dd>", page)
    assert "12 of 12 answers, recorded when the incident opened" in page
    assert f'href="/outputs/{3:032x}-{3:016x}"' in page
    assert "2 more" in page
    assert f'href="/triage/{before}"' in page
    assert "cause retrieval" in page
    assert "'s week on rota 'quality'" in page
    assert '<a href="http://grafana/alerting/x/view" rel="noreferrer">' in page
    assert re.search(r"opened</strong> by grafana", page)


def test_an_incident_that_is_not_there(browser):
    assert "Incident not found" in get(browser("Ana"), "/triage/nothing", 404)
    assert "Incident not found" in get(browser("Ana"), "/triage/nothing/acknowledge", 404)


# Acting -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_from_acknowledged_to_resolved_each_with_its_author(browser, incidents, incident):
    ana, ben = browser("Ana"), browser("Ben")
    do(ana, incident, "acknowledge")
    assert (incidents.get(incident).state, incidents.get(incident).owner) == ("acknowledged", "Ana")
    do(ana, incident, "start")
    do(ana, incident, "hand-over", to="Ben", note="your prompt")
    assert incidents.get(incident).owner == "Ben"
    do(ben, incident, "note", note="looking")
    day = (NOW + timedelta(days=20)).date()
    answer = do(
        ben, incident, "resolve", cause="prompt", fix="took it out", moves="copied",
        check_day=str(day),
    )  # fmt: skip
    assert answer.headers["location"] == f"/triage/{incident}"
    found = incidents.get(incident)
    assert (found.state, found.cause, found.moves, found.check_day) == (
        "resolved", "prompt", "copied:up", day,
    )  # fmt: skip
    told = [(event.kind, event.author) for event in incidents.events(incident)]
    assert told == [
        ("opened", "grafana"),
        ("acknowledged", "Ana"),
        ("started", "Ana"),
        ("assigned", "Ana"),
        ("noted", "Ben"),
        ("resolved", "Ben"),
    ]
    page = get(ben, f"/triage/{incident}")
    assert "took it out" in page
    assert 'value="resolve"' not in page
    assert "due" in get(ben, "/triage")


def test_accepted_with_a_reason(browser, incidents, incident):
    do(browser("Ben"), incident, "accept", reason="they like it short")
    assert incidents.get(incident).state == "accepted"
    assert incidents.events(incident)[-1].note == "they like it short"


def test_acknowledged_from_the_list(browser, incidents, incident):
    answer = do(browser("Ben"), incident, "acknowledge", page="/triage", back="list")
    assert answer.headers["location"] == "/triage"
    assert incidents.get(incident).acknowledged_by == "Ben"


@pytest.mark.parametrize(
    ("action", "fields", "says"),
    [
        ("resolve", {"cause": "prompt", "fix": "", "moves": "copied"}, "fix must not be empty"),
        ("resolve", {"cause": "weather", "fix": "x", "moves": "copied"}, "cause is 'weather'"),
        ("resolve", {"cause": "", "fix": "x", "moves": "copied"}, "it must be one of model, data"),
        ("resolve", {"cause": "data", "fix": "x", "moves": "sales"}, "must be quality"),
        ("resolve", {"cause": "data", "fix": "x", "moves": "copied", "check_day": "soon"},
         "check_day is 'soon'; give a day such as"),
        ("resolve", {"cause": "data", "fix": "x", "moves": "copied", "check_day": "2020-01-01"},
         "give a day after today"),
        ("accept", {"reason": "  "}, "reason must not be empty"),
        ("hand-over", {"to": ""}, "to must not be empty"),
        ("hand-over", {"to": "Zoe"}, "not in the triage file"),
        ("note", {"note": " "}, "note must not be empty"),
        ("delete", {}, "action is 'delete'; it must be one of acknowledge"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_says_why_and_keeps_what_was_typed(
    browser, incidents, incident, action, fields, says
):
    answer = do(browser("Ana"), incident, action, 422, **fields)
    page = html.unescape(answer.text)
    assert says in page
    assert len(incidents.events(incident)) == 1
    if fields.get("fix") == "x":
        assert ">x</textarea>" in page


def test_twice_is_once(browser, incidents, incident):
    ana, ben = browser("Ana"), browser("Ben")
    do(ana, incident, "acknowledge")
    answer = do(ben, incident, "acknowledge", 422)
    assert "is acknowledged, by Ana" in html.unescape(answer.text)
    assert [event.kind for event in incidents.events(incident)] == ["opened", "acknowledged"]


# A link in a message ----------------------------------------------------------------------------


def test_a_link_asks_who_one_is_then_has_one_button(browser, incidents, incident, url):
    stranger = browser()
    link = f"/triage/{incident}/acknowledge"
    page = get(stranger, link, 401)
    assert f'value="{link}"' in page
    signed = stranger.post("/sign-in", data={"token": TOKENS["Ben"], "next": link})
    assert signed.headers["location"] == link
    page = get(stranger, link)
    assert "Acknowledging makes you, Ben, the owner" in page
    # A mail scanner that follows links changes nothing.
    assert incidents.get(incident).state == "open"
    do(stranger, incident, "acknowledge", page=link)
    assert incidents.get(incident).acknowledged_by == "Ben"
    page = get(stranger, link)
    assert "Already acknowledged by Ben" in page
    assert 'value="acknowledge"' not in page


# Who may not ------------------------------------------------------------------------------------


def test_strangers_see_and_change_nothing(browser, incidents, incident):
    stranger = browser()
    for path in ("/triage", f"/triage/{incident}", "/triage/report"):
        assert "copied fell" not in get(stranger, path, 401)
    answer = stranger.post(f"/triage/{incident}/do", data={"action": "acknowledge"})
    assert answer.status_code == 401
    assert incidents.get(incident).state == "open"


@pytest.mark.parametrize(
    ("csrf", "headers"),
    [
        ("", {}),
        ("0" * 64, {}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Origin": "https://evil.example"}),
    ],
)
def test_other_sites_cannot_act(browser, incidents, incident, csrf, headers):
    ana = browser("Ana")
    page = ana.get(f"/triage/{incident}").text
    known = re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]
    answer = ana.post(
        f"/triage/{incident}/do",
        data={"csrf": known if csrf is None else csrf, "action": "acknowledge"},
        headers=headers,
    )
    assert answer.status_code == 403
    assert incidents.get(incident).state == "open"


def test_the_field_of_another_person_is_worth_nothing(browser, incidents, incident):
    page = browser("Ben").get(f"/triage/{incident}").text
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]
    answer = browser("Ana").post(
        f"/triage/{incident}/do", data={"csrf": csrf, "action": "acknowledge"}
    )
    assert answer.status_code == 403


def test_reading_changes_nothing(browser, incidents, incident):
    ana = browser("Ana")
    assert ana.get(f"/triage/{incident}/do?action=acknowledge").status_code == 405
    assert incidents.get(incident).state == "open"


# Texts of strangers -----------------------------------------------------------------------------


@pytest.mark.slow
def test_no_text_becomes_markup(browser, incidents, clean):
    alert = parsed(service=EVIL, feature=EVIL, series=EVIL)
    alert.details["annotations"]["summary"] = EVIL
    alert.details["annotations"]["runbook_url"] = "javascript:alert(1)"
    alert.details["links"]["panelURL"] = "data:text/html,x"
    alert.details["values"][EVIL] = 1.0
    incident = incidents.take(alert, source="grafana", at=NOW - hours(2)).incident_id
    incidents.report(USER_REPORT, EVIL, note=EVIL, author=EVIL, at=NOW - hours(1), outputs=[EVIL])
    ana = browser("Ana")
    do(ana, incident, "note", note=EVIL)
    do(ana, incident, "resolve", 422, cause=EVIL, fix=EVIL, moves=EVIL, check_day=EVIL)
    paths = ["/triage", "/triage/report", f"/triage/{incident}"]
    paths += [f"/triage/{found.incident_id}" for found in incidents.listed()]
    for path in paths:
        text = ana.get(path).text
        assert "<script>" not in text
        assert "alert(" not in re.sub(r"&lt;script&gt;.*?&lt;/script&gt;", "", text)
        assert 'href="javascript' not in text
        assert 'href="data:text' not in text


# The report -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_broke_twice_is_named_as_everywhere(browser, incidents):
    for days in (40, 10):
        at = NOW - timedelta(days=days)
        taken = incidents.take(parsed(startsAt=at.isoformat()), source="check", at=at)
        incidents.accept(taken.incident_id, author="Ben", reason="x", at=at + hours(1))
    assert "chat: copied changed: 2 incidents" in get(browser("Ana"), "/triage/report")


@pytest.mark.slow
def test_the_report(browser, incidents, incident):
    ana = browser("Ana")
    assert "No incidents in this period" not in get(ana, "/triage/report")
    owner = incidents.get(incident).owner
    incidents.acknowledge(incident, author="Ben", at=NOW - timedelta(minutes=30))
    incidents.resolve(incident, author="Ben", cause="prompt", fix="x", moves="copied", at=NOW)
    incidents.take(parsed(startsAt=(NOW + timedelta(days=15)).isoformat()), source="check",
                   at=NOW + timedelta(days=15))  # fmt: skip
    page = get(ana, "/triage/report?days=28")
    assert "all incidents" in page
    assert f">{owner}</th>" in page
    assert "30\u202fmin" in page
    assert "100%" in page
    assert "prompt 1" in page
    assert '<option value="28" selected>' in page
    assert '<option value="90" selected>' in get(ana, "/triage/report?days=1000000")


def test_a_report_without_incidents(browser):
    page = get(browser("Ana"), "/triage/report")
    assert "No incidents in this period" in page
    assert "No incidents resolved yet" in page


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (59, "in 1\u202fmin"),
        (0, "in under a minute"),
        (-3600, "60\u202fmin late"),
        (7 * 3600, "in 7\u202fh"),
        (-3 * 86_400, "3\u202fdays late"),
        (2 * 86_400 - 1, "in 2\u202fdays"),
    ],
)
def test_how_far_off(seconds, text):
    assert triage_pages.left(NOW + timedelta(seconds=seconds), NOW) == text


def test_a_check_day_is_offered(browser, incident):
    page = get(browser("Ana"), f"/triage/{incident}")
    offered = re.search(r'name="check_day" value="([0-9-]+)"', page)[1]
    assert date.fromisoformat(offered) >= (NOW + timedelta(days=14)).date()
