"""How fast incidents are answered, and what the loop says when they are not."""

from datetime import date, datetime, timedelta, timezone

import pytest

from otel_ai_feedback.store import kept
from otel_ai_feedback.store.rates import Rate

from .notifications import MONDAY, hours, parsed

NOW = MONDAY + timedelta(days=20)


def ask(client, view, where, columns, at=NOW):
    result = client.query(
        f"select {columns} from {view}_at(as_of = {{at:String}}) where {where} order by all",
        parameters={"at": at.strftime("%Y-%m-%d %H:%M:%S.000")},
    )
    return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]


@pytest.fixture
def past(incidents):
    """Four incidents: answered in time, late, never, and not due yet."""
    ids = {}
    for name, series, at in (
        ("in time", "copied", MONDAY),
        ("late", "reasked", MONDAY + hours(1)),
        ("never", "closed_fast", MONDAY + hours(2)),
        ("new", "accepted", NOW - hours(1)),
    ):
        taken = incidents.take(parsed(series=series), source="check", at=at)
        assert taken.owner in ("Ana", "Ben", "Cleo")
        ids[name] = taken.incident_id
    incidents.acknowledge(ids["in time"], author="Ana", at=MONDAY + hours(2))
    incidents.resolve(
        ids["in time"], author="Ana", cause="prompt", fix="took it out", moves="copied",
        at=MONDAY + hours(4),
    )  # fmt: skip
    incidents.acknowledge(ids["late"], author="Ben", at=MONDAY + hours(31))
    incidents.accept(ids["late"], author="Ben", reason="they like it", at=MONDAY + hours(33))
    return ids


@pytest.mark.slow
def test_rounds_have_times_and_whether_they_were_kept(incidents, past, clean):
    rows = ask(
        clean, "incident_rounds", f"incident_id != '{past['new']}'",
        "series, owner, acknowledge_seconds, resolve_seconds, acknowledged_in_time, "
        "resolved_in_time, ended_as, cause",
    )  # fmt: skip
    assert [tuple(row.values()) for row in rows] == [
        ("closed_fast", "Ana", None, None, False, False, "", ""),
        ("copied", "Ana", 7200, 14_400, True, True, "resolved", "prompt"),
        ("reasked", "Ana", 108_000, 115_200, False, True, "accepted", ""),
    ]
    (new,) = ask(clean, "incident_rounds", f"incident_id = '{past['new']}'", "*")
    assert (new["acknowledged_in_time"], new["resolved_in_time"]) == (None, None)


@pytest.mark.slow
def test_the_report_by_owner_and_severity(past, clean):
    where = "window_days = 28 and service = '' and owner = 'Ana' and severity = 'warning'"
    (row,) = ask(clean, "response_times", where, "*")
    assert row["incidents"] == 3
    assert row["acknowledge_due"] == 3
    share = Rate(k=1, n=3)
    assert row["acknowledged_in_time"] == pytest.approx(1 / 3)
    assert row["acknowledged_low"] == pytest.approx(share.low)
    assert row["acknowledged_high"] == pytest.approx(share.high)
    assert row["resolved_in_time"] == pytest.approx(2 / 3)
    assert row["median_ack_seconds"] == 108_000 or row["median_ack_seconds"] == 7200
    assert row["p90_ack_seconds"] == 108_000
    every = ask(clean, "response_times", "window_days = 28 and owner = '' and severity = ''", "*")
    assert [(row["service"], row["incidents"]) for row in every] == [("", 4), ("chat", 4)]
    # What is not due yet is in no share.
    assert [row["acknowledge_due"] for row in every] == [3, 3]


def test_all_of_them_answered_in_time_leaves_an_interval(incidents, clean):
    key = incidents.take(parsed(), source="check", at=MONDAY).incident_id
    incidents.acknowledge(key, author="Ana", at=MONDAY + hours(1))
    (row,) = ask(clean, "response_times", "window_days = 28 and service = 'chat' and owner = '' "
                 "and severity = ''", "*", MONDAY + hours(2))  # fmt: skip
    assert (row["acknowledged_in_time"], row["acknowledged_high"]) == (1, 1)
    assert row["acknowledged_low"] == pytest.approx(Rate(k=1, n=1).low)
    # It need not be resolved yet: no share, and no interval.
    assert (row["resolve_due"], row["resolved_in_time"], row["resolved_low"]) == (0, None, None)


def test_a_fix_that_did_not_help_is_a_round_of_its_own(incidents, clean):
    key = incidents.take(parsed(), source="check", at=MONDAY).incident_id
    incident = incidents.resolve(
        key, author="Ana", cause="model", fix="rolled back", moves="copied", at=MONDAY + hours(2),
        check_day=date(2025, 12, 8),
    )  # fmt: skip
    incidents.conclude(
        incident, {"confirmed": False, "said": "did not move"}, MONDAY + timedelta(days=7)
    )
    incidents.resolve(
        key, author="Ben", cause="data", fix="index rebuilt", moves="copied",
        at=MONDAY + timedelta(days=7, hours=3),
    )  # fmt: skip
    rounds = ask(clean, "incident_rounds", "true", "round, resolve_seconds, cause, outcome")
    assert [tuple(row.values()) for row in rounds] == [
        (1, 7200, "model", "not_confirmed"),
        # An event is a millisecond after the one before it, at least.
        (2, 10_799.999, "data", ""),
    ]
    causes = ask(clean, "incident_causes", "true", "month, cause, incidents, not_confirmed")
    assert [tuple(row.values()) for row in causes] == [
        (date(2025, 12, 1), "data", 1, 0),
        (date(2025, 12, 1), "model", 1, 1),
    ]
    (repeat,) = ask(clean, "repeat_offenders", "true", "*")
    assert (repeat["incidents"], repeat["reopened"], repeat["causes"]) == (1, 1, ["data", "model"])


@pytest.mark.slow
def test_what_breaks_again_and_again(incidents, past, clean):
    assert ask(clean, "repeat_offenders", "true", "*") == []
    incidents.take(parsed(series="reasked", startsAt="2025-12-10T08:00:00Z"), source="check",
                   at=MONDAY + timedelta(days=9))  # fmt: skip
    (repeat,) = ask(clean, "repeat_offenders", "true", "rule, series, incidents, reopened, late")
    assert repeat == {
        "rule": "signal-drift", "series": "reasked", "incidents": 2, "reopened": 0, "late": 2,
    }  # fmt: skip
    assert ask(clean, "repeat_offenders", "true", "*", NOW + timedelta(days=120)) == []


@pytest.mark.slow
def test_the_stable_view_by_service(incidents, clean):
    now = datetime.now(timezone.utc)
    key = incidents.take(parsed(), source="check", at=now - hours(2)).incident_id
    incidents.acknowledge(key, author="Ana", at=now - hours(1))
    kept.refresh(clean)
    rows = clean.query(
        "select service, severity, incidents, median_ack_seconds from triage_response"
    ).result_rows
    assert rows == [("chat", "warning", 1, 3600)]


# Health checks about triage --------------------------------------------------------------


def health(client, check, at):
    result = client.query(
        "select value, firing, detail from loop_health_at(as_of = {at:String}) "
        "where alarm = {check:String}",
        parameters={"at": at.strftime("%Y-%m-%d %H:%M:%S.000"), "check": check},
    )
    (row,) = result.named_results()
    return row


@pytest.mark.slow
def test_incidents_that_no_one_answers(incidents, past, clean):
    assert health(clean, "triage-overdue", MONDAY + hours(3))["firing"] == 0
    row = health(clean, "triage-overdue", MONDAY + hours(27))
    assert (row["firing"], row["value"]) == (1, 2)
    assert row["detail"] == "2 of 2 open incidents past their deadline, the oldest by 2 hours"
    incidents.accept(past["never"], author="Ben", reason="gone", at=MONDAY + hours(40))
    row = health(clean, "triage-overdue", MONDAY + hours(41))
    assert (row["firing"], row["value"]) == (0, 0)


def told(client, incident_id, phase, at, attempt=1):
    client.insert(
        "notification_events",
        [[f"n {incident_id}", attempt, phase, at, incident_id, "opened", "Ana", at, "process"]],
        column_names=["notification_id", "attempt", "phase", "at", "incident_id", "step", "person",
                      "due_at", "author"],
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["failed", "given_up", "unknown"])
def test_messages_that_do_not_get_through(incidents, clean, phase):
    key = incidents.take(parsed(), source="check", at=MONDAY).incident_id
    told(clean, key, "intent", MONDAY)
    assert health(clean, "notifications-failing", MONDAY + hours(1))["firing"] == 0
    told(clean, key, phase, MONDAY + hours(1))
    row = health(clean, "notifications-failing", MONDAY + hours(1))
    assert (row["firing"], row["value"]) == (1, 1)
    incidents.accept(key, author="Ana", reason="told by phone", at=MONDAY + hours(2))
    assert health(clean, "notifications-failing", MONDAY + hours(3))["firing"] == 0


def test_a_message_that_went_out_after_all(incidents, clean):
    key = incidents.take(parsed(), source="check", at=MONDAY).incident_id
    told(clean, key, "failed", MONDAY)
    told(clean, key, "sent", MONDAY + hours(1), attempt=2)
    assert health(clean, "notifications-failing", MONDAY + hours(2))["firing"] == 0
