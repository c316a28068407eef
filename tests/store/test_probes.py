"""What no user made counts nowhere."""

import pytest
from parts import count
from raw_rows import action_span, event, insert, llm_span, output_id, request_action

from otel_ai_feedback.attributes import EVENT_OUTPUT_DELIVERED, EVENT_OUTPUT_DETAILS, PROBE

TALK = {"gen_ai__conversation__id": "c", "ai_feedback__input__hash": "sha256:1"}
VIEWS = ("outputs", "actions", "links", "turn_pairs", "signal_rates", "sampling", "annotations")


MARKS = {
    "span": {"ai_feedback__probe": "true"},
    "synthetic": {"user_agent__synthetic__type": "test"},
    "resource": {"resource": {PROBE: "true"}},
}


@pytest.mark.slow
def test_a_probe_and_all_that_was_done_to_its_output(clean):
    for service, mark in MARKS.items():
        named = {"service.name": service}
        mark = mark | {"resource": named | mark.get("resource", {})}
        resource = mark["resource"]
        trace, answer = f"{service} t", f"{service} answer"
        insert(
            clean,
            [
                action_span("copy", answer, trace=trace, at=9, resource=resource),
                request_action("seen", trace, at=9, resource=resource),
                llm_span(f"{service} plan", trace=trace, resource=resource, **TALK),
                llm_span(answer, trace=trace, at=2, seq=2, handle="output", **mark, **TALK),
                llm_span(f"{service} again", at=60, **mark, **TALK),
                event(
                    EVENT_OUTPUT_DELIVERED, f"{trace} root", trace=trace, resource=resource,
                    ai_feedback__handle__kind="request",
                ),
            ],
        )  # fmt: skip
    spans = clean.query("select uniqExact(ServiceName), count() from otel_traces").result_rows
    assert spans == [(len(MARKS), 5 * len(MARKS))]
    count(clean)
    for view in VIEWS:
        assert clean.query(f"select * from {view}").result_rows == [], view


def test_a_probe_is_known_by_its_event(clean):
    insert(
        clean,
        [
            llm_span("full", tagged=False),
            event(
                EVENT_OUTPUT_DETAILS, "full", ai_feedback__request__span_id="0" * 16,
                ai_feedback__output__hash="sha256:1", ai_feedback__probe="true",
            ),
        ],
    )  # fmt: skip
    assert clean.query("select count() from outputs").result_rows == [(0,)]


def test_a_probe_that_acts_on_the_output_of_a_user(clean):
    insert(
        clean,
        [
            llm_span("of a user"),
            llm_span("beside it", trace="other", ai_feedback__probe="false"),
            action_span("copy", "of a user", at=9, ai_feedback__probe="true"),
            action_span("reject", "of a user", at=9, resource={PROBE: "true"}),
        ],
    )
    rows = clean.query("select output_id, class from outputs order by all").result_rows
    assert rows == sorted(
        [(output_id("of a user"), "none"), (output_id("beside it", "other"), "none")]
    )
    assert clean.query("select count() from actions").result_rows == [(0,)]
