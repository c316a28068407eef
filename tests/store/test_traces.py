"""What is looked up by its trace is what is found among everything of its days."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import derive, examples
from raw_rows import SECOND, T0, action_span, insert, llm_span, output_id, trace_id
from test_erasure import unlinked
from test_jobs import turn
from test_redelivery import TABLES, histories

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
DAYS = "as_of = '2025-12-01 00:00:00.000', since = '2025-11-16', until = '2025-12-01'"


def found(client, kind, traces):
    """Rows of these traces, asked for by trace, and picked from those of the days."""
    chosen = "has({traces:Array(String)}, substring(output_id, 1, 32))"
    by_trace, of_days = (
        client.query(
            f"select * from {kind}{source}) where {chosen} order by all",
            parameters={"traces": traces},
        )
        for source in (
            f"_of_traces_within({DAYS}, traces = {{traces:Array(String)}}",
            f"_within({DAYS}",
        )
    )
    assert by_trace.column_names == of_days.column_names
    assert by_trace.result_rows == of_days.result_rows
    return list(of_days.named_results())


@examples(4)
@given(histories(), st.booleans(), st.data())
def test_a_trace_has_the_outputs_and_actions_of_its_days(engine, rows, closed, data):
    for table in TABLES:
        engine.command(f"truncate table {table}")
    insert(engine, rows)
    if closed:  # the delivery rules of some days are kept
        derive(engine, START + timedelta(days=data.draw(st.integers(1, 9))))
    traces = sorted({row["TraceId"] for row in rows if row["table"] == "otel_traces"})
    chosen = data.draw(st.lists(st.sampled_from(traces), min_size=1, max_size=3))
    for kind in ("outputs", "actions"):
        found(engine, kind, chosen)


def test_an_action_that_was_linked_late_or_came_first_is_one_of_its_trace(clean):
    insert(
        clean,
        [
            llm_span("one", text="yes", gen_ai__conversation__id="c"),
            llm_span("two", text="no", at=9, gen_ai__conversation__id="c"),
            unlinked("copy", "c", "yes", 100),
            action_span("accept", "two", at=30, output_at=9),
            action_span("reject", "never came", at=30, output_at=9),
        ],
    )
    derive(clean, START + timedelta(hours=1))
    assert [row["output_id"] for row in found(clean, "actions", [trace_id("one")])] == [
        output_id("one")
    ]
    assert len(found(clean, "actions", [trace_id("one"), trace_id("two")])) == 2
    assert len(found(clean, "actions", [trace_id("never came")])) == 1


def test_an_answer_that_was_made_again_has_that_as_an_action(clean):
    insert(clean, [*turn("one", 0, "a"), *turn("two", 60, "a")])
    assert derive(clean)["regenerate"] == 1
    assert [row["action"] for row in found(clean, "actions", [trace_id("one")])] == ["regenerate"]


@pytest.mark.parametrize("kind", ["outputs", "actions"])
def test_a_trace_that_is_not_there_has_nothing(clean, kind):
    insert(clean, [llm_span("one"), action_span("copy", "one", at=3)])
    assert found(clean, kind, ["", "0" * 32]) == []
    everything = clean.query(f"select count() from {kind}_of_traces_within({DAYS}, traces = [])")
    assert everything.result_rows == [(1,)]
