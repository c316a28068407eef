from collections import Counter

from otel_ai_feedback.demo import own
from otel_ai_feedback.demo.corpus import Answer, Corpus


def test_own_set_is_the_same_on_every_call():
    one, other = (own.corpus(own.FEATURES[0], own.RELEASES[0], 0, 86_400) for _ in range(2))
    assert one == other
    assert one.digest == other.digest
    assert own.SupportStory().digest == own.SupportStory().digest


def test_own_set_has_failures_of_both_kinds():
    answers = own.corpus(own.FEATURES[0], own.RELEASES[0], 0, 14 * 86_400).answers
    failed = Counter(answer.status for answer in answers if not answer.text)
    assert failed[200]
    assert failed[503]


def test_others_are_other_models_answers_to_the_same_prompt():
    a = Answer("p", "one", "yes", 1, 0.5)
    b = Answer("p", "two", "no", 1, 0.5)
    same = Answer("p", "three", "yes", 1, 0.5)
    elsewhere = Answer("q", "two", "no", 1, 0.5)
    corpus = Corpus("service", "1", [a, b, b, same, elsewhere])
    assert corpus.others(a) == [b]
    assert corpus.others(b) == [a, same]
    assert corpus.others(elsewhere) == []


def test_digest_follows_the_answers():
    one = Corpus("service", "1", [Answer("p", "m", "yes", 1, 0.5)])
    other = Corpus("service", "1", [Answer("p", "m", "no", 1, 0.5)])
    assert one.digest != other.digest
