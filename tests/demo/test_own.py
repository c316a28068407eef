import itertools
from datetime import datetime, timezone

import pytest

from otel_ai_feedback.demo import own
from otel_ai_feedback.demo.story import Run
from otel_ai_feedback.triage.incidents import CAUSES

DAY = 86_400
END = int(datetime(2026, 11, 24, 15, 20, tzinfo=timezone.utc).timestamp())
RUN = Run("run", END // DAY * DAY - 28 * DAY, END)


@pytest.fixture(scope="module")
def chapters():
    return own.SupportStory().chapters(RUN)


def quality(corpus, model):
    own_answers = [answer.quality for answer in corpus.answers if answer.model == model]
    return sum(own_answers) / len(own_answers)


def test_its_chapters_fill_the_window_without_a_gap(chapters):
    assert chapters[0].start == RUN.start
    assert chapters[-1].end == RUN.end
    for one, following in itertools.pairwise(chapters):
        assert one.end == following.start


def test_each_release_is_a_chapter_and_the_last_hours_are_live(chapters):
    versions = [chapter.corpora[0].version for chapter in chapters]
    assert versions == ["1.2.0", "1.3.0", "1.3.1", "1.4.0", "1.4.0"]
    assert [chapter.live for chapter in chapters] == [False, False, False, False, True]
    for chapter in chapters:
        assert {corpus.version for corpus in chapter.corpora} == {chapter.corpora[0].version}


def test_the_newest_release_went_out_five_days_ago(chapters):
    newest = next(chapter for chapter in chapters if chapter.corpora[0].version == "1.4.0")
    assert 4 * DAY < END - newest.start < 6 * DAY


def test_a_release_makes_one_model_of_one_feature_worse(chapters):
    (chat, summary), (new_chat, new_summary) = chapters[2].corpora, chapters[3].corpora
    assert quality(new_chat, "finch-medium") < quality(chat, "finch-medium") - 0.15
    assert abs(quality(new_chat, "finch-large") - quality(chat, "finch-large")) < 0.1
    assert abs(quality(new_summary, "finch-small") - quality(summary, "finch-small")) < 0.1


def test_what_broke_before_is_repaired_within_the_window(chapters):
    (fix,) = own.SupportStory().fixes(RUN)
    assert fix.at == chapters[2].start
    assert fix.cause in CAUSES
    broken, repaired = (chapter.corpora[1] for chapter in chapters[1:3])
    assert broken.feature == repaired.feature == fix.feature
    assert quality(broken, "finch-small") < quality(repaired, "finch-small") - 0.08


def test_a_short_window_has_the_end_of_it():
    short = Run("run", END // DAY * DAY - 2 * DAY, END)
    chapters = own.SupportStory().chapters(short)
    assert chapters[0].start == short.start
    assert {chapter.corpora[0].version for chapter in chapters} == {"1.4.0"}
    assert own.SupportStory().fixes(short) == []


def test_only_poor_answers_have_a_flaw(chapters):
    for chapter in chapters:
        for corpus in chapter.corpora:
            for answer in corpus.answers:
                assert bool(answer.flaw) == bool(answer.provokes) == (0 < answer.quality < 0.5)
