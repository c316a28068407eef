"""Repeated, reordered or late: counts and classes are those of one delivery in order."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import count, derive, examples
from raw_rows import action_span, event, insert, llm_span, request_action

from otel_ai_feedback.attributes import EVENT_OUTPUT_DELIVERED, EVENT_OUTPUT_DETAILS

TABLES = (
    "otel_traces",
    "otel_logs",
    "output_state",
    "request_state",
    "action_state",
    "derived_actions",
    "output_facts",
    "linked_actions",
    "facts_passes",
    "delivery_days",
    "late_links",
    "delivery_rules",
    "exposures",
    "signal_counts",
    "facts_daily",
    "action_arrivals",
    "rollup_days",
)
ACTIONS = {
    "seen": [None], "copy": [None, 0.2, 1.0], "edit": [0.1, 0.9], "accept": [None],
    "reject": [None], "insert": [None], "close": [0.1, 0.8], "rating": [1, -1], "dwell": [4.0],
}  # fmt: skip


@st.composite
def histories(draw):
    """What a few people did with the answers of a few conversations, in the order it happened."""
    rows = []
    for number in range(draw(st.integers(1, 4))):
        service = {"service.name": draw(st.sampled_from(["chat", "mail"]))}
        at = draw(st.sampled_from([0.0, 57_590.0, 3 * 86_400.0]))  # the second just before midnight
        question = 0
        for turn in range(draw(st.integers(1, 3))):
            trace = f"{number}/{turn}"
            question = draw(st.sampled_from([question, turn]))
            steps = draw(st.integers(1, 3))
            for step in range(steps):
                name = f"{trace}/{step}"
                text = draw(st.sampled_from(["yes", f"text {name}", "", None]))
                rows.append(
                    llm_span(
                        name, trace=trace, at=at + 2 * step, seq=step + 1, text=text,
                        seconds=draw(st.sampled_from([1.5, 20.0])), resource=service,
                        parent=draw(st.sampled_from(["", f"{trace}/0"])),
                        handle=draw(st.sampled_from([None, None, "output", "request"])),
                        error=draw(st.integers(0, 9)) == 0, gen_ai__conversation__id=str(number),
                        ai_feedback__input__hash=f"sha256:{number}-{question}",
                    )
                )  # fmt: skip
                rows.append(
                    event(
                        EVENT_OUTPUT_DETAILS, name, trace=trace, at=at + 2 * step, resource=service,
                        ai_feedback__input__sketch=random.Random(question).randbytes(128).hex(),
                    )
                )  # fmt: skip
            if draw(st.booleans()):
                rows.append(
                    event(
                        EVENT_OUTPUT_DELIVERED, f"{trace} root", trace=trace, at=at,
                        resource=service, ai_feedback__handle__kind="request",
                    )
                )  # fmt: skip
            for _ in range(draw(st.integers(0, 4))):
                action = draw(st.sampled_from(sorted(ACTIONS)))
                value = draw(st.sampled_from(ACTIONS[action]))
                when = at + draw(st.sampled_from([3.0, 30.0, 86_400.0]))
                step = draw(st.integers(0, steps - 1))
                if draw(st.booleans()):
                    rows.append(
                        request_action(action, trace, at=when, value=value, resource=service)
                    )
                else:
                    rows.append(
                        action_span(
                            action, f"{trace}/{step}", trace=trace, at=when, value=value,
                            output_at=at + 2 * step, resource=service,
                        )
                    )  # fmt: skip
            at += draw(st.sampled_from([40.0, 400.0, 4000.0]))
    return rows


@st.composite
def deliveries(draw):
    """A history, and the batches in which it arrives: each row at least once."""
    rows = draw(histories())
    sent = rows + draw(st.lists(st.sampled_from(rows), max_size=len(rows)))
    shuffled = draw(st.permutations(sent))
    cuts = sorted(draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    batches = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    return rows, [batch for batch in batches if batch]


def result(client, batches):
    for table in TABLES:
        client.command(f"truncate table {table}")
    for number, batch in enumerate(batches):
        insert(client, sorted(batch, key=lambda row: row["table"]))
        if number == 0 and len(batches) > 1:
            derive(client)  # on what is only a part: what it finds must not last
    derive(client)
    # Rates and links are functions of these two.
    return {
        "outputs": client.query(
            "select * except (arrived_at) from outputs order by output_id"
        ).result_rows,
        "actions": client.query("select * from actions order by action_id").result_rows,
    }


@pytest.mark.slow
@examples(5)
@given(deliveries())
def test_any_delivery_gives_what_one_delivery_in_order_gives(engine, delivery):
    rows, batches = delivery
    assert result(engine, batches) == result(engine, [rows])


@pytest.mark.slow
def test_merging_parts_changes_nothing(clean):
    rows = [
        llm_span("a", handle="output"),
        action_span("copy", "a", at=5, value=0.2),
        action_span("copy", "a", at=9, value=1),
        request_action("seen", "a", at=3),
    ]
    once, thrice = result(clean, [rows]), result(clean, [rows, rows, rows])
    count(clean)
    for table in TABLES:
        clean.command(f"optimize table {table} final")
    merged = clean.query("select * except (arrived_at) from outputs").result_rows
    assert once == thrice
    assert thrice["outputs"] == merged
    rates = clean.query("select series, k, n from signal_rates order by series").result_rows
    assert rates == [("closed_fast", 0, 1), ("copied", 1, 1), ("failed", 0, 1)]


@pytest.mark.slow
def test_an_id_that_comes_again_with_another_value_is_the_same_action(clean):
    rows = [
        llm_span("a"),
        action_span("rating", "a", at=5, value=1, action_id="vote"),
        action_span("rating", "a", at=86_400 * 2, value=-1, action_id="vote"),
    ]
    for order in (rows, rows[::-1]):
        result(clean, [[row] for row in order])
        assert clean.query("select action, value from actions").result_rows == [("rating", -1)]


def test_an_action_on_a_request_repeated_days_later_counts_once(clean):
    rows = [
        request_action("rating", "t", at=5, value=1, action_id="vote"),
        request_action("rating", "t", at=86_400 * 20, value=1, action_id="vote"),
    ]
    insert(clean, rows)
    assert clean.query("select count() from actions").result_rows == [(1,)]
