"""Clocks that differ, telemetry that is hours late, and one answer that many people get."""

import random
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import derive, examples
from raw_rows import SECOND, T0, action_span, event, insert, llm_span, output_id

from otel_ai_feedback.attributes import EVENT_OUTPUT_DETAILS

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
TABLES = ("otel_traces", "otel_logs", "output_state", "request_state", "action_state",
          "derived_actions",
          "output_facts", "linked_actions", "facts_passes", "delivery_days", "rollup_days",
          "delivery_rules")  # fmt: skip
ANSWER = "The office is closed on Sundays."


def empty(client):
    for table in TABLES:
        client.command(f"truncate table {table}")


def in_tables(rows):
    return sorted(rows, key=lambda row: row["table"])


def turn(conversation, number, at, question, text=None, resource=None, **more):
    """A turn of a conversation: its span and the sketch of its question."""
    name = f"{conversation}/{number}"
    return [
        llm_span(
            name, at=at, seconds=5, text=text or f"answer {name}", resource=resource,
            gen_ai__conversation__id=conversation, ai_feedback__input__hash=f"sha256:{question}",
            **more,
        ),
        event(
            EVENT_OUTPUT_DETAILS, name, at=at, resource=resource,
            ai_feedback__input__sketch=random.Random(question % 3).randbytes(128).hex(),
        ),
    ]  # fmt: skip


# One answer, many people -----------------------------------------------------------------------

ACTIONS = {"seen": "none", "copy": "used", "reject": "rejected", "accept": "used"}


@st.composite
def crowds(draw):
    """People who got one answer from a cache at about the same time, and what each did first."""
    return draw(
        st.lists(
            st.tuples(
                st.sampled_from(sorted(ACTIONS)), st.sampled_from([0.0, 0.1, 30.0]), st.booleans()
            ),
            min_size=2,
            max_size=12,
        )
    )


@pytest.mark.slow
@examples(4)
@given(crowds())
def test_a_cached_answer_is_an_output_for_each_who_got_it(engine, crowd):
    empty(engine)
    rows = []
    for number, (action, at, cached) in enumerate(crowd):
        # From the cache in no time, and with the response id of the first; or as a new one.
        rows.append(
            llm_span(
                f"o{number}", at=at, seconds=0.0 if cached else 4.0, text=ANSWER, handle="output",
                gen_ai__response__id="chatcmpl-1" if cached else f"chatcmpl-{number + 2}",
                ai_feedback__subject=f"person {number}",
            )
        )  # fmt: skip
        rows.append(action_span(action, f"o{number}", at=at + 9, output_at=at))
    insert(engine, rows)
    found = engine.query("select output_id, class from outputs").result_rows
    assert dict(found) == {
        output_id(f"o{number}"): ACTIONS[action] for number, (action, _, _) in enumerate(crowd)
    }
    assert engine.query("select count(), uniqExact(output_hash), uniqExact(subject) from outputs"
                        ).result_rows == [(len(crowd), 1, len(crowd))]  # fmt: skip
    assert engine.query("select count(), uniqExact(output_id) from actions").result_rows == [
        (len(crowd), len(crowd))
    ]


def test_one_text_twice_in_one_conversation_is_two_outputs(clean):
    """Asked again, the cache says the same: that is the first failing, not one output."""
    insert(clean, [*turn("c", 1, 0, 1, text=ANSWER), *turn("c", 2, 60, 1, text=ANSWER)])
    derive(clean)
    assert clean.query("select class from outputs order by time").result_rows == [
        ("regenerated",),
        ("none",),
    ]


# Hours late ------------------------------------------------------------------------------------


@st.composite
def late_conversations(draw):
    """Turns and actions of a few conversations, and how many hours late each row arrives."""
    rows = []
    for conversation in range(draw(st.integers(1, 4))):
        at = draw(st.sampled_from([0.0, 3_000.0, 57_590.0]))
        for number in range(draw(st.integers(1, 4))):
            rows += turn(str(conversation), number, at, draw(st.integers(0, 5)))
            for action in draw(st.lists(st.sampled_from(sorted(ACTIONS)), max_size=2)):
                name = f"{conversation}/{number}"
                rows.append(action_span(action, name, at=at + 20, output_at=at))
            at += draw(st.sampled_from([40.0, 400.0, 4_000.0]))
    hours = st.sampled_from([0, 3, 26])
    delays = draw(st.lists(hours, min_size=len(rows), max_size=len(rows)))
    return list(zip(rows, delays, strict=True))


def state(client):
    """What everything else follows from."""
    return [
        client.query("select * except (arrived_at) from outputs order by output_id").result_rows,
        client.query("select * from actions order by action_id").result_rows,
        client.query("select * from turn_pairs order by output_id").result_rows,
    ]


@pytest.mark.slow
@examples(3)
@given(late_conversations())
def test_what_comes_hours_late_ends_as_if_it_had_come_at_once(engine, late):
    empty(engine)
    for hour in sorted({delay for _, delay in late}):
        insert(engine, in_tables([row for row, delay in late if delay == hour]))
        # On what is only a part, and with what has matured by then.
        derive(engine, START + timedelta(hours=hour + 18))
    derive(engine)
    found = state(engine)
    empty(engine)
    insert(engine, in_tables([row for row, _ in late]))
    derive(engine)
    assert found == state(engine)


# Clocks ----------------------------------------------------------------------------------------


@st.composite
def skewed(draw):
    """Conversations over three hosts behind a gateway, each with a clock that is off by seconds."""
    hosts = [draw(st.integers(-20, 20)) for _ in range(3)]
    gateway = draw(st.integers(-20, 20))
    browser = draw(st.integers(-20, 20))
    turns = draw(
        st.lists(
            st.tuples(
                st.integers(0, 2), st.integers(0, 5), st.sampled_from([None, "copy", "reject"])
            ),
            min_size=1,
            max_size=5,
        )
    )
    return hosts, gateway, browser, turns


def told_by(c, hosts, gateway, browser, turns):
    """The rows that hosts, gateway and browsers with these clocks send of a conversation."""
    rows = []
    for number, (host, question, action) in enumerate(turns):
        # Further apart than any two clocks, and not near a limit of any rule.
        at = 100.0 * number + hosts[host]
        rows += turn(c, number, at, question)
        rows.append(
            llm_span(
                f"proxied {c}/{number}", trace=f"{c}/{number}", at=100.0 * number + 1 + gateway,
                seconds=3, request="gateway", parent="gateway", text=f"answer {c}/{number}",
                resource={"service.name": "gateway"},
            )
        )  # fmt: skip
        if action is not None:
            at_browser = 100.0 * number + 30 + browser
            rows.append(action_span(action, f"{c}/{number}", at=at_browser, output_at=at))
    return rows


def judged(client, rows):
    empty(client)
    insert(client, in_tables(rows))
    derive(client)
    outputs = client.query("select output_id, service, class from outputs order by output_id")
    pairs = client.query("select output_id, next_output_id, action from turn_pairs order by 1")
    return outputs.result_rows, pairs.result_rows


@pytest.mark.slow
@examples(3)
@given(st.lists(skewed(), min_size=2, max_size=5))
def test_clocks_that_differ_by_seconds_change_no_judgement(engine, conversations):
    """Conversations do not touch each other: many of them cost as much as one."""
    told, right = [], []
    for number, (hosts, gateway, browser, turns) in enumerate(conversations):
        told += told_by(f"c{number}", hosts, gateway, browser, turns)
        right += told_by(f"c{number}", [0, 0, 0], 0, 0, turns)
    found = judged(engine, told)
    assert found == judged(engine, right)
    assert len(found[0]) == sum(len(turns) for *_, turns in conversations)


def test_an_action_before_its_output_is_an_action_on_it(clean):
    """A browser whose clock is an hour slow."""
    insert(clean, [llm_span("a", at=3600), action_span("copy", "a", at=9, output_at=3600)])
    assert clean.query("select class from outputs").result_rows == [("used",)]
