import dataclasses
import random

import pytest

from otel_ai_feedback.demo import own
from otel_ai_feedback.demo.corpus import Corpus


@pytest.fixture(scope="session")
def small_corpus():
    """Sixty of the demo's own answers, with some that are empty and some that fail."""
    answers = [
        answer
        for feature in own.FEATURES
        for answer in own.corpus(feature, own.RELEASES[-1], 0, 86_400).answers
    ]
    answers = random.Random(1).sample(answers, 58)
    answers.append(dataclasses.replace(answers[0], text=" \n", quality=0.0))
    answers.append(dataclasses.replace(answers[1], text="", quality=0.0, status=503))
    return Corpus("small-chat", "1.0.0", answers)
