"""From a fall in what people copy to the end of its incident, with a clock of our own."""

import re
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

sys.path += [str(Path(__file__).parents[1] / room) for room in ("store", "alerts")]

import worlds
from raw_rows import SECOND, T0, action_span, insert, llm_span

from otel_ai_feedback.alerts.check import Checker
from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.pages import Pages, People, Questions, SessionTable
from otel_ai_feedback.store import jobs
from otel_ai_feedback.triage import file, notification, queries
from otel_ai_feedback.triage import pages as triage_pages
from otel_ai_feedback.triage.incidents import Incidents
from otel_ai_feedback.triage.service import Service

# Ten weeks of traffic through every rule.
pytestmark = pytest.mark.timeout(900)

DAY = 86_400
OUTPUTS_A_DAY = 160
FALL = datetime.fromtimestamp(T0 // SECOND, timezone.utc)  # Monday, 17 November 2025, 08:00
FIRST_DAY = -63
FIRST_DAY_WITH_OUTPUTS = -2
DAYS_OF_THE_FALL = 4
TRIAGE = """
people:
  - {name: Ana, contact: "json://127.0.0.1:1/ana"}
  - {name: Ben, contact: "json://127.0.0.1:1/ben", timezone: America/New_York}
  - {name: Cleo, contact: "json://127.0.0.1:1/cleo"}
rotas:
  quality: {people: [Ana, Ben, Cleo], starts: 2025-09-15}
routes:
  - {rota: quality, acknowledge: 1d, resolve: 5d}
"""


def traffic(first, last, share, model="small"):
    """Days of outputs that people saw and copied a share of; numbers are days after the fall."""
    rows = []
    for day in range(first, last):
        for number in range(OUTPUTS_A_DAY):
            name, at = f"{day} {number}", day * DAY + number * 20
            rows.append(llm_span(name, at=at, text=name, gen_ai__response__model=model))
            rows.append(action_span("seen", name, at=at + 2, output_at=at))
            if (number * 7919) % 100 < 100 * share + (day % 5 - 2):  # no two days are the same
                rows.append(action_span("copy", name, at=at + 5, value=1, output_at=at))
    return rows


def counted(client, first, last):
    """Days as the jobs count them: 40 % of what people saw was copied."""
    hours = [
        (
            FALL + timedelta(days=day),
            OUTPUTS_A_DAY,
            OUTPUTS_A_DAY * (40 + day % 5 - 2) // 100,
        )
        for day in range(first, last)
    ]
    worlds.count(client, hours, group=("chat", "production", "chat"))


@pytest.fixture
def sent():
    return []


class Clock(datetime):
    """A clock that stands where the test has put it; else it goes as usual."""

    moment = None

    @classmethod
    def now(cls, tz=None):
        return cls.moment or datetime.now(tz)


@pytest.fixture
def browser(clean, settings, monkeypatch):
    """The triage pages, as a proxy that says who someone is hands them on."""
    monkeypatch.setattr(queries, "datetime", Clock)
    triage = file.parse(TRIAGE, RULES)
    shell = Pages("UTC", "http://serve", rooms={"triage": triage_pages.PACKAGE})
    people = People(
        replace(settings, person_header="x-person"), shell, secret=b"s" * 32,
        only_this_machine=True, sessions=SessionTable(clean), url="http://serve",
    )  # fmt: skip
    routes = triage_pages.routes(
        Incidents(clean, triage), Questions([clean]), shell, people, triage
    )
    with TestClient(Starlette(routes=routes), client=("127.0.0.1", 50_000)) as client:
        yield client


def acknowledge_on_the_page(browser, incident_id, who, at):
    Clock.moment = at
    asked = {"headers": {"X-Person": who}}
    page = browser.get(f"/triage/{incident_id}/acknowledge", **asked).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]
    answer = browser.post(
        f"/triage/{incident_id}/do", data={"csrf": csrf, "action": "acknowledge"},
        follow_redirects=False, **asked,
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    Clock.moment = None


@pytest.fixture
def service(clean, sent):
    triage = file.parse(TRIAGE, RULES)
    return Service(
        clean, triage, "http://serve",
        lambda address, title, text: sent.append((address.rpartition("/")[2], title, text)),
    )  # fmt: skip


def checked(client, checker, incidents, now):
    """What `check` makes of a moment: the drift of what people copy, taken in."""
    jobs.run(client, now)
    taken = []
    for alert in checker.run(now):
        if (alert.rule, alert.segment_kind) == ("signal-drift", "all"):
            taken.append(incidents.take(alert, source="check", at=now))
    return taken


@pytest.mark.slow
def test_from_the_fall_to_the_report(clean, service, sent, browser, tmp_path):
    incidents = Incidents(clean, file.parse(TRIAGE, RULES))
    checker = Checker(
        clean, [r for r in RULES if r.name == "signal-drift"], tmp_path / "a", "http://serve"
    )
    counted(clean, FIRST_DAY, FIRST_DAY_WITH_OUTPUTS)
    insert(clean, traffic(FIRST_DAY_WITH_OUTPUTS, 0, 0.4))
    insert(clean, traffic(0, DAYS_OF_THE_FALL, 0.2, model="large"))

    # check fires some days after the fall, and not before
    now = FALL - timedelta(days=1) + timedelta(hours=2, minutes=30)
    assert checked(clean, checker, incidents, now) == []
    taken = []
    while not taken:
        now += timedelta(days=1)
        assert now < FALL + timedelta(days=DAYS_OF_THE_FALL)
        taken = checked(clean, checker, incidents, now)
    (one,) = taken
    assert one.opened

    # the incident names the person on the rota, with the right deadline
    incident = incidents.get(one.incident_id, as_of=now)
    assert (incident.series, incident.direction, incident.rota) == ("copied", "fell", "quality")
    weeks = (now.date() - date(2025, 9, 15)).days // 7
    assert incident.owner == ["Ana", "Ben", "Cleo"][weeks % 3] == "Ana"
    assert now.weekday() < 4  # so that the day after is a working day
    assert incident.acknowledge_due == now + timedelta(days=1)
    opened = incidents.events(one.incident_id)[0].details
    assert opened["values"]["times_threshold"] > 0.999
    assert opened["outputs_behind"] > OUTPUTS_A_DAY
    assert len(incidents.outputs(one.incident_id)) == 500
    assert "model large" in [change["text"] for change in opened["changes"]]
    excluded = "select series, from_day, to_day > '2140-01-01' from drift_exclusions final"

    # she is told at once, reminded, and after a day of silence the second person has it
    deadline = incident.acknowledge_due
    assert service.run(now) == 1
    assert clean.query(excluded).result_rows == [("copied", now.date(), 1)]
    assert service.run(deadline - timedelta(minutes=1)) == 1
    assert [person for person, *_ in sent] == ["ana", "ana"]
    # at his clock it is 5:30, but the deadline is hers; he is told when his quiet hours end
    assert service.run(deadline) == 0
    morning = deadline.replace(hour=13, minute=0)  # 8:00 in New York
    assert service.run(morning - timedelta(minutes=1)) == 0
    assert service.run(morning) == 1
    assert sent[-1][0] == "ben"
    assert "the deadline to acknowledge this incident has passed" in sent[-1][2]
    assert incidents.get(one.incident_id, as_of=morning).owner == "Ben"

    # he answers on the page that the message leads to, and resolves it
    assert f"http://serve/triage/{one.incident_id}/acknowledge" in sent[-1][2]
    at = morning + timedelta(minutes=20)
    acknowledge_on_the_page(browser, one.incident_id, "Ben", at)
    incident = incidents.get(one.incident_id, as_of=at + timedelta(minutes=1))
    assert (incident.state, incident.owner, incident.acknowledged_by) == (
        "acknowledged", "Ben", "Ben",
    )  # fmt: skip
    assert service.run(morning + timedelta(hours=3)) == 0
    incident = incidents.resolve(
        one.incident_id, author="Ben", cause="model", fix="back to the small model",
        moves="copied", at=FALL + timedelta(days=6, hours=6),
    )  # fmt: skip
    assert incident.state == "resolved"
    service.run(FALL + timedelta(days=6, hours=7))
    assert clean.query(excluded).result_rows == [("copied", now.date(), 0)]

    # two weeks later the service looks, and it has helped
    counted(clean, 7, 20)
    later = FALL + timedelta(days=20, hours=12)
    assert service.look_at_fixes(FALL + timedelta(days=19)) == []
    (said,) = service.look_at_fixes(later)
    assert said.startswith("copied went from 2")
    assert said.endswith(": confirmed")
    incident = incidents.get(one.incident_id, as_of=later)
    assert (incident.state, incident.outcome) == ("resolved", "confirmed")

    # the report has it: Ana, who had it first, was late to acknowledge; it was resolved in time
    report = clean.query(
        "select owner, incidents, acknowledged_in_time, resolved_in_time "
        "from response_times_at(as_of = {at:DateTime64(3, 'UTC')}) "
        "where window_days = 28 and service = '' and owner != '' and severity = ''",
        parameters={"at": f"{later:%Y-%m-%d %H:%M:%S}"},
    ).result_rows
    assert report == [("Ana", 1, 0, 1)]


@pytest.mark.slow
def test_a_fix_that_does_not_help_opens_it_again(clean, service, sent):
    triage = file.parse(TRIAGE, RULES)
    incidents = Incidents(clean, triage)
    insert(clean, traffic(-3, 9, 0.3))
    drift = {
        "status": "firing",
        "labels": {
            "alertname": "signal-drift", "service": "chat", "environment": "production",
            "feature": "chat", "series": "copied", "severity": "warning",
        },
        "startsAt": "2025-11-17T08:00:00Z",
    }  # fmt: skip
    key = incidents.take(notification.parse_alert(drift), source="check", at=FALL).incident_id
    at = FALL + timedelta(days=1, hours=8)
    incidents.resolve(key, author="Ana", cause="prompt", fix="reworded", moves="copied", at=at)
    # while it is being looked at, the alert that still stands joins it
    later = notification.parse_alert(drift | {"startsAt": "2025-11-19T08:00:00Z"})
    joined = incidents.take(later, source="check", at=FALL + timedelta(days=2))
    assert (joined.incident_id, joined.opened) == (key, False)

    now = at + timedelta(days=15)
    jobs.run(clean, now)
    sent.clear()
    (said,) = service.look_at_fixes(now)
    assert said.endswith("not confirmed (expected up)")
    assert service.look_at_fixes(now + timedelta(minutes=1)) == []
    incident = incidents.get(key, as_of=now + timedelta(minutes=1))
    assert (incident.state, incident.round, incident.owner) == ("open", 2, "Cleo")
    assert incident.acknowledge_due > now
    kinds = [event.kind for event in incidents.events(key)]
    assert kinds == ["opened", "resolved", "repeated", "not_confirmed", "reopened"]
    service.run(now + timedelta(minutes=1))
    assert [(person, "the fix did not work" in text) for person, _, text in sent] == [
        ("cleo", True)
    ]
