"""Answers that the jobs keep are those that would be given, and are renewed when they must be."""

from datetime import datetime, timedelta, timezone

import pytest

from otel_ai_feedback.store import kept, relations

AT = datetime(2026, 11, 10, 9, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
# One that changes with what it rests on, one that changes with time, both cheap to ask.
CHOSEN = ("failure_modes_kept", "loop_review_kept")


@pytest.fixture
def asked(clean, monkeypatch):
    """``asked(at)``: which answers are asked again at a time, of two."""
    of = {name: relations.relations()[name] for name in CHOSEN}
    monkeypatch.setattr(relations, "kept", lambda: list(of.values()))
    for name in CHOSEN:
        clean.command(f"truncate table {name}")

    def asked(at):
        before = _versions(clean)
        kept.refresh(clean, at)
        return {name for name, version in _versions(clean).items() if before.get(name) != version}

    return asked


def _versions(client):
    return dict(
        client.query(
            "select rollup, max(version) from rollup_days where endsWith(rollup, '_kept') "
            "group by all"
        ).result_rows
    )


def answers(client, name, at):
    return client.query(
        f"select * from {name}(as_of = {{at:DateTime64(3, 'UTC')}}) order by all",
        parameters={"at": at.strftime("%Y-%m-%d %H:%M:%S")},
    ).result_rows


def review(client, number):
    client.insert(
        "reviews",
        [[f"r{number}", AT - timedelta(days=1)]],
        column_names=["review_id", "reviewed_at"],
    )


@pytest.mark.slow
def test_what_is_kept_is_what_would_be_answered(clean, asked):
    assert asked(AT) == set(CHOSEN)
    recomputed = answers(clean, "loop_review_at", AT)
    assert recomputed
    assert answers(clean, "loop_review_kept_at", AT) == recomputed
    # before it was asked for the first time there is none
    assert answers(clean, "loop_review_kept_at", AT - MINUTE) == []


@pytest.mark.slow
def test_it_is_asked_again_when_time_or_what_it_rests_on_says_so(clean, asked):
    asked(AT)
    assert asked(AT + 4 * MINUTE) == set()
    assert asked(AT + 5 * MINUTE) == {"loop_review_kept"}
    review(clean, 1)
    assert asked(AT + 6 * MINUTE) == {"failure_modes_kept"}
    assert asked(AT + timedelta(days=1)) == set(CHOSEN)


@pytest.mark.slow
def test_a_changed_rule_is_asked_at_once(clean, asked):
    asked(AT)
    clean.command(
        "insert into rollup_inputs select rollup, day, version + 1, counts + 1, context "
        "from rollup_inputs final where rollup = 'failure_modes_kept'"
    )
    assert asked(AT + MINUTE) == {"failure_modes_kept"}


@pytest.mark.slow
def test_of_a_closed_day_the_last_answer_stays(clean, asked):
    asked(AT)
    later = AT + timedelta(hours=3)
    asked(later)
    next_day = AT + timedelta(days=1)
    asked(next_day)
    assert answers(clean, "loop_review_kept_at", next_day - timedelta(hours=1)) == answers(
        clean, "loop_review_at", later
    )
    asked(next_day + timedelta(hours=1))
    clean.command("optimize table loop_review_kept final")
    days = clean.query(
        "select kept_day, uniqExact(kept_version) from loop_review_kept group by all order by all"
    ).result_rows
    assert days[0] == (AT.date(), 1)
