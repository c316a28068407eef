"""Whether the sampled answers have text, in words."""

import pytest
from reading import outputs

from otel_ai_feedback.review.draw_text import lacking_text


@pytest.mark.slow
def test_with_text_there_is_nothing_to_say(clean):
    assert lacking_text(clean) is None
    outputs(clean, 5)
    assert lacking_text(clean) is None


def test_without_text_it_says_what_to_do(clean):
    nothing = {"gen_ai__output__messages": None, "gen_ai__input__messages": None}
    outputs(clean, 5, **nothing)
    said = lacking_text(clean)
    assert said.startswith("5 of 5 recently sampled answers")
    assert "OTEL_AI_FEEDBACK_OUTPUT_URL" in said
    assert "OTEL_AI_FEEDBACK_REVIEW_TEXT=sample" in said
