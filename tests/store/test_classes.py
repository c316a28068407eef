import pytest
from raw_rows import action_span, insert, llm_span, output_id, request_action

CHECKPOINT = "ai_feedback__action__checkpoint"
ENDED = 1.0  # seconds after T0 at which the output below ends


def do(action, seconds_after_end, value=None):
    return (action, ENDED + seconds_after_end, value)


CASES = {
    "nothing was done": ([], "none"),
    "seen only": ([do("seen", 1)], "none"),
    "copied half": ([do("copy", 9, 0.5)], "used"),
    "copied less than half": ([do("copy", 9, 0.49)], "used_part"),
    "copied by a control, without a share": ([do("copy", 9)], "used"),
    "accepted": ([do("accept", 9)], "used"),
    "inserted": ([do("insert", 9)], "used"),
    "shared": ([do("share", 9)], "used"),
    "light edit": ([do("edit", 9, 0.33)], "used"),
    "heavy edit": ([do("edit", 9, 0.34)], "used_edited"),
    "heavy edit of what was copied": ([do("copy", 5, 1), do("edit", 9, 0.8)], "used_edited"),
    "closed at once": ([do("close", 5, 0.49)], "closed_fast"),
    "closed after reading": ([do("close", 5, 0.5)], "none"),
    "closed later": ([do("close", 5.1, 0.1)], "none"),
    "closed while it streamed": ([do("close", -0.5, 0.0)], "closed_fast"),
    "closed fast, and not used in time": (
        [do("close", 2, 0.1), do("copy", 1801, 1)],
        "closed_fast",
    ),
    "asked again": ([do("reask", 60, 0.4)], "reask"),
    "copied in part, asked again": ([do("copy", 5, 0.2), do("reask", 60)], "reask"),
    "used, then asked again": ([do("copy", 5, 0.9), do("reask", 60)], "used_reask"),
    "regenerated": ([do("copy", 5, 0.9), do("regenerate", 60)], "regenerated"),
    "rejected": ([do("accept", 5), do("reject", 60)], "rejected"),
    "undone": ([do("insert", 5), do("undo", 60)], "rejected"),
    "rejected and regenerated": ([do("regenerate", 5), do("reject", 60)], "rejected"),
    "rated, which says nothing of use": ([do("rating", 9, -1)], "none"),
    "dwelled": ([do("dwell", 90, 90)], "none"),
    "escalated": ([do("escalate", 90)], "none"),
    "copied in the last moment that counts": ([do("copy", 1800, 1)], "used"),
    "copied too late": ([do("copy", 1800.001, 1)], "none"),
    "asked again too late": ([do("copy", 5, 1), do("reask", 1801)], "used"),
}


# A class and what is over it: in either order of times, the second of each pair decides.
USES = {
    "copy": (do("copy", 3, 1), "used"),
    "part": (do("copy", 3, 0.2), "used_part"),
    "accept": (do("accept", 3), "used"),
    "insert": (do("insert", 3), "used"),
    "share": (do("share", 3), "used"),
    "light edit": (do("edit", 3, 0.1), "used"),
    "heavy edit": (do("edit", 3, 0.8), "used_edited"),
}
NEGATIVE = {
    "reject": (do("reject", 3), "rejected"),
    "undo": (do("undo", 3), "rejected"),
    "regenerate": (do("regenerate", 3), "regenerated"),
    "reask": (do("reask", 3, 0.4), "reask"),
}
CASES |= {
    f"closed {at} s after the answer, and {name} after 3": ([do("close", at, 0.1), over], expected)
    for at in (2, 4)
    for name, (over, expected) in (USES | NEGATIVE).items()
}
CASES |= {
    f"{use} and {name}": (
        [used, over],
        "used_reask" if name == "reask" and use != "part" else expected,
    )
    for use, (used, _) in USES.items()
    for name, (over, expected) in NEGATIVE.items()
}


@pytest.mark.parametrize("by_request", [False, True], ids=["output", "request"])
def test_class_of_an_output(clean, by_request):
    rows = []
    for case, (actions, _) in CASES.items():
        rows.append(llm_span(case, seconds=ENDED, handle="output"))
        for action, at, value in actions:
            if by_request:
                rows.append(request_action(action, case, at=at, value=value))
            else:
                rows.append(action_span(action, case, at=at, value=value))
    insert(clean, rows)
    found = dict(clean.query("select output_id, class from outputs").result_rows)
    assert {case: found[output_id(case)] for case in CASES} == {
        case: expected for case, (_, expected) in CASES.items()
    }


def test_failures_have_a_class_of_their_own(clean):
    insert(
        clean,
        [
            llm_span("error", error=True, text=None),
            llm_span("error with partial text", error=True),
            llm_span("empty", text=""),
            llm_span("empty but copied", text=""),
            action_span("copy", "empty but copied", at=5, value=1),
            llm_span("tool calls only", text=None, handle="output"),
        ],
    )
    found = dict(clean.query("select output_id, class from outputs").result_rows)
    assert found == {
        output_id("error"): "failed",
        output_id("error with partial text"): "failed",
        output_id("empty"): "failed",
        output_id("empty but copied"): "failed",
        output_id("tool calls only"): "none",
    }


def test_only_what_counts_is_shown_with_the_output(clean):
    insert(
        clean,
        [
            llm_span("a", seconds=ENDED),
            action_span("copy", "a", at=9, value=1),
            action_span("rating", "a", at=3000, value=1),
            action_span("close", "a", at=60, value=0),
            action_span("seen", "a", at=4000),
        ],
    )
    row = clean.query("select mapKeys(done), seen from outputs").result_rows
    assert row == [(["copied"], 1)]


SUBMITTED = None
EDITS = {
    "looked at once": ([(30, 0.5)], "used_edited"),
    "undone before the next look": ([(30, 0.5), (120, 0.1)], "used"),
    "grown until the next look": ([(30, 0.1), (120, 0.5)], "used_edited"),
    "undone before it was submitted": ([(30, 0.5), (120, 0.5), (SUBMITTED, 0.1)], "used"),
    "grown until it was submitted": ([(30, 0.1), (SUBMITTED, 0.5)], "used_edited"),
    "looked at after it was submitted": ([(SUBMITTED, 0.5), (120, 0.1)], "used_edited"),
    "submitted twice": ([(SUBMITTED, 0.5), (SUBMITTED, 0.1)], "used"),
}


@pytest.mark.parametrize("by_request", [False, True], ids=["output", "request"])
def test_the_edit_that_was_submitted_counts_else_the_last_look_at_it(clean, by_request):
    edit = request_action if by_request else action_span
    rows = []
    for case, (looks, _) in EDITS.items():
        rows.append(llm_span(case, seconds=ENDED, handle="output"))
        for at, (checkpoint, value) in enumerate(looks, start=5):
            seen_at = {} if checkpoint is None else {CHECKPOINT: str(checkpoint)}
            rows.append(edit("edit", case, at=at, value=value, **seen_at))
    insert(clean, rows + rows[::-1])
    found = dict(clean.query("select output_id, class from outputs").result_rows)
    assert found == {output_id(case): expected for case, (_, expected) in EDITS.items()}
    looks = clean.query("select checkpoint, count() from actions group by 1 order by 1").result_rows
    assert looks == [(30, 5), (120, 4), (None, 5)]


def test_what_a_page_saw_beside_the_action_is_shown(clean):
    seen = {
        "ai_feedback__action__kept_share": "0.4",
        "ai_feedback__action__scroll_depth": "1",
        "ai_feedback__action__selected_share": "0.25",
        "ai_feedback__action__method": "button",
        "ai_feedback__action__reason": "too_long",
    }
    insert(clean, [llm_span("a"), action_span("dwell", "a", at=5, value=3, **seen)])
    columns = "kept_share, checkpoint, scroll_depth, selected_share, method, reason"
    row = clean.query(f"select {columns} from actions").result_rows
    assert row == [(0.4, None, 1.0, 0.25, "button", "too_long")]
