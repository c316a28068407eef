"""Changes that move a signal without the answers being any better or worse."""

from raw_rows import action_span, insert, llm_span

DAY = 86_400


def annotations(client):
    rows = client.query(
        "select toString(toDate(time)), kind, text, service, environment, feature "
        "from annotations_at(as_of = now64(3, 'UTC')) order by time, kind"
    ).result_rows
    return [row[:3] for row in rows if row[3:] == ("chat", "production", "chat")]


def release(version):
    return {"service.version": version}


def test_model_release_and_prompt_version(clean):
    insert(
        clean,
        [
            llm_span("a", ai_feedback__prompt__version="p1"),
            llm_span("b", at=DAY, llm__prompt_template__version="p2"),
            llm_span("c", at=2 * DAY, gen_ai__response__model="large", resource=release("2")),
            llm_span("d", at=3 * DAY, ai_feedback__prompt__version="p1"),
            # the new release is rolled back and comes again
            llm_span("e", at=12 * DAY, gen_ai__response__model="large", resource=release("2")),
            # another group begins, which is no change
            llm_span("f", at=12 * DAY, ai_feedback__feature="mail"),
        ],
    )
    assert annotations(clean) == [
        ("2025-11-18", "prompt_version", "prompt version p2"),
        ("2025-11-19", "model", "model large"),
        ("2025-11-19", "release", "release 2"),
        ("2025-11-29", "model", "model large"),
        ("2025-11-29", "release", "release 2"),
    ]


def test_it_is_at_the_first_output_that_shows_it(clean):
    insert(
        clean,
        [
            llm_span("a"),
            llm_span("old", at=DAY),
            llm_span("new", at=DAY + 3600.5, resource=release("2")),
            llm_span("newer", at=DAY + 7200, resource=release("2")),
        ],
    )
    rows = clean.query(
        "select toString(time) from annotations_at(as_of = now64(3, 'UTC'))"
    ).result_rows
    assert rows == [("2025-11-18 09:00:00.500",)]


def test_a_new_delivery_rule(clean):
    insert(
        clean,
        [
            llm_span("before"),
            llm_span("first handle", at=DAY, handle="output"),
            llm_span("without", at=DAY + 60),
            llm_span("by rule", at=2 * DAY, handle="output"),
            llm_span("not counted", at=2 * DAY + 60),
            llm_span("seen", at=3 * DAY, handle="output"),
            action_span("seen", "seen", at=3 * DAY + 5, output_at=3 * DAY),
            llm_span("last", at=4 * DAY, handle="output"),
        ],
    )
    assert annotations(clean) == [
        ("2025-11-19", "delivery_rule", "delivered means handle, was last_in_request"),
        ("2025-11-21", "delivery_rule", "delivered means seen, was handle"),
    ]


def test_what_stays_as_it_was_is_none(clean):
    insert(clean, [llm_span(f"d{day}", at=day * DAY) for day in range(20)])
    assert annotations(clean) == []
