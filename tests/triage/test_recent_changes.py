"""Recent changes in a message."""

import pytest

from otel_ai_feedback.triage.recent_changes import began_words, recent_changes


def told(began, *changes):
    details = {
        "began": began,
        "changes": [{"time": time, "kind": kind, "text": text} for time, kind, text in changes],
    }
    return [change.sentence for change in recent_changes(details)]


@pytest.mark.parametrize(
    ("began", "time", "said"),
    [
        ("2025-12-01T12:00:00Z", "2025-12-01T09:00:00Z", "3 hours before"),
        ("2025-12-01T12:00:00Z", "2025-12-01T11:20:00Z", "less than an hour before"),
        ("2025-12-01T12:00:00Z", "2025-12-01T12:30:00Z", "within the same hour"),
        ("2025-12-01", "2025-12-01T17:00:00Z", "the same day"),
        ("2025-12-01", "2025-11-28T17:00:00Z", "2 days before"),
    ],
)
def test_what_began_shortly_before_is_a_possible_cause(began, time, said):
    (sentence,) = told(began, (time, "release", "release 1.4"))
    assert sentence == f"Possible cause: release 1.4 began {said}."


@pytest.mark.parametrize(
    ("began", "change"),
    [
        ("2025-12-01", ("2025-11-20T17:00:00Z", "release", "release 1.4")),
        ("2025-12-01", ("2025-12-02T00:00:00Z", "release", "release 1.4")),
        ("2025-12-01T12:00:00Z", ("2025-12-01T13:00:00Z", "model", "model large")),
        ("2025-12-01", ("2025-12-01T00:00:00Z", "delivery_rule", "delivered means handles")),
        ("", ("2025-12-01T00:00:00Z", "release", "release 1.4")),
    ],
)
def test_anything_else_is_only_recent(began, change):
    (sentence,) = told(began, change)
    assert sentence.startswith(f"Recent change: {change[2]} (2025-1")


def test_the_newest_change_comes_after_the_one_that_may_be_the_cause():
    said = told(
        "2025-12-01",
        ("2025-12-05T17:00:00Z", "release", "release 1.5"),
        ("2025-11-30T17:00:00Z", "release", "release 1.4"),
    )
    assert [sentence.partition(":")[0] for sentence in said] == ["Possible cause", "Recent change"]


def test_since_when_is_as_exact_as_it_is_known():
    assert began_words({"began": "2025-12-01"}) == "since 1 Dec"
    assert began_words({"began": "2025-12-01T09:00:00Z"}) == "since 2025-12-01 09:00 UTC"
    assert began_words({}) == ""
