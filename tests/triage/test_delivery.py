"""What is due is sent once, by the clock, and what went wrong on the way is seen."""

from datetime import timedelta

import pytest

from otel_ai_feedback.triage import file, sending
from otel_ai_feedback.triage.dispatcher import BACKOFF, Dispatcher, Notifications
from otel_ai_feedback.triage.incidents import Incidents
from otel_ai_feedback.triage.model import USER_REPORT
from otel_ai_feedback.triage.queries import IncidentError

from .notifications import FILE, MONDAY, hours, parsed


class Recorder:
    """Takes messages, or fails while it is told to."""

    def __init__(self):
        self.sent = []
        self.broken = False

    def __call__(self, address, title, text):
        if self.broken:
            raise sending.SendError("json: no route to host")
        self.sent.append((address.rpartition("/")[2], title, text))

    @property
    def people(self):
        return [person for person, _, _ in self.sent]


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def dispatcher(clean, triage, recorder):
    return Dispatcher(clean, triage, "http://serve", recorder)


@pytest.fixture
def key(incidents):
    return incidents.take(parsed(), source="grafana", at=MONDAY).incident_id


def test_the_owner_is_notified_at_once_with_what_and_by_when(dispatcher, recorder, key):
    assert dispatcher.run(MONDAY) == 1
    assert dispatcher.run(MONDAY) == 0
    ((person, title, text),) = recorder.sent
    assert person == "ana"
    assert title == "[warning] chat: copied fell"
    assert "Ana, this incident is assigned to you (the default route)." in text
    assert "copied fell\n" in text
    assert "6.4" not in text  # the summary has its numbers in words
    assert "Acknowledge by Mon 1 Dec 2025, 17:00 UTC." in text
    assert f"Acknowledge: http://serve/triage/{key}/acknowledge" in text


def test_a_report_carries_its_note_and_a_command_quotes_names(clean, recorder):
    triage = file.parse("owner: Ana Maria\nnotify: ['json://h/ana']\nquiet: false", [])
    key = (
        Incidents(clean, triage)
        .report(USER_REPORT, "chat", note="prices are made up", author="Cleo", at=MONDAY)
        .incident_id
    )
    Dispatcher(clean, triage, "http://serve", recorder).run(MONDAY)
    ((_, _, text),) = recorder.sent
    assert "Cleo reports: prices are made up" in text
    assert f"triage ack {key} --author 'Ana Maria'" in text
    assert f"Affected answers: http://serve/triage/{key}\n" in text


def test_numbers_of_a_foreign_rule_are_named(incidents, dispatcher, recorder):
    incidents.take(parsed(alertname="theirs", direction=""), source="grafana", at=MONDAY)
    dispatcher.run(MONDAY)
    ((_, _, text),) = recorder.sent
    assert "Change, in multiples of its threshold: 6.4.\nAnswers: 100." in text


@pytest.mark.slow
def test_silence_goes_on_to_the_next_person_at_the_minute(dispatcher, recorder, incidents, key):
    told = {}
    day = timedelta(days=1)
    for due in (MONDAY, MONDAY + hours(4), MONDAY + hours(8), MONDAY + day + hours(8)):
        for now in (due - timedelta(minutes=1), due):
            if dispatcher.run(now):
                told[now] = (recorder.people[-1], incidents.get(key, as_of=now).owner)
    assert told == {
        MONDAY: ("ana", "Ana"),
        MONDAY + hours(4): ("ana", "Ana"),
        MONDAY + hours(8): ("ben", "Ben"),
        MONDAY + timedelta(days=1, hours=8): ("cleo", "Cleo"),
    }
    assert "the deadline to acknowledge this incident has passed" in recorder.sent[2][2]
    kinds = [(event.kind, event.author, event.owner) for event in incidents.events(key)]
    assert kinds == [
        ("opened", "grafana", "Ana"), ("assigned", "triage", "Ben"), ("assigned", "triage", "Cleo"),
    ]  # fmt: skip


@pytest.mark.slow
def test_who_has_taken_it_is_reminded_before_the_end_and_keeps_it(
    dispatcher, recorder, incidents, key
):
    dispatcher.run(MONDAY)
    incidents.acknowledge(key, author="Ben", at=MONDAY + hours(1))
    assert dispatcher.run(MONDAY + timedelta(days=3)) == 0
    assert dispatcher.run(MONDAY + timedelta(days=4)) == 1
    assert recorder.people == ["ana", "ben"]
    assert dispatcher.run(MONDAY + timedelta(days=4, hours=8)) == 1
    assert recorder.people == ["ana", "ben", "ben"]  # after Ana, who was on duty
    assert incidents.get(key).owner == "Ben"
    incidents.resolve(
        key, author="Ben", cause="model", fix="rolled back", moves="copied",
        at=MONDAY + timedelta(days=5),
    )  # fmt: skip
    assert dispatcher.run(MONDAY + timedelta(days=30)) == 0


def test_the_new_owner_is_notified(dispatcher, recorder, incidents, key):
    dispatcher.run(MONDAY)
    incidents.hand_over(key, "Cleo", author="Ana", at=MONDAY + hours(1))
    assert dispatcher.run(MONDAY + hours(1)) == 1
    assert recorder.people == ["ana", "cleo"]
    assert "Ana handed this incident over to you" in recorder.sent[1][2]


def test_what_was_due_while_nothing_ran_is_made_up_for(dispatcher, recorder, key):
    assert dispatcher.run(MONDAY + timedelta(days=7)) == 6
    assert recorder.people == ["ana", "ana", "ben", "cleo", "cleo", "ben"]


@pytest.mark.slow
def test_a_failure_is_tried_again_and_in_the_end_given_up(dispatcher, recorder, clean, key):
    recorder.broken = True
    now = MONDAY
    notifications = Notifications(clean)
    dispatcher.run(now)
    assert [n.state for n in notifications.listed()] == ["failed"]
    for wait in BACKOFF:
        assert dispatcher.run(now + wait - timedelta(seconds=1)) == 0
        now += wait
        dispatcher.run(now)
    (given_up,) = notifications.listed()
    assert (given_up.state, given_up.attempts) == ("given_up", len(BACKOFF) + 1)
    dispatcher.run(now + hours(2))
    errors = clean.query(
        "select distinct error from notification_events where phase in ('failed', 'given_up')"
    ).result_rows
    assert errors == [("json: no route to host",)]
    recorder.broken = False
    notifications.settle(given_up.notification_id, arrived=False, author="Ben", at=now + hours(2))
    assert dispatcher.run(now + hours(2)) == 1
    assert [n.state for n in notifications.listed()] == ["sent"]


def test_a_failure_that_passes_is_sent_once(dispatcher, recorder, key):
    recorder.broken = True
    dispatcher.run(MONDAY)
    recorder.broken = False
    assert dispatcher.run(MONDAY + BACKOFF[0]) == 1
    assert dispatcher.run(MONDAY + hours(1)) == 0
    assert recorder.people == ["ana"]


def test_every_address_of_a_person_is_tried_by_itself(clean, recorder):
    triage = file.parse("owner: Ana\nnotify: ['json://h/one', 'json://h/two']\nquiet: false", [])
    Incidents(clean, triage).take(parsed(), source="check", at=MONDAY)
    dispatcher = Dispatcher(clean, triage, "http://serve", recorder)
    assert dispatcher.run(MONDAY) == 2
    assert recorder.people == ["one", "two"]


def test_quiet_hours_hold_a_message_back_and_let_what_is_critical_through(clean, recorder):
    triage = file.parse(FILE.replace("quiet: false", "quiet: {hours: 20-8, except: critical}"), [])
    incidents = Incidents(clean, triage)
    night = MONDAY + hours(14)
    incidents.take(parsed(), source="grafana", at=night)
    incidents.take(parsed(series="rated", severity="critical"), source="grafana", at=night)
    dispatcher = Dispatcher(clean, triage, "http://serve", recorder)
    assert dispatcher.run(night) == 1
    assert recorder.sent[0][1].startswith("[critical]")
    assert (
        dispatcher.run(
            MONDAY
            + hours(
                22,
            )
            + timedelta(minutes=59)
        )
        == 0
    )
    assert dispatcher.run(MONDAY + hours(23)) == 1


def test_a_message_of_unknown_delivery_is_shown_and_settled_by_a_person(
    clean, triage, recorder, dispatcher, key
):
    def killed(address, title, text):
        raise SystemExit

    with pytest.raises(SystemExit):
        Dispatcher(clean, triage, "http://serve", killed).run(MONDAY)
    assert dispatcher.run(MONDAY) == 0
    notifications = Notifications(clean)
    (unknown,) = notifications.listed(states=["unknown"])
    assert (unknown.person, unknown.step, unknown.channel) == ("Ana", "1 opened", "json")
    with pytest.raises(IncidentError, match="no message 'x'"):
        notifications.settle("x", arrived=True, author="Ana")
    notifications.settle(unknown.notification_id, arrived=True, author="Ana")
    with pytest.raises(IncidentError, match="is arrived"):
        notifications.settle(unknown.notification_id, arrived=True, author="Ana")
    assert dispatcher.run(MONDAY) == 0
    assert recorder.sent == []


def test_an_outcome_that_the_store_did_not_take_is_written_later(
    clean, triage, recorder, dispatcher, key, monkeypatch
):
    write, failures = Notifications.write, []

    def flaky(self, row, phase, *rest):
        if phase == "sent" and len(failures) < 2:
            failures.append(phase)
            raise OSError("disk full")
        write(self, row, phase, *rest)

    monkeypatch.setattr(Notifications, "write", flaky)
    for _ in range(2):
        with pytest.raises(OSError, match="disk full"):
            dispatcher.run(MONDAY)
    assert dispatcher.run(MONDAY) == 0
    assert [n.state for n in Notifications(clean).listed()] == ["sent"]
    assert recorder.people == ["ana"]


def test_secrets_stay_out_of_errors():
    with pytest.raises(sending.SendError) as caught:
        sending.send("json://user:s3cr3tpassword@127.0.0.1:1/path", "a", "b")
    assert "s3cr3tpassword" not in str(caught.value)
    assert str(caught.value).startswith("json: ")
