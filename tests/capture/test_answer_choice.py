"""Which output of a request is its answer."""

import pytest

from otel_ai_feedback.capture.linking.answer_choice import AMBIGUOUS, NONE, Choice, choose
from otel_ai_feedback.capture.linking.output import Output


def output(place, **known):
    return Output(1, place, 7, **{"has_text": True, "delivered": False} | known)


ANSWER = output(9, known_hash="h")
CASES = {
    "nothing": ([], NONE),
    "one": ([ANSWER], Choice(ANSWER)),
    "two that may both be it": ([output(1), ANSWER], AMBIGUOUS),
    "a step and the answer": ([output(1, calls=True), ANSWER], Choice(ANSWER)),
    "a failed call after it": ([ANSWER, output(1, has_text=False)], Choice(ANSWER)),
    "the same on two nested spans": ([output(1, known_hash="h"), ANSWER], Choice(ANSWER)),
}


@pytest.mark.parametrize("made", CASES)
def test_the_answer(made):
    outputs, expected = CASES[made]
    assert choose(outputs) == expected


def test_structured_output_is_the_answer_unless_another_call_follows():
    call = output(1, calls=True)
    assert choose([output(2, calls=True), call]) == Choice(call)
    assert choose([call, ANSWER]) == Choice(ANSWER)


def test_what_was_streamed_counts_more_and_what_was_marked_most():
    streamed, marked = output(2, streamed=True), output(3, marked=True)
    assert choose([output(1), streamed, output(4)]) == Choice(streamed)
    assert choose([streamed, output(5, streamed=True)]) == AMBIGUOUS
    assert choose([streamed, marked, output(4)]) == Choice(marked)


def test_without_any_text_the_last_one_is_what_failed():
    failed = output(2, has_text=False)
    assert choose([output(1, has_text=False), failed]) == Choice(failed)
