from datetime import datetime, timezone

import pytest

from otel_ai_feedback.demo.corpus import Answer, Corpus
from otel_ai_feedback.demo.schedule import SETTLES_SECONDS, schedule
from otel_ai_feedback.demo.story import Replay

NOW = 1_795_000_000.5
DAY = 86_400
WEEK = 7 * DAY
ANSWERS = [Answer("p", "m", "t", 1, 0.5)]
STORY = Replay(Corpus("some-chat", "1", ANSWERS))


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


def test_fills_whole_days_and_today_until_everything_has_matured(clean):
    run = schedule(clean, STORY, 7, NOW)
    assert run.end == int(NOW) - SETTLES_SECONDS
    assert run.start % DAY == 0
    assert WEEK <= run.end - run.start < WEEK + DAY


def test_takes_up_an_earlier_demo_while_their_windows_overlap(clean, played):
    first = schedule(clean, STORY, 7, NOW)
    played(first)
    assert schedule(clean, STORY, 7, NOW + 1) == first
    assert schedule(clean, STORY, 7, NOW + WEEK - 1) == first
    later = schedule(clean, STORY, 7, NOW + WEEK + DAY)
    assert later.start >= first.end
    assert later.name != first.name


def test_takes_up_the_latest(clean, played):
    played(schedule(clean, STORY, 7, NOW - 2 * WEEK))
    latest = schedule(clean, STORY, 7, NOW)
    played(latest)
    assert schedule(clean, STORY, 7, NOW + 60) == latest


def test_another_story_length_or_service_is_another_demo(clean, played):
    played(schedule(clean, STORY, 7, NOW))
    other = Replay(Corpus("some-chat", "2", ANSWERS))
    for story, days in ((other, 7), (STORY, 8)):
        run = schedule(clean, story, days, NOW + 60)
        assert run.end == int(NOW) + 60 - SETTLES_SECONDS
    foreign = schedule(clean, other, 7, NOW)
    played(foreign, service="some-other-chat")
    assert schedule(clean, other, 7, NOW + 60) != foreign
