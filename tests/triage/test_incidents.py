"""An incident from its first alert to its end, on the engine."""

from datetime import date, datetime, timedelta, timezone

import pytest
from raw_rows import SECOND, T0, action_span, insert, llm_span, output_id

from otel_ai_feedback.store.erasure import erase
from otel_ai_feedback.triage.incidents import Incidents
from otel_ai_feedback.triage.model import REVIEWER_REPORT, USER_REPORT
from otel_ai_feedback.triage.queries import IncidentError

from .notifications import MONDAY, hours, parsed

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)


def test_an_alert_opens_an_incident_with_a_named_owner_and_deadlines(incidents):
    taken = incidents.take(parsed(), source="grafana", at=MONDAY)
    assert (taken.opened, taken.owner) == (True, "Ana")
    incident = incidents.get(taken.incident_id, as_of=MONDAY)
    assert (incident.state, incident.open, incident.owner, incident.rota) == (
        "open", True, "Ana", "quality",
    )  # fmt: skip
    assert incident.rule == "signal-drift"
    assert (incident.series, incident.direction) == ("copied", "fell")
    assert incident.acknowledge_due == MONDAY + hours(8)
    assert incident.resolve_due == MONDAY + timedelta(days=4, hours=8)
    assert incident.due_at == incident.acknowledge_due
    (opened,) = incidents.events(taken.incident_id, as_of=MONDAY)
    assert opened.details["values"] == {"times_threshold": 6.4, "answers": 100}
    assert opened.details["annotations"] == {"summary": "copied fell"}
    assert any("Ana's week" in sentence for sentence in opened.details["why"])


def test_a_repeat_joins_and_what_resolves_itself_is_noted(incidents):
    first = incidents.take(parsed(), source="grafana", at=MONDAY)
    for _ in range(3):  # Grafana tries a notification again that it got no answer to
        again = incidents.take(parsed(), source="grafana", at=MONDAY + hours(4))
        assert (again.incident_id, again.opened) == (first.incident_id, False)
    other = incidents.take(parsed(series="reasked"), source="grafana", at=MONDAY)
    assert other.incident_id != first.incident_id
    incidents.take(parsed("resolved"), source="grafana", at=MONDAY + hours(5))
    incidents.take(parsed("resolved"), source="grafana", at=MONDAY + hours(9))
    incident = incidents.get(first.incident_id)
    assert (incident.repeats, incident.alert, incident.state) == (1, "resolved", "open")
    kinds = [event.kind for event in incidents.events(first.incident_id)]
    assert kinds == ["opened", "repeated", "alert_resolved"]
    assert incidents.take(parsed("resolved", service="x"), source="check").incident_id == ""


def test_from_acknowledged_to_resolved_with_every_author(incidents):
    key = incidents.take(parsed(), source="check", at=MONDAY).incident_id
    incidents.acknowledge(key, author="Ben", at=MONDAY + hours(1))
    incidents.start(key, author="Ben", at=MONDAY + hours(2))
    incidents.hand_over(key, "Cleo", author="Ben", note="your prompt", at=MONDAY + hours(3))
    incident = incidents.resolve(
        key, author="Cleo", cause="prompt", fix="took the example out", moves="copied",
        at=MONDAY + hours(4),
    )  # fmt: skip
    assert (incident.state, incident.owner, incident.open) == ("resolved", "Cleo", False)
    assert incident.acknowledged_at == MONDAY + hours(1)
    assert (incident.acknowledged_by, incident.resolved_by) == ("Ben", "Cleo")
    assert (incident.cause, incident.moves) == ("prompt", "copied:up")
    assert incident.check_day == date(2025, 12, 15)
    assert incident.due_at is None
    then = incidents.get(key, as_of=MONDAY + hours(2.5))
    assert (then.state, then.owner, then.due_at) == ("in_progress", "Ben", then.resolve_due)
    authors = [event.author for event in incidents.events(key)]
    assert authors == ["check", "Ben", "Ben", "Ben", "Cleo"]


def test_what_is_over_is_not_done_twice(incidents):
    key = incidents.take(parsed(), source="check", at=MONDAY).incident_id
    with pytest.raises(IncidentError, match="reason must not be empty"):
        incidents.accept(key, author="Ana", reason=" ")
    incidents.accept(key, author="Ana", reason="they like it", at=MONDAY + hours(1))
    with pytest.raises(IncidentError, match="is accepted, by Ana"):
        incidents.acknowledge(key, author="Ben", at=MONDAY + hours(2))
    with pytest.raises(IncidentError, match="no incident 'x'"):
        incidents.acknowledge("x", author="Ben")
    with pytest.raises(IncidentError, match="not in the triage file"):
        incidents.hand_over(key, "Dan", author="Ben")
    with pytest.raises(IncidentError, match="cause is 'bad luck'"):
        incidents.resolve(key, author="Ana", cause="bad luck", fix="x", moves="copied")
    with pytest.raises(IncidentError, match="moves is 'mood'"):
        incidents.resolve(key, author="Ana", cause="model", fix="x", moves="mood")
    with pytest.raises(IncidentError, match="after today"):
        incidents.resolve(
            key, author="Ana", cause="model", fix="x", moves="copied",
            check_day=date(2025, 12, 1), at=MONDAY,
        )  # fmt: skip


def test_the_same_alert_after_the_end_is_a_new_incident_unless_it_began_before(incidents):
    first = incidents.take(parsed(), source="grafana", at=MONDAY).incident_id
    incidents.accept(first, author="Ana", reason="known", at=MONDAY + hours(1))
    joined = incidents.take(parsed(), source="grafana", at=MONDAY + hours(4))
    assert (joined.incident_id, joined.opened) == (first, False)
    assert incidents.get(first).state == "accepted"
    later = parsed(startsAt="2025-12-03T09:00:00.123456789Z")
    second = incidents.take(later, source="grafana", at=MONDAY + timedelta(days=2))
    assert second.opened
    (similar,) = incidents.similar(second.incident_id)
    assert (similar["incident_id"], similar["state"]) == (first, "accepted")


@pytest.mark.slow
def test_the_exact_outputs_behind_it_are_frozen(clean, incidents, triage):
    rows = []
    for number in range(10):
        rows.append(llm_span(f"o{number}", at=number * 60, text="x", ai_feedback__subject="ada"))
        rows.append(action_span("seen", f"o{number}", at=number * 60 + 2, output_at=number * 60))
        if number < 4:
            rows.append(
                action_span(
                    "copy", f"o{number}", at=number * 60 + 5, value=1, output_at=number * 60
                )
            )
    insert(clean, rows)
    at = START + hours(3)
    fell = parsed(startsAt="2025-11-17T10:00:00Z", feature="chat")
    key = incidents.take(fell, source="check", at=at).incident_id
    expected = [output_id(f"o{number}") for number in range(9, 3, -1)]
    assert incidents.outputs(key) == expected
    (opened,) = incidents.events(key)
    assert opened.details["outputs_behind"] == 6
    rose = parsed(series="reasked", direction="rose", startsAt="2025-11-17T10:00:00Z")
    assert incidents.outputs(incidents.take(rose, source="check", at=at).incident_id) == []

    reviewed = [
        [str(number), output_id(f"o{number}"), "first", "ann", "bad", ["made up"], at]
        for number in (4, 5)
    ]
    clean.insert(
        "reviews", reviewed,
        ["review_id", "output_id", "reading", "reviewer", "verdict", "modes", "reviewed_at"],
    )  # fmt: skip
    assert incidents.modes(key) == [{"mode": "made up", "labels": 2, "read": 2}]
    found = {
        mode: incidents.take(
            parsed(alertname="failure-mode", series="", direction="", mode=mode), source="check",
            at=at,
        ).incident_id
        for mode in ("made up", "too long")
    }  # fmt: skip
    assert incidents.outputs(found["made up"]) == [output_id("o5"), output_id("o4")]
    assert incidents.outputs(found["too long"]) == []
    assert incidents.get(found["made up"]).title == ("chat: new or recurring failure mode, made up")
    assert erase(clean, "ada")["incident_outputs"] == 8
    assert incidents.outputs(key) == []


def test_people_report_and_later_reports_add_to_it(incidents):
    first = incidents.report(
        REVIEWER_REPORT, "chat", outputs=["b", "a"], note="this needs an owner", author="ann",
        at=MONDAY,
    )  # fmt: skip
    again = incidents.report(
        REVIEWER_REPORT, "chat", outputs=["a", "c"], note="again", author="bob", at=MONDAY
    )
    assert (first.opened, again.opened) == (True, False)
    assert first.incident_id == again.incident_id
    assert incidents.outputs(first.incident_id) == ["b", "a", "c"]
    incident = incidents.get(first.incident_id)
    assert (incident.source, incident.alert, incident.owner) == ("reviewer", "", "Ana")
    assert [(e.author, e.note) for e in incidents.events(first.incident_id)] == [
        ("ann", "this needs an owner"), ("bob", "again"),
    ]  # fmt: skip
    other = incidents.report(USER_REPORT, "chat", note="rude", author="a user", at=MONDAY)
    assert other.incident_id != first.incident_id


def test_without_a_triage_file_nothing_is_opened_and_what_is_there_can_be_closed(clean, incidents):
    key = incidents.take(parsed(), source="check", at=MONDAY).incident_id
    nobody = Incidents(clean, None)
    with pytest.raises(IncidentError, match="no owner configured"):
        nobody.take(parsed(series="reasked"), source="check")
    assert nobody.acknowledge(key, author="Ana").state == "acknowledged"


def test_incidents_by_due_time(incidents):
    late = incidents.take(parsed(series="rated"), source="check", at=MONDAY + hours(3)).incident_id
    soon = incidents.take(parsed(), source="check", at=MONDAY).incident_id
    done = incidents.take(parsed(series="reasked"), source="check", at=MONDAY).incident_id
    incidents.accept(done, author="Ana", reason="fine", at=MONDAY + hours(1))
    now = MONDAY + hours(9)
    assert [i.incident_id for i in incidents.listed(as_of=now)] == [soon, late, done]
    assert [i.incident_id for i in incidents.listed(is_open=True, as_of=now)] == [soon, late]
    assert [i.overdue for i in incidents.listed(as_of=now)] == [True, False, False]


def test_two_processes_that_open_the_same_open_one(clean, triage, incidents):
    alert = parsed()
    first = incidents.take(alert, source="grafana", at=MONDAY)
    rows = clean.query("select * from incident_events").result_rows
    names = clean.query("select * from incident_events").column_names
    clean.insert("incident_events", rows, names)
    assert [i.incident_id for i in incidents.listed()] == [first.incident_id]
    assert len(incidents.events(first.incident_id)) == 1
