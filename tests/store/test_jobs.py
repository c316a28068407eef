"""Re-asks and regenerations, and the delivery rules of closed days."""

import random
from datetime import datetime, timedelta, timezone

import pytest
from parts import derive
from raw_rows import SECOND, T0, event, insert, llm_span, output_id

from otel_ai_feedback.attributes import EVENT_OUTPUT_DETAILS
from otel_ai_feedback.store import jobs

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
DAY = 86_400


def sketch(share, seed=1):
    """A sketch that shares this part of its 128 bins with that of share 1."""
    bins = bytearray(random.Random(seed).randbytes(128))
    for index in range(round(128 * share), 128):
        bins[index] ^= 0xFF
    return bins.hex()


def turn(name, at, question, similar=1.0, conversation="c", **more):
    """A turn: its LLM span, and the event that carries its sketch."""
    more.setdefault("gen_ai__conversation__id", conversation)
    more.setdefault("ai_feedback__input__hash", f"sha256:{question}")
    trace = more.pop("trace", name)
    return [
        llm_span(name, trace=trace, at=at, seconds=2, text=f"answer {name}", **more),
        event(
            EVENT_OUTPUT_DETAILS, name, trace=trace, at=at,
            ai_feedback__input__sketch=sketch(similar) if similar is not None else "",
        ),
    ]  # fmt: skip


def derived(client):
    rows = client.query(
        "select action, output_id, value from actions where source = 'derived' order by time"
    ).result_rows
    return [(action, output, value and round(value, 4)) for action, output, value in rows]


@pytest.mark.slow
def test_pairs_of_turns(clean):
    insert(
        clean,
        [
            *turn("reask 1", 0, "a"),
            *turn("reask 2", 302, "b", similar=0.305),
            *turn("too late 1", 0, "a", conversation="d"),
            *turn("too late 2", 302.1, "b", conversation="d"),
            *turn("other 1", 0, "a", conversation="e"),
            *turn("other 2", 60, "b", similar=0.29, conversation="e"),
            *turn("again 1", 0, "a", conversation="f"),
            *turn("again 2", 900, "a", conversation="f"),
            *turn("tried again 1", 0, "a", conversation="i"),
            *turn("tried again 2", 3.9, "a", conversation="i"),
            *turn("short 1", 0, "hi", similar=None, conversation="g"),
            *turn("short 2", 60, "ho", similar=None, conversation="g"),
            *turn("short 3", 120, "ho", similar=None, conversation="g"),
            *turn("another conversation", 61, "a", conversation="h"),
        ],
    )
    assert jobs.run(clean) == {"reask": 1, "regenerate": 2, "delivery_rules": 0}
    assert sorted(derived(clean)) == sorted(
        [
            ("reask", output_id("reask 1"), 0.302),
            ("regenerate", output_id("again 1"), None),
            ("regenerate", output_id("short 2"), None),
        ]
    )
    classes = dict(
        clean.query("select output_id, class from outputs where class != 'none'").result_rows
    )
    assert classes == {
        output_id("reask 1"): "reask",
        output_id("again 1"): "regenerated",
        output_id("short 2"): "regenerated",
    }


def test_the_calls_of_a_tool_loop_are_not_turns(clean):
    insert(
        clean,
        [
            *turn("plan", 0, "a", trace="t", seq=1),
            *turn("answer", 5, "a", trace="t", seq=2),
            *turn("next", 60, "a"),
        ],
    )
    derive(clean)
    assert derived(clean) == [("regenerate", output_id("answer", "t"), None)]


@pytest.mark.slow
def test_what_is_spoken_is_asked_again_at_once(clean):
    voice = {"ai_feedback__channel": "voice"}
    insert(
        clean,
        [
            *turn("spoken 1", 0, "a", **voice),
            *turn("spoken 2", 47, "b", similar=0.5, **voice),
            *turn("spoken 3", 94.1, "c", similar=0.5, **voice),
            *turn("speech 1", 0, "a", conversation="d", gen_ai__output__type="speech"),
            *turn("written 1", 60, "b", similar=0.5, conversation="d"),
            *turn("written 2", 120, "c", similar=0.5, conversation="d"),
        ],
    )
    derive(clean)
    assert [output for _, output, _ in derived(clean)] == [
        output_id("spoken 1"),
        output_id("written 1"),
    ]
    limits = clean.query("select limit_seconds, gap_seconds from turn_pairs order by all")
    assert limits.result_rows == [(45, 45.0), (45, 45.1), (45, 58.0), (300, 58.0)]


@pytest.mark.slow
def test_a_turn_begins_with_the_first_call_of_its_request(clean):
    """An agent that thought for six minutes was asked again six minutes before it answered."""
    insert(
        clean,
        [
            *turn("one", 0, "a"),
            *turn("plan", 200, "b", trace="t", seq=1, similar=0.5),
            *turn("answer", 560, "b", trace="t", seq=2, similar=0.5),
        ],
    )
    derive(clean)
    assert derived(clean) == [("reask", output_id("one"), 0.498)]
    rows = clean.query("select gap_seconds, toString(next_asked_at) from turn_pairs").result_rows
    assert rows == [(198.0, "2025-11-17 08:03:20.000")]


@pytest.mark.slow
def test_pairs_show_how_alike_they_were(clean):
    insert(
        clean,
        [
            *turn("one", 0, "a"),
            *turn("two", 60, "b", similar=1.0),
            *turn("three", 120, "c", similar=0.0),
            *turn("four", 180, "d", similar=None),
        ],
    )
    rows = clean.query(
        "select similarity, identical, action from turn_pairs order by next_asked_at"
    )
    assert rows.result_rows == [(1.0, 0, "reask"), (0.0, 0, ""), (None, 0, "")]


@pytest.mark.slow
def test_running_again_changes_nothing(clean):
    insert(clean, [*turn("one", 0, "a"), *turn("two", 60, "a"), *turn("three", 120, "a")])
    assert derive(clean)["regenerate"] == 2
    tables = ("derived_actions", "delivery_rules")
    rows = [clean.query(f"select count() from {table}").result_rows for table in tables]
    assert derive(clean) == {"reask": 0, "regenerate": 0, "delivery_rules": 0}
    assert rows == [clean.query(f"select count() from {table}").result_rows for table in tables]


@pytest.mark.slow
def test_a_turn_that_arrives_late_takes_a_finding_back(clean):
    one, two, three = (
        turn(name, at, q) for name, at, q in [("1", 0, "a"), ("2", 60, "b"), ("3", 99, "a")]
    )
    insert(clean, [*one, *three])
    derive(clean)
    assert derived(clean) == [("regenerate", output_id("1"), None)]
    assert clean.query("select count() from outputs where class = 'regenerated'").result_rows == [
        (1,)
    ]
    insert(clean, [two[0]])  # without its sketch, nothing is known but that it was another question
    assert derive(clean) == {"reask": 0, "regenerate": -1, "delivery_rules": 0}
    assert derived(clean) == []
    assert clean.query("select count() from outputs where class != 'none'").result_rows == [(0,)]
    insert(clean, [two[1]])
    derive(clean)
    assert derived(clean) == [("reask", output_id("1"), 1.0), ("reask", output_id("2"), 1.0)]


def test_asking_for_an_earlier_time_takes_nothing_back(clean):
    insert(clean, [*turn("one", 0, "a"), *turn("two", 60, "a")])
    derive(clean)
    assert derive(clean, START)["regenerate"] == 0
    assert len(derived(clean)) == 1


def test_only_settled_turns_are_paired(clean):
    insert(clean, [*turn("one", 0, "a"), *turn("two", 60, "a")])
    assert derive(clean, START + timedelta(seconds=61 + 1800))["regenerate"] == 0
    assert derive(clean, START + timedelta(seconds=62 + 1800))["regenerate"] == 1


def test_a_naive_as_of_is_refused(clean):
    with pytest.raises(ValueError, match="aware"):
        jobs.run(clean, datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_rule_of_a_settled_day_stays_what_it_was(clean):
    insert(clean, [llm_span("a"), llm_span("b")])
    soon, later = (datetime.now(timezone.utc) + timedelta(hours=hours) for hours in (0, 2))
    assert derive(clean, soon)["delivery_rules"] == 0
    assert derive(clean, later)["delivery_rules"] == 1
    # evidence that comes after the day was settled does not change who was counted
    insert(clean, [llm_span("c", handle="output")])
    rows = clean.query(
        "select output_id, delivered_by, delivery_rule from outputs order by all"
    ).result_rows
    assert sorted(rows) == sorted(
        [
            (output_id("a"), "last_in_request", "last_in_request"),
            (output_id("b"), "last_in_request", "last_in_request"),
            (output_id("c"), "handle", "last_in_request"),
        ]
    )
