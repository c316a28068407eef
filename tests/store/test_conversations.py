"""How conversations end: turns, asking again, escalation, return, and what is resolved."""

from datetime import datetime, timedelta, timezone

import pytest
from raw_rows import SECOND, T0, action_span, insert, llm_span

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
HOUR = 3_600
DAY = 24 * HOUR


def turn(name, *, at, conversation="c", subject="hmac-sha256:ann", **more):
    return llm_span(
        name, at=at, gen_ai__conversation__id=conversation, ai_feedback__subject=subject, **more
    )


def conversations(client, columns, as_of=START + timedelta(days=9)):
    return client.query(
        f"select {columns} from conversations_at(as_of = '{as_of:%Y-%m-%d %H:%M:%S}') "
        "order by started_at, conversation_id"
    ).result_rows


ASKED = "conversation_id, turns, reasks, last_class, escalated, returned, resolved"


def test_a_conversation_that_ends_with_a_used_answer_is_resolved(clean):
    insert(
        clean,
        [
            turn("one", at=0),
            turn("two", at=60),
            action_span("reask", "one", at=58, value=0.8),
            action_span("copy", "two", at=70, output_at=60, value=1.0),
        ],
    )
    assert conversations(clean, ASKED) == [("c", 2, 1, "used", False, False, True)]
    assert conversations(clean, "day, ended_at - started_at") == [(START.date(), 61)]


@pytest.mark.parametrize(
    ("action", "value", "expected"),
    [
        ("reject", None, ("rejected", False, False)),
        ("escalate", None, ("none", True, False)),
        (None, None, ("none", False, False)),
    ],
)
def test_what_was_not_used_or_was_escalated_is_not_resolved(clean, action, value, expected):
    rows = [turn("one", at=0)]
    if action:
        rows.append(action_span(action, "one", at=9, value=value))
    insert(clean, rows)
    assert conversations(clean, "last_class, escalated, resolved") == [expected]


def test_an_answer_that_was_used_and_escalated_is_not_resolved(clean):
    used = [action_span(name, "one", at=9, value=1.0) for name in ("copy", "escalate")]
    insert(clean, [turn("one", at=0), *used])
    assert conversations(clean, "last_class, escalated, resolved") == [("used", True, False)]


def test_nothing_is_said_of_a_conversation_that_may_go_on(clean):
    insert(clean, [turn("one", at=0), action_span("copy", "one", at=9, value=1.0)])
    still = START + timedelta(hours=23)
    assert conversations(clean, "closed, returned, resolved", still) == [(False, None, None)]
    after = START + timedelta(hours=25)
    assert conversations(clean, "closed, returned, resolved", after) == [(True, False, True)]


def test_a_pause_of_more_than_a_day_begins_another_one(clean):
    insert(clean, [turn("one", at=0), turn("two", at=20 * HOUR), turn("three", at=45 * HOUR)])
    assert conversations(clean, "turns, returned") == [(2, False), (1, False)]


def test_who_begins_another_within_a_day_has_returned(clean):
    insert(
        clean,
        [
            turn("one", at=0),
            turn("two", at=5 * HOUR, conversation="d"),
            turn("three", at=40 * HOUR, conversation="e"),
            turn("else", at=6 * HOUR, conversation="f", subject="hmac-sha256:bob"),
            turn("nobody", at=7 * HOUR, conversation="g", subject=None),
        ],
    )
    assert dict(conversations(clean, "conversation_id, returned")) == {
        "c": True, "d": False, "e": False, "f": False, "g": None,
    }  # fmt: skip


def test_a_part_of_the_traffic_says_nothing_of_whole_conversations(clean):
    sampled = {"trace_state": "ot=th:8"}
    insert(clean, [turn("one", at=0, **sampled)])
    assert conversations(clean, "turns, returned, resolved") == [(1, None, None)]


@pytest.mark.slow
def test_some_days_have_the_rows_that_all_days_have(clean):
    insert(clean, [turn(f"t{n}", at=n * 7 * HOUR, conversation=f"c{n % 3}") for n in range(20)])
    every = conversations(clean, "*")
    within = []
    for number in range(8):
        day = START.date() + timedelta(days=number)
        within += clean.query(
            "select * from conversations_within("
            f"as_of = '{START + timedelta(days=9):%Y-%m-%d %H:%M:%S}', "
            f"since = '{day}', until = '{day}') order by started_at, conversation_id"
        ).result_rows
    assert len(every) == len(within) > 0
    assert sorted(row[6:] for row in every) == sorted(row[6:] for row in within)


def test_repeats_and_disorder_change_nothing(clean):
    rows = [
        turn("one", at=0),
        turn("two", at=60),
        action_span("copy", "two", at=70, output_at=60, value=1.0),
    ]
    insert(clean, [*reversed(rows), *rows])
    assert conversations(clean, ASKED) == [("c", 2, 0, "used", False, False, True)]
