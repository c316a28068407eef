"""What no user made counts nowhere."""

import pytest
from raw_rows import action_span, event, insert, llm_span, output_id, request_action

from otel_ai_feedback.attributes import EVENT_OUTPUT_DELIVERED, EVENT_OUTPUT_DETAILS, PROBE
from otel_ai_feedback.store import jobs

TALK = {"gen_ai__conversation__id": "c", "ai_feedback__input__hash": "sha256:1"}
VIEWS = ("outputs", "actions", "links", "turn_pairs", "signal_rates", "sampling", "annotations")


@pytest.mark.parametrize(
    "mark",
    [
        {"ai_feedback__probe": "true"},
        {"user_agent__synthetic__type": "test"},
        {"resource": {PROBE: "true"}},
    ],
)
def test_a_probe_and_all_that_was_done_to_its_output(clean, mark):
    resource = mark.get("resource")
    insert(
        clean,
        [
            action_span("copy", "answer", trace="t", at=9, resource=resource),
            request_action("seen", "t", at=9, resource=resource),
            llm_span("plan", trace="t", resource=resource, **TALK),
            llm_span("answer", trace="t", at=2, seq=2, handle="output", **mark, **TALK),
            llm_span("again", at=60, **mark, **TALK),
            event(EVENT_OUTPUT_DELIVERED, "t root", trace="t", ai_feedback__handle__kind="request"),
        ],
    )
    jobs.run(clean)
    for view in VIEWS:
        assert clean.query(f"select count() from {view}").result_rows == [(0,)], view


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
