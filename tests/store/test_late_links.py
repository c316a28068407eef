"""What arrives without a link is linked by hash within its session, for 7 days."""

from datetime import datetime, timedelta, timezone

import pytest
from parts import derive
from raw_rows import SECOND, T0, insert, llm_span, output_id
from test_erasure import unlinked

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
DAY = 86_400


def linked(client):
    return client.query(
        "select action, output_id, link_method, ambiguous from actions order by time"
    ).result_rows


def said(name, text, at=0.0, conversation="c"):
    return llm_span(name, at=at, text=text, gen_ai__conversation__id=conversation)


@pytest.mark.slow
def test_the_newest_output_of_the_session_with_that_text(clean):
    insert(
        clean,
        [
            said("old", "yes"),
            said("new", "yes", at=60),
            said("later", "yes", at=900),
            said("other", "no", at=61),
            said("elsewhere", "yes", at=62, conversation="d"),
            unlinked("copy", "c", "yes", 100),
            unlinked("share", "c", "no", 110),
            unlinked("insert", "c", "never said", 120),
            unlinked("accept", "nobody", "yes", 130),
        ],
    )
    assert {method for _, _, method, _ in linked(clean)} == {""}
    derive(clean, START + timedelta(hours=1))
    assert linked(clean) == [
        ("copy", output_id("new"), "hash", 1),
        ("share", output_id("other"), "hash", 0),
        ("insert", "", "", 0),
        ("accept", "", "", 0),
    ]
    classes = "select output_id, class from outputs where class != 'none' order by time"
    assert clean.query(classes).result_rows == [
        (output_id("new"), "used"),
        (output_id("other"), "used"),
    ]


@pytest.mark.slow
def test_a_link_stays_when_more_arrives_and_when_the_job_runs_again(clean):
    insert(clean, [said("one", "yes"), unlinked("copy", "c", "yes", 100)])
    derive(clean, START + timedelta(hours=1))
    insert(clean, [said("two", "yes", at=50), unlinked("copy", "c", "yes", 100)])
    for hours in (2, 3):
        derive(clean, START + timedelta(hours=hours))
    assert linked(clean) == [("copy", output_id("one"), "hash", 0)]
    assert clean.query("select count() from late_links").result_rows == [(1,)]


@pytest.mark.slow
def test_the_output_may_arrive_after_the_action_for_seven_days(clean):
    insert(clean, [unlinked("copy", "c", "yes", 100), unlinked("copy", "d", "yes", 100)])
    derive(clean, START + timedelta(hours=1))
    insert(clean, [said("late", "yes")])
    derive(clean, START + timedelta(days=6))
    insert(clean, [said("too late", "yes", conversation="d")])
    derive(clean, START + timedelta(days=8))
    assert sorted(row[1] for row in linked(clean)) == ["", output_id("late")]
