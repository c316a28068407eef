"""When a session is over, without waiting for it."""

import dataclasses
from datetime import datetime, timedelta, timezone

import pytest

from otel_ai_feedback.pages.sessions import CHANGE_EVERY, LENGTH, UNUSED, Sessions

NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(table, clock):
    return Sessions(table, clock)


def _begin(sessions, source="token"):
    cookie, seconds = sessions.begin("anna", source, "proof", ("a",), "Firefox\x1b[0m\n")
    assert seconds == LENGTH[source].total_seconds()
    return cookie


def test_the_stored_hash_signs_no_one_in(sessions, table):
    cookie = _begin(sessions)
    (row,) = table.rows.values()
    assert cookie.partition(".")[2] not in repr(row)
    assert sessions.find(f"{row.session_id}.{row.secret}") is None
    assert row.browser == "Firefox[0m"


@pytest.mark.parametrize("source", LENGTH)
def test_it_ends_at_its_length_however_much_it_is_used(sessions, clock, source):
    cookie = _begin(sessions, source)
    while clock.now + CHANGE_EVERY < NOW + LENGTH[source]:
        clock.now += CHANGE_EVERY
        session = sessions.find(cookie)
        changed = sessions.changed(session, cookie)
        assert changed[1] == (NOW + LENGTH[source] - clock.now).total_seconds()
        cookie = changed[0]
    clock.now = NOW + LENGTH[source]
    assert sessions.find(cookie) is None
    assert sessions.listed() == []


def test_it_ends_when_it_is_not_used(sessions, clock):
    cookie = _begin(sessions)
    clock.now += UNUSED - timedelta(seconds=1)
    assert sessions.find(cookie)
    clock.now += timedelta(seconds=1)
    assert sessions.find(cookie) is None


def test_its_secret_is_changed_once_an_hour(sessions, clock):
    cookie = _begin(sessions)
    assert sessions.changed(sessions.find(cookie), cookie) is None
    clock.now += CHANGE_EVERY
    session = sessions.find(cookie)
    changed, _ = sessions.changed(session, cookie)
    # A second request of the same moment has the old one still, and must not change it again.
    assert sessions.changed(session, cookie) is None
    assert sessions.find(cookie).session_id == sessions.find(changed).session_id


def test_an_old_secret_ends_the_session(sessions, clock):
    stolen = _begin(sessions)
    clock.now += CHANGE_EVERY
    cookie, _ = sessions.changed(sessions.find(stolen), stolen)
    clock.now += timedelta(minutes=5)
    assert sessions.find(cookie)
    assert sessions.find(stolen) is None
    assert sessions.find(cookie) is None, "two have it, and one of them is not its owner"


def test_one_that_is_over_does_not_come_back(sessions, table):
    cookie = _begin(sessions)
    session = sessions.find(cookie)
    sessions.end(session.session_id, "ben")
    assert sessions.find(cookie)
    sessions.end(session.session_id, "anna")
    assert sessions.find(cookie) is None
    assert sessions.changed(session, cookie) is None


def test_another_server_hears_of_an_end_within_seconds(sessions, table, clock, monkeypatch):
    other = Sessions(table, clock)
    cookie = _begin(sessions)
    assert other.find(cookie)
    sessions.end(cookie.partition(".")[0])
    moment = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: moment[0])
    other._kept = {key: (session, 0.0) for key, (session, _) in other._kept.items()}
    other._kept = type(sessions._kept)(other._kept)
    moment[0] = 11.0
    assert other.find(cookie) is None


def test_a_session_of_the_store(clean, table):
    """The table in the store does what the one of these tests does."""
    from otel_ai_feedback.pages.session_table import SessionTable

    stored = SessionTable(clean)
    sessions = Sessions(stored)
    cookie, _ = sessions.begin("anna", "oidc", "proof", ("a", "b"), "Firefox")
    ben, _ = sessions.begin("ben", "token", "proof", (), "Safari")
    found = Sessions(stored).find(cookie)
    assert dataclasses.replace(found, secret="") == dataclasses.replace(
        sessions.find(cookie), secret="", changed_at=found.changed_at, began_at=found.began_at,
        ends_at=found.ends_at,
    )  # fmt: skip
    assert [session.person for session in sessions.listed()] == ["ben", "anna"]
    assert [session.person for session in sessions.listed("anna")] == ["anna"]
    sessions.end(found.session_id)
    # A server that had not heard of it changes the secret at the same moment.
    stored.write(dataclasses.replace(found, secret="other"))
    assert Sessions(stored).find(cookie) is None
    assert [session.person for session in sessions.listed()] == ["ben"]
    assert Sessions(stored).find(ben).person == "ben"
