"""Whatever a foreign sender puts into attributes, inserts succeed and good rows count."""

import pytest
from raw_rows import T0, action_span, event, insert, llm_span, output_id

from otel_ai_feedback.attributes import EVENT_OUTPUT_DELIVERED, EVENT_OUTPUT_DETAILS

ODD = ["", "x", "-1", "1.5", "nan", "1e400", "9" * 30, "true", "\x00", "ünï", "' or 1=1 --"]


@pytest.mark.parametrize("odd", ODD)
def test_odd_values_are_taken_in_and_good_rows_beside_them_count(clean, odd):
    names = {
        "ai_feedback__request__seq": odd, "ai_feedback__output__length": odd,
        "ai_feedback__text__rate": odd, "ai_feedback__handle__kind": odd,
        "ai_feedback__action__value": odd, "ai_feedback__input__sketch": odd,
    }  # fmt: skip
    timed = names | {"ai_feedback__output__time": odd}
    talk = {"gen_ai__conversation__id": "c"}
    insert(
        clean,
        [
            llm_span("odd", **names, **talk),
            llm_span("odd time", at=9, **timed, **talk),
            action_span("copy", "odd", at=5, **names),
            action_span("copy", "odd time", at=5, **timed),
            event(EVENT_OUTPUT_DETAILS, "odd", **names),
            event(EVENT_OUTPUT_DETAILS, "odd", **timed),
            event(EVENT_OUTPUT_DELIVERED, "odd", **timed),
            llm_span("good", at=60, **talk),
        ],
    )
    found = dict(clean.query("select output_id, class from outputs").result_rows)
    assert found[output_id("good")] == "none"
    for view in ("actions", "links", "turn_pairs", "signal_rates"):
        clean.query(f"select * from {view}")


def test_odd_times_and_durations(clean):
    far = llm_span("far")
    far["Duration"] = 2**64 - 1
    old = llm_span("old", at=1_200_000_000 - T0 // 10**9)
    ahead = llm_span("ahead", at=10**9)
    insert(clean, [far, old, ahead, llm_span("good")])
    found = {row[0] for row in clean.query("select output_id from outputs").result_rows}
    assert output_id("good") in found
    assert not {output_id("old"), output_id("ahead")} & found


def test_an_action_without_link_or_id_is_kept_once(clean):
    row = action_span("rating", "a", at=5, ai_feedback__action__id=None)
    row |= {"Links.TraceId": [], "Links.SpanId": [], "Links.TraceState": [], "Links.Attributes": []}
    insert(clean, [row, row, llm_span("a")])
    rows = clean.query("select action, output_id, length(action_id) from actions").result_rows
    assert rows == [("rating", "", 32)]
    assert clean.query("select link_method from links_at(as_of = now64(3, 'UTC'))").result_rows == [
        ("unlinked",)
    ]


def test_ids_of_any_case_meet(clean):
    row = action_span("copy", "a", at=5)
    row["Links.TraceId"] = [row["Links.TraceId"][0].upper()]
    row["Links.SpanId"] = [row["Links.SpanId"][0].upper()]
    insert(clean, [row, llm_span("a")])
    assert clean.query("select class from outputs").result_rows == [("used",)]
