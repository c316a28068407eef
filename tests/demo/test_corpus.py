from collections import Counter

from otel_ai_feedback.demo import own
from otel_ai_feedback.demo.corpus import Answer, Corpus


def test_own_set_is_the_same_on_every_call():
    assert own.corpus() == own.corpus()
    assert own.corpus().digest == own.corpus().digest


def test_own_set_has_models_that_differ_and_one_that_fades():
    answers = own.corpus().answers
    third = len(answers) * 2 // 3

    def mean(model, part):
        qualities = [answer.quality for answer in part if answer.model == model]
        return sum(qualities) / len(qualities)

    assert mean("finch-large", answers) > mean("finch-small", answers) + 0.2
    assert mean("finch-medium", answers[third:]) < mean("finch-medium", answers[:third]) - 0.2
    assert abs(mean("finch-large", answers[third:]) - mean("finch-large", answers[:third])) < 0.1


def test_own_set_has_failures_of_both_kinds():
    failed = Counter(answer.status for answer in own.corpus().answers if not answer.text)
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
