"""Which outputs count: what was delivered, and one output where two spans report one text."""

import pytest
from raw_rows import (
    SECOND,
    T0,
    action_span,
    event,
    insert,
    llm_span,
    output_id,
    request_action,
    span_id,
)

from otel_ai_feedback.attributes import EVENT_OUTPUT_DELIVERED, EVENT_OUTPUT_DETAILS

DAY = 86_400


def delivered(client):
    rows = client.query(
        "select output_id, delivered_by from outputs order by output_id"
    ).result_rows
    return dict(rows)


def test_of_an_agents_calls_only_the_last_with_text_counts(clean):
    insert(
        clean,
        [
            llm_span("plan", trace="t", seq=1),
            llm_span("tool calls", trace="t", at=2, seq=2, text=None),
            llm_span("answer", trace="t", at=4, seq=3, text="the answer"),
            llm_span("more tool calls", trace="t", at=6, seq=4, text=None),
        ],
    )
    assert delivered(clean) == {output_id("answer", "t"): "last_in_request"}


def test_two_requests_of_one_trace_have_an_answer_each(clean):
    insert(
        clean,
        [
            llm_span("a", trace="t", request="one"),
            llm_span("b", trace="t", request="two", at=5, text="other"),
        ],
    )
    assert len(delivered(clean)) == 2


def test_handles_and_sight_name_outputs_and_then_nothing_is_guessed(clean):
    insert(
        clean,
        [
            llm_span("by handle", handle="output"),
            llm_span("by late handle"),
            event(EVENT_OUTPUT_DELIVERED, "by late handle", ai_feedback__handle__kind="output"),
            llm_span("seen"),
            action_span("seen", "seen", at=3),
            llm_span("draft", trace="r", seq=1),
            llm_span("by request", trace="r", at=3, seq=2, text="final"),
            event(EVENT_OUTPUT_DELIVERED, "r root", trace="r", ai_feedback__handle__kind="request"),
            llm_span("draft 2", trace="r2", seq=1),
            llm_span("by request 2", trace="r2", at=3, seq=2, text="final", handle="request"),
            llm_span("background"),
        ],
    )
    assert delivered(clean) == {
        output_id("by handle"): "handle",
        output_id("by late handle"): "handle",
        output_id("seen"): "seen",
        output_id("by request", "r"): "handle",
        output_id("by request 2", "r2"): "handle",
    }


def test_a_request_that_only_failed_counts_once_whatever_the_group_sends(clean):
    insert(
        clean,
        [
            llm_span("handled", handle="output"),
            llm_span("try 1", trace="t", seq=1, error=True, text=None),
            llm_span("try 2", trace="t", seq=2, at=2, error=True, text=None),
            llm_span("try 3", trace="u", seq=1, error=True, text=None),
            llm_span("try 4", trace="u", seq=2, at=2, handle="output"),
        ],
    )
    assert delivered(clean) == {
        output_id("handled"): "handle",
        output_id("try 2", "t"): "last_in_request",
        output_id("try 4", "u"): "handle",
    }


def test_each_group_has_its_own_rule(clean):
    other = {"service.name": "mail"}
    insert(
        clean,
        [
            llm_span("a", handle="output"),
            llm_span("b"),
            llm_span("c", resource=other),
            llm_span("d", ai_feedback__feature="summary"),
            llm_span(
                "e", gen_ai__agent__name="router", resource={"deployment.environment.name": None}
            ),
        ],
    )
    assert set(delivered(clean)) == {output_id(name) for name in "acde"}
    groups = clean.query(
        "select service, environment, feature from outputs order by all"
    ).result_rows
    assert groups == [
        ("chat", "", "router"),
        ("chat", "production", "chat"),
        ("chat", "production", "summary"),
        ("mail", "production", "mail"),
    ]


def test_switching_handles_on_changes_the_rule_from_the_next_day(clean):
    insert(
        clean,
        [
            llm_span("monday"),
            llm_span("tuesday before", at=DAY),
            llm_span("tuesday after", at=DAY + 3600, handle="output"),
            llm_span("wednesday", at=2 * DAY),
            llm_span("wednesday handled", at=2 * DAY + 60, handle="output"),
            llm_span("three weeks later", at=23 * DAY),
        ],
    )
    assert delivered(clean) == {
        output_id("monday"): "last_in_request",
        output_id("tuesday before"): "last_in_request",
        output_id("tuesday after"): "handle",
        output_id("wednesday handled"): "handle",
        output_id("three weeks later"): "last_in_request",
    }


def test_nested_spans_with_one_text_are_one_output(clean):
    insert(
        clean,
        [
            llm_span("agent", trace="t", seconds=5, seq=2, gen_ai__response__model=None),
            llm_span("call", trace="t", parent="agent", at=1, seconds=3, seq=1),
            action_span("copy", "call", trace="t", at=9, value=1, output_at=1),
        ],
    )
    rows = clean.query("select output_id, model, class from outputs").result_rows
    # the action names the inner one; nothing is counted twice and nothing is lost
    assert rows == [(output_id("call", "t"), "small", "used")]
    assert clean.query("select output_id from actions").result_rows == [(output_id("call", "t"),)]


def test_of_nested_spans_that_nothing_names_the_outermost_stands(clean):
    insert(
        clean,
        [
            llm_span("agent", trace="t", seconds=5, seq=3, gen_ai__response__model=None),
            llm_span("outer call", trace="t", parent="step", at=1, seconds=3, seq=2),
            llm_span("inner call", trace="t", parent="outer call", at=1.5, seconds=2, seq=1),
        ],
    )
    rows = clean.query("select output_id, model from outputs").result_rows
    assert rows == [(output_id("agent", "t"), "small")]


def test_actions_on_either_of_two_nested_spans_are_of_one_output(clean):
    insert(
        clean,
        [
            llm_span("agent", trace="t", seconds=5, seq=2, handle="output"),
            llm_span("call", trace="t", parent="agent", at=1, seconds=3, seq=1, handle="output"),
            action_span("copy", "call", trace="t", at=9, value=1, output_at=1),
            action_span("reject", "agent", trace="t", at=9),
        ],
    )
    rows = clean.query("select output_id, class from outputs").result_rows
    assert rows == [(output_id("agent", "t"), "rejected")]
    targets = clean.query("select distinct output_id from actions").result_rows
    assert targets == [(output_id("agent", "t"),)]


def test_calls_beside_or_after_each_other_with_one_text_are_several_outputs(clean):
    insert(
        clean,
        [
            llm_span("one", trace="t", request="r1", parent="root", seconds=5, text="yes"),
            llm_span("two", trace="t", request="r2", parent="root", at=1, seconds=2, text="yes"),
            llm_span("three", trace="t", request="r3", parent="x", at=9, seconds=2, text="yes"),
        ],
    )
    assert len(delivered(clean)) == 3


def test_a_gateway_in_the_same_trace_is_not_a_second_output(clean):
    gateway = {"service.name": "gateway"}
    insert(
        clean,
        [
            llm_span("call", trace="t", request="app", parent="app", seconds=5),
            llm_span(
                "proxied", trace="t", request="gw", parent="gw", at=1, seconds=3, resource=gateway
            ),
        ],
    )
    rows = clean.query("select output_id, service from outputs").result_rows
    assert rows == [(output_id("call", "t"), "chat")]


@pytest.mark.slow
def test_an_action_on_a_request_finds_its_answer(clean):
    insert(clean, [request_action("copy", "t", at=99, value=1)])
    assert clean.query("select output_id, link_method from actions").result_rows == [
        ("", "request")
    ]
    insert(clean, [llm_span("plan", trace="t", seq=1)])
    assert clean.query("select output_id from actions").result_rows == [(output_id("plan", "t"),)]
    insert(clean, [llm_span("answer", trace="t", seq=2, at=2, text="the answer")])
    assert clean.query("select output_id from actions").result_rows == [(output_id("answer", "t"),)]
    assert clean.query("select output_id, class from outputs").result_rows == [
        (output_id("answer", "t"), "used")
    ]


def test_the_answer_of_a_request_is_what_its_service_named(clean):
    """A title that is made after the answer is not what was sent."""
    insert(
        clean,
        [
            llm_span("answer", trace="t", seq=1, text="the answer"),
            llm_span("title", trace="t", seq=2, at=2, text="a title"),
            event(EVENT_OUTPUT_DELIVERED, "answer", trace="t", ai_feedback__handle__kind="output"),
            request_action("copy", "t", at=99, value=1),
        ],
    )
    assert clean.query("select output_id from actions").result_rows == [(output_id("answer", "t"),)]
    assert delivered(clean) == {output_id("answer", "t"): "handle"}


def test_the_release_is_the_agents_where_it_has_one(clean):
    resource = {"service.version": "9"}
    insert(
        clean,
        [
            llm_span("agent", resource=resource, ai_feedback__release="1.4"),
            event(EVENT_OUTPUT_DETAILS, "agent", resource=resource),
            llm_span("service", at=9, resource=resource),
            event(EVENT_OUTPUT_DETAILS, "service", at=9, resource=resource),
        ],
    )
    found = clean.query("select output_id, release from outputs").result_rows
    assert dict(found) == {output_id("agent"): "1.4", output_id("service"): "9"}


def test_a_request_across_midnight_is_one(clean):
    before_midnight = 16 * 3600 - 1
    insert(
        clean,
        [
            llm_span("plan", trace="t", at=before_midnight, seq=1),
            llm_span("answer", trace="t", at=before_midnight + 2, seq=2, text="the answer"),
            event(
                EVENT_OUTPUT_DELIVERED, "t root", trace="t", at=before_midnight - 1,
                ai_feedback__handle__kind="request",
            ),
            request_action("copy", "t", at=before_midnight + 60, value=1),
        ],
    )  # fmt: skip
    assert clean.query("select output_id, class from outputs").result_rows == [
        (output_id("answer", "t"), "used")
    ]


def test_a_tag_that_had_no_room_on_the_span_arrives_with_the_event(clean):
    start = T0 // SECOND
    insert(clean, [llm_span("full", tagged=False), llm_span("not ours", tagged=False)])
    assert delivered(clean) == {}
    insert(
        clean,
        [
            event(
                EVENT_OUTPUT_DETAILS, "full",
                ai_feedback__output__hash="sha256:" + "0" * 32, ai_feedback__output__length="12",
                ai_feedback__request__span_id=span_id("full root"), ai_feedback__request__seq="1",
                ai_feedback__output__time=str(start), ai_feedback__feature="f",
            )
        ],
    )  # fmt: skip
    rows = clean.query("select output_id, model, feature, output_hash, output_length from outputs")
    assert rows.result_rows == [(output_id("full"), "small", "f", "sha256:" + "0" * 32, 12)]


def test_what_never_had_a_span_is_no_output(clean):
    insert(
        clean,
        [
            action_span("copy", "lost", at=5, value=1),
            event(EVENT_OUTPUT_DETAILS, "lost", ai_feedback__request__span_id=span_id("x")),
            event(EVENT_OUTPUT_DELIVERED, "lost", ai_feedback__handle__kind="output"),
        ],
    )
    assert delivered(clean) == {}
    # the link itself is known
    assert clean.query("select output_id from actions").result_rows == [(output_id("lost"),)]


@pytest.mark.slow
def test_an_action_that_two_workers_report_differently_is_one(clean):
    """Only one of them knows which output the request ended with."""
    unresolved = request_action("copy", "t", at=99, value=1, action_id="one")
    resolved = action_span(
        "copy", "answer", trace="t", at=99, value=1, action_id="one", method="request"
    )
    for rows in ([unresolved], [llm_span("answer", trace="t")], [resolved], [unresolved]):
        insert(clean, rows)
    assert clean.query("select output_id, link_method from actions").result_rows == [
        (output_id("answer", "t"), "request")
    ]
    assert clean.query(
        "select sum(actions) from links_at(as_of = now64(3, 'UTC'))"
    ).result_rows == [(1,)]
