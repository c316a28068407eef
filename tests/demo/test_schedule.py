from datetime import datetime, timezone

import pytest

from otel_ai_feedback.demo.corpus import Answer, Corpus
from otel_ai_feedback.demo.schedule import SETTLES_SECONDS, schedule

NOW = 1_795_000_000.5
WEEK = 7 * 86_400
CORPUS = Corpus("some-chat", "1", [Answer("p", "m", "t", 1, 0.5)])


@pytest.fixture
def played(clean):
    """Leave in the store what a demo leaves there first."""

    def play(run, service="some-chat"):
        row = {
            "Timestamp": datetime.fromtimestamp(run.start, timezone.utc),
            "ServiceName": service,
            "ResourceAttributes": {"service.instance.id": run.name},
        }
        clean.insert("otel_traces", [list(row.values())], column_names=list(row))

    return play


def test_ends_where_everything_has_matured(clean):
    run = schedule(clean, CORPUS, 7, NOW)
    assert run.end == int(NOW) - SETTLES_SECONDS
    assert run.end - run.start == WEEK


def test_takes_up_an_earlier_demo_while_their_windows_overlap(clean, played):
    first = schedule(clean, CORPUS, 7, NOW)
    played(first)
    assert schedule(clean, CORPUS, 7, NOW + 1) == first
    assert schedule(clean, CORPUS, 7, NOW + WEEK - 1) == first
    later = schedule(clean, CORPUS, 7, NOW + WEEK)
    assert later.start == first.end
    assert later.name != first.name


def test_takes_up_the_latest(clean, played):
    played(schedule(clean, CORPUS, 7, NOW - WEEK))
    latest = schedule(clean, CORPUS, 7, NOW)
    played(latest)
    assert schedule(clean, CORPUS, 7, NOW + 60) == latest


def test_another_corpus_length_or_service_is_another_demo(clean, played):
    played(schedule(clean, CORPUS, 7, NOW))
    other = Corpus("some-chat", "2", CORPUS.answers)
    for corpus, days in ((other, 7), (CORPUS, 8)):
        run = schedule(clean, corpus, days, NOW + 60)
        assert run.end == int(NOW) + 60 - SETTLES_SECONDS
    foreign = schedule(clean, other, 7, NOW)
    played(foreign, service="some-other-chat")
    assert schedule(clean, other, 7, NOW + 60) != foreign
