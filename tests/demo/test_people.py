from collections import Counter, defaultdict
from dataclasses import replace

import pytest

from otel_ai_feedback.capture.text.sketch import grams
from otel_ai_feedback.demo import own
from otel_ai_feedback.demo.corpus import Answer, Corpus
from otel_ai_feedback.demo.people import SECOND_NS, plan

DAY_NS = 86_400 * SECOND_NS
START_NS = 20_000 * DAY_NS
END_NS = START_NS + 7 * DAY_NS


@pytest.fixture(scope="module")
def corpus():
    return own.corpus(own.FEATURES[0], own.RELEASES[-1], 0, 4 * 86_400)


@pytest.fixture(scope="module")
def conversations(corpus):
    return plan(corpus, "run", START_NS, END_NS)


def likeness(one, other):
    a, b = grams(one), grams(other)
    return len(a & b) / len(a | b)


def test_the_same_run_is_the_same_and_another_has_other_ids(corpus, conversations):
    assert plan(corpus, "run", START_NS, END_NS) == conversations
    other = plan(corpus, "another run", START_NS + DAY_NS, END_NS + DAY_NS)
    ids = {turn.request_id for talk in conversations for turn in talk.turns}
    assert not ids & {turn.request_id for talk in other for turn in talk.turns}
    # ... but people do the same.
    assert [[turn.message for turn in talk.turns] for talk in other] == [
        [turn.message for turn in talk.turns] for talk in conversations
    ]


def test_every_answer_is_delivered(corpus, conversations):
    delivered = Counter(turn.answer for talk in conversations for turn in talk.turns)
    assert not Counter(corpus.answers) - delivered


def test_ids_are_unique(conversations):
    turns = [turn for talk in conversations for turn in talk.turns]
    acts = [act for turn in turns for act in turn.acts]
    assert len({turn.request_id for turn in turns}) == len(turns)
    assert len({act.action_id for act in acts}) == len(acts)


def test_everything_happens_within_the_window_and_in_order(conversations):
    for talk in conversations:
        now = talk.start_ns
        assert now >= START_NS
        busy_until = 0
        for turn in talk.turns:
            now += turn.pause_ns
            assert now >= busy_until
            now += turn.answer.duration_ns
            times = [now + act.after_ns for act in turn.acts]
            assert times == sorted(times)
            busy_until = max(times, default=now)
        assert busy_until <= END_NS


def test_follow_ups_are_certain_and_nothing_else_looks_like_one(conversations):
    kinds = Counter()
    for talk in conversations:
        for turn, following in zip(talk.turns, talk.turns[1:], strict=False):
            kinds[turn.follow_up] += 1
            alike = likeness(turn.message, following.message)
            in_time = following.pause_ns <= 300 * SECOND_NS
            if turn.follow_up == "regenerate":
                assert following.message == turn.message
            elif turn.follow_up == "reask":
                assert following.message != turn.message
                assert alike >= 0.5
            else:
                assert following.message != turn.message
                assert alike < 0.15 or not in_time
            assert in_time or turn.follow_up is None
        assert talk.turns[-1].follow_up is None
    assert min(kinds[kind] for kind in ("reask", "regenerate", None)) >= 20


def test_quick_changes_of_topic_do_occur(conversations):
    quick = [
        following
        for talk in conversations
        for turn, following in zip(talk.turns, talk.turns[1:], strict=False)
        if turn.follow_up is None and following.pause_ns < 300 * SECOND_NS
    ]
    assert len(quick) > 20


def test_no_one_acts_on_an_answer_that_is_not_there(conversations):
    for talk in conversations:
        for turn in talk.turns:
            if not turn.answer.text.strip():
                assert turn.acts == ()


def test_closing_is_within_five_seconds_and_the_end(conversations):
    for talk in conversations:
        for turn in talk.turns:
            for act in turn.acts:
                if act.action == "close":
                    assert act.after_ns <= 5 * SECOND_NS
                    assert act.value < 0.5
                    assert turn is talk.turns[-1]


def test_better_answers_are_copied_more_and_asked_again_less():
    good = [Answer(f"question {i}", "good", f"text {i}", 1, 0.9) for i in range(500)]
    bad = [replace(answer, model="bad", text=answer.text + " no", quality=0.1) for answer in good]
    mixed = [answer for pair in zip(good, bad, strict=True) for answer in pair]
    shown, did = Counter(), defaultdict(Counter)
    for talk in plan(Corpus("service", "1", mixed), "run", START_NS, END_NS):
        for turn in talk.turns:
            shown[turn.answer.model] += 1
            did[turn.answer.model].update({act.action for act in turn.acts})
            did[turn.answer.model][turn.follow_up] += 1

    def rate(model, what):
        return did[model][what] / shown[model]

    assert rate("good", "copy") > rate("bad", "copy") + 0.2
    for unhappy in ("reask", "regenerate", "close", "reject", "rating"):
        assert rate("good", unhappy) < rate("bad", unhappy)
