"""Daily rates, and who counts in their denominators."""

import pytest
from raw_rows import action_span, insert, llm_span

from otel_ai_feedback.intervals import BucketCounts, Proportion

DAY = 86_400


def rates(client, columns="k, n", where="true"):
    rows = client.query(
        f"select series, {columns} from signal_rates_at(as_of = now64(3, 'UTC')) "
        f"where {where} order by all"
    ).result_rows
    return {row[0]: tuple(row[1:]) for row in rows}


def test_browser_signals_count_only_what_the_script_saw(clean):
    rows = []
    for number in range(10):
        rows.append(llm_span(f"page {number}", at=number, handle="output"))
        rows.append(action_span("seen", f"page {number}", at=number + 3, output_at=number))
    rows += [llm_span(f"api {number}", handle="output") for number in range(30)]
    rows += [
        action_span("copy", f"page {number}", at=20, value=1, output_at=number)
        for number in range(4)
    ]
    rows += [action_span("copy", "page 5", at=20, value=0.1, output_at=5)]
    insert(clean, rows)
    assert rates(clean) == {"copied": (4, 10), "closed_fast": (0, 10), "failed": (0, 40)}


def test_without_a_script_what_the_service_reports_counts_over_all(clean):
    insert(
        clean,
        [
            *(llm_span(f"o{number}", handle="output") for number in range(8)),
            action_span("copy", "o1", at=9, source="server"),
            action_span("accept", "o1", at=9, source="server"),
        ],
    )
    assert rates(clean) == {"copied": (1, 8), "accepted": (1, 8), "failed": (0, 8)}


def test_a_signal_that_nothing_could_show_has_no_row(clean):
    insert(clean, [llm_span("a"), llm_span("b", at=DAY)])
    assert rates(clean) == {"failed": (0, 1)}
    assert clean.query(
        "select count() from signal_rates_at(as_of = now64(3, 'UTC'))"
    ).result_rows == [(2,)]


def test_a_control_used_within_the_week_has_a_rate_every_day(clean):
    rows = [llm_span(f"d{day}", at=day * DAY, handle="output") for day in range(10)]
    rows.append(action_span("reject", "d0", at=60))
    insert(clean, rows)
    days = clean.query(
        "select k, n from signal_rates_at(as_of = now64(3, 'UTC')) "
        "where series = 'rejected' order by day"
    )
    assert days.result_rows == [(1, 1)] + [(0, 1)] * 7


@pytest.mark.parametrize("action", ["followed", "interrupted"])
def test_what_was_followed_or_interrupted_has_a_rate_over_what_was_seen(clean, action):
    rows = [llm_span(f"o{number}", at=number, handle="output") for number in range(6)]
    rows += [action_span("seen", f"o{number}", at=9, output_at=number) for number in range(5)]
    rows += [action_span(action, f"o{number}", at=20, output_at=number) for number in range(2)]
    insert(clean, rows)
    assert rates(clean)[action] == (2, 5)


@pytest.mark.slow
def test_asking_again_is_counted_over_turns_whose_question_is_known(clean):
    talk = {"gen_ai__conversation__id": "c"}
    insert(
        clean,
        [
            llm_span("turn", ai_feedback__input__hash="sha256:1", **talk),
            llm_span("asked again", at=60, ai_feedback__input__hash="sha256:2", **talk),
            llm_span("unhashed", at=120, **talk),
            llm_span("alone", ai_feedback__input__hash="sha256:3"),
            action_span("reask", "turn", at=60, value=0.5),
        ],
    )
    assert rates(clean) == {"reasked": (1, 2), "regenerated": (0, 2), "failed": (0, 4)}


def test_failures_have_their_own_rate_and_leave_the_others(clean):
    insert(
        clean,
        [
            llm_span("good", handle="output"),
            llm_span("empty", text="", handle="output"),
            action_span("copy", "good", at=9, value=1),
        ],
    )
    assert rates(clean) == {"copied": (1, 1), "failed": (1, 2)}


def test_rates_are_by_model_and_release(clean):
    insert(
        clean,
        [
            llm_span("a", handle="output", gen_ai__response__model="m1"),
            llm_span(
                "b", handle="output", gen_ai__response__model=None, gen_ai__request__model="m2"
            ),
            llm_span("c", handle="output", gen_ai__response__model=None, llm__model_name="m3"),
            llm_span("d", handle="output", resource={"service.version": "2"}),
        ],
    )
    rows = clean.query(
        "select model, release, n from signal_rates_at(as_of = now64(3, 'UTC')) order by all"
    ).result_rows
    assert rows == [("m1", "1", 1), ("m2", "1", 1), ("m3", "1", 1), ("small", "2", 1)]


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10)])
def test_the_interval_is_that_of_buckets_of_users(clean, k, n):
    rows = [llm_span(f"o{number}", handle="output") for number in range(n)]
    rows += [action_span("copy", f"o{number}", at=9, value=1) for number in range(k)]
    rows += [action_span("seen", f"o{number}", at=9) for number in range(n)]
    insert(clean, rows)
    *found, by_bucket, of_bucket = rates(clean, "rate, low, high, k_by_bucket, n_by_bucket")[
        "copied"
    ]
    expected = Proportion(BucketCounts(by_bucket, of_bucket))
    assert found == pytest.approx([k / n, expected.low, expected.high], abs=3e-4)
    assert (sum(by_bucket), sum(of_bucket)) == (k, n)


@pytest.mark.slow
def test_people_who_came_back(clean):
    def visit(who, week, **more):
        return llm_span(f"{who} {week}", at=week * 7 * DAY, ai_feedback__subject=who, **more)

    insert(
        clean,
        [
            *(visit(who, 0) for who in "abc"),
            visit("a", 1),
            visit("b", 1, gen_ai__response__model="large"),
            # nobody at all in the next week: a gap, not a loss
            visit("a", 3),
        ],
    )
    rows = clean.query(
        "select toString(day), model, k, n from signal_rates_at(as_of = now64(3, 'UTC')) "
        "where series = 'returned_7d'"
    ).result_rows
    assert rows == [("2025-11-24", "small", 2, 3)]


def test_links_say_how_actions_found_their_output(clean):
    insert(
        clean,
        [
            llm_span("a"),
            *(action_span("copy", "a", at=9 + number) for number in range(3)),
            action_span("edit", "a", at=9, method="response_id"),
            action_span("rating", "a", at=9, method="request", ai_feedback__output__time=None),
        ],
    )
    rows = clean.query(
        "select link_method, actions, share from links_at(as_of = now64(3, 'UTC')) order by all"
    ).result_rows
    assert rows == [("handle", 3, 0.6), ("response_id", 1, 0.2), ("unlinked", 1, 0.2)]
