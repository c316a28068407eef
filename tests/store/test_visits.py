"""How much people use an assistant, and what they had last before they stayed away."""

from datetime import datetime, timedelta, timezone

import pytest
from parts import weeks
from raw_rows import SECOND, T0, action_span, insert, llm_span

from otel_ai_feedback.store import rollups

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
DAY = 86_400


def span(name, at, subject, **more):
    return llm_span(name, at=at, ai_feedback__subject=subject, handle="output", **more)


def rows(client, view, columns):
    return client.query(f"select {columns} from {view} order by all").result_rows


def count_weeks(client, days):
    """The part of the jobs that these views rest on."""
    weeks(client, START + timedelta(days))


@pytest.mark.slow
def test_outputs_per_person_and_week(clean):
    insert(clean, [span(f"a{n}", n * 60, "ada") for n in range(3)])
    insert(clean, [span("b", 900, "bob"), span("c", 7 * DAY, "ada"), span("n", 60, "")])
    count_weeks(clean, 14)
    (first, second) = rows(
        clean, "usage_per_user", "toString(day), subjects, outputs, per_subject, low, high"
    )
    assert first[:4] == ("2025-11-17", 2, 4, 2)
    # the standard error of 3 and 1 is 1
    assert (round(first[4], 6), round(first[5], 6)) == (1, 3.959964)
    assert second[:4] == ("2025-11-24", 1, 1, 1)


@pytest.mark.slow
def test_the_last_class_of_those_who_stayed_away(clean):
    insert(
        clean,
        [
            # bob's last answer failed and he left; so did one of two whose last was rejected
            span("a", 0, "ada"),
            span("b1", 0, "bob"),
            span("b2", 60, "bob", error=True),
            span("c", 120, "cid"),
            action_span("reject", "c", at=125, output_at=120),
            span("d", 180, "dan"),
            action_span("reject", "d", at=185, output_at=180),
            span("a2", 7 * DAY, "ada"),
            span("d2", 8 * DAY, "dan"),
        ],
    )
    count_weeks(clean, 14)
    columns = "toString(day), last_class, subjects, left_since, leaving_rate, share"
    assert rows(clean, "churn_by_last_outcome", columns) == [
        ("2025-11-24", "failed", 1, 1, 1, 0.5),
        ("2025-11-24", "none", 1, 0, 0, 0),
        ("2025-11-24", "rejected", 2, 1, 0.5, 0.5),
    ]
    ((low, high),) = clean.query(
        "select low, high from churn_by_last_outcome where last_class = 'rejected'"
    ).result_rows
    assert 0.09 < low < 0.1 < 0.9 < high < 0.91


def test_a_week_in_which_nothing_came_is_a_gap(clean):
    insert(clean, [span("a", 0, "ada"), span("b", 14 * DAY, "ada")])
    count_weeks(clean, 28)
    assert rows(clean, "churn_by_last_outcome", "day") == []


@pytest.mark.slow
def test_weeks_that_are_counted_together_are_those_counted_one_by_one(clean, monkeypatch):
    subjects = ("ada", "bob", "cid", "")
    insert(
        clean,
        [
            span(f"{week}/{subject}", week * 7 * DAY + 60 * number, subject, error=week == number)
            for week in range(3)
            for number, subject in enumerate(subjects)
            if week != number + 1
        ],
    )
    current = "where (day, version) in (select day, version from rollup_days final "
    current += "where rollup = 'returning')"

    def found():
        for table in ("rollup_days", "signal_counts", "visits"):
            clean.command(f"truncate table {table}")
        count_weeks(clean, 21)
        versions = rows(clean, "visits", "uniqExact(version)")
        return versions, [
            rows(clean, f"{table} {current}", "* except (version)")
            for table in ("signal_counts", "visits")
        ]

    versions, together = found()
    assert versions == [(1,)]
    assert all(together)
    monkeypatch.setattr(rollups, "_OUTPUTS_AT_ONCE", 0)
    assert found() == ([(3,)], together)
