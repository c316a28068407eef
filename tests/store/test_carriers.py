"""Each row of the table of sources: its example arrives as bytes, and becomes what it says."""

import pytest
from raw_rows import SECOND, T0, insert, llm_span, output_id, span_id, trace_id
from test_evaluations import log_bytes, receive, rows, span_bytes

from otel_ai_feedback.capture.linking.handles import Handle, mint
from otel_ai_feedback.store.carriers import SOURCES

COLUMNS = "carrier, kind, name, score, label, passed, output_id"


def arrive(client, source, output="one"):
    example = dict(source.example)
    if example.get("data-otel-ai-output") == "HANDLE":
        named = Handle(
            "output", int(trace_id(output), 16), int(span_id(output), 16), T0 // SECOND, True
        )
        example["data-otel-ai-output"] = mint(named, b"a key of 16 bytes or more")
    if source.on == "log":
        on = None if "data-otel-ai-output" in example else output
        receive(client, log=log_bytes([(source.event, example, on, 60)], "somewhere else"))
    elif source.on == "span event":
        receive(client, span=span_bytes(output, {}, [(source.event, example, 60)]))
    else:
        receive(client, span=span_bytes(output, example))


@pytest.mark.parametrize("source", [s for s in SOURCES if s.on != "import"], ids=lambda s: s.read)
def test_what_the_table_says_is_read(clean, source):
    insert(clean, [llm_span("one")])
    for _ in range(2):
        arrive(clean, source)
    placed = "" if "session" in source.read else output_id("one")
    assert rows(clean, COLUMNS) == [
        (source.carrier, source.kind, source.name, source.score, source.label,
         int(source.passed), placed)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "attributes"),
    [
        ("claude_code.tool_decision", {"decision": "accept", "source": "config"}),
        ("claude_code.tool_decision", {"decision": "accept", "source": "hook"}),
        (
            "copilot_chat.edit.survival",
            {"survival_rate_four_gram": 0.1, "time_delay_ms": 30000, "did_branch_change": True},
        ),
        ("copilot_chat.edit.feedback", {"outcome": "saved"}),
    ],
)
def test_what_no_person_decided_is_counted_and_nothing_else(clean, event, attributes):
    insert(clean, [llm_span("one")])
    receive(clean, log=log_bytes([(event, attributes, "one", 60)]))
    assert rows(clean) == []
    counted = clean.query("select results, automatic from evaluation_arrivals").result_rows
    assert counted == [(1, 1)]


def test_each_edit_of_an_answer_survives_by_itself_and_is_one_result_when_repeated(clean):
    insert(clean, [llm_span("one", gen_ai__response__id="req-1")])
    for rate, at in ((0.9, 60), (0.2, 61), (0.9, 60)):
        survival = {"survival_rate_four_gram": rate, "time_delay_ms": 5000, "request_id": "req-1"}
        receive(clean, log=log_bytes([("copilot_chat.edit.survival", survival, None, at)]))
    assert rows(clean, "name, score, output_id, link_method") == [
        ("survival_5s", 0.9, output_id("one"), "response"),
        ("survival_5s", 0.2, output_id("one"), "response"),
    ]


def test_a_changed_vote_takes_the_place_of_the_one_before(clean):
    insert(clean, [llm_span("one", gen_ai__response__id="req-1")])
    for rating, at in (("positive", 70), ("negative", 60)):
        receive(
            clean,
            log=log_bytes(
                [
                    (
                        "copilot_chat.user.feedback",
                        {"rating": rating, "request_id": "req-1"},
                        None,
                        at,
                    )
                ]
            ),
        )
    assert rows(clean, "label, passed") == [("positive", 1)]


@pytest.mark.slow
def test_our_own_signals_do_not_know_of_it(clean):
    insert(clean, [llm_span("one")])
    for source in SOURCES:
        if source.on != "import":
            arrive(clean, source)
    assert len(rows(clean)) > 5
    assert clean.query("select class, done from outputs").result_rows == [("none", {})]
    assert clean.query("select count() from actions").result_rows == [(0,)]
