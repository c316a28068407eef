import pytest

from otel_ai_feedback.pages.arrivals import arrivals

FINE = {
    "service": "shop", "language": "python", "spans": 40, "model_calls": 10, "untagged": 0,
    "answers": 10, "without_text": 0, "actions": 5, "unlinked": 0, "events": 20,
}  # fmt: skip


def test_what_is_all_of_use_has_no_gaps():
    (shop,) = arrivals([FINE])
    assert shop.service == "shop"
    assert shop.seen == "40 spans, 10 model calls, 5 user actions"
    assert shop.gaps == []


@pytest.mark.parametrize(
    ("changed", "seen", "remedy"),
    [
        (
            {"model_calls": 0, "answers": 0, "actions": 0, "events": 0},
            "No span of a model call", "pip install 'otel-ai-feedback[openai]'",
        ),
        ({"untagged": 4}, "4 model calls without our tags", "otel_ai_feedback.instrument()"),
        (
            {"untagged": 4, "language": "nodejs"},
            "4 model calls without our tags", "npm install @otel-ai-feedback/node",
        ),
        (
            {"untagged": 4, "language": "java"},
            "4 model calls without our tags", "docs/other-languages.md",
        ),
        (
            {"untagged": 4, "language": "go"},
            "4 model calls without our tags", "docs/collector.md",
        ),
        (
            {
                "language": "nodejs", "model_calls": 0, "answers": 0, "actions": 0, "events": 0,
            },
            "No span of a model call", "docs/node.md",
        ),
        ({"without_text": 8}, "8 answers whose text", "docs/instrumentations.md"),
        ({"events": 0}, "No events about answers", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ({"actions": 0}, "No user actions yet", "middleware"),
        ({"unlinked": 3}, "3 of 5 user actions matched no answer", "OTEL_AI_FEEDBACK_KEY"),
    ],
)  # fmt: skip
def test_each_gap_has_its_remedy(changed, seen, remedy):
    (shop,) = arrivals([FINE | changed])
    ((said, do),) = shop.gaps
    assert said.startswith(seen)
    assert remedy in do


def test_few_answers_without_text_or_events_are_chance():
    assert arrivals([FINE | {"without_text": 4}])[0].gaps == []
    assert arrivals([FINE | {"answers": 2, "model_calls": 2, "events": 0}])[0].gaps == []
