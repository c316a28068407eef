"""Why an output was sampled or was not, on the whole schema."""

from datetime import datetime, timedelta, timezone

import pytest
from raw_rows import SECOND, T0, insert, llm_span, output_id

from otel_ai_feedback.review import draw
from otel_ai_feedback.review.explain import capacity, explain

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
LATER = START + timedelta(days=3)


@pytest.mark.slow
def test_each_case_has_its_sentence(clean):
    insert(clean, [llm_span(f"o{n}", at=n, text=f"text {n}") for n in range(119)])
    first = output_id("o0")
    assert "user actions still arrive until" in explain(clean, first, START + timedelta(minutes=1))
    assert "sampled an hour after" in explain(clean, first, START + timedelta(hours=2))
    assert "sampling has not run" in explain(clean, first, LATER)
    (group,) = draw.freeze(clean, as_of=LATER)
    assert group.drawn == 100
    names = clean.query("select output_id from review_draw order by u").result_rows
    said = explain(clean, names[0][0], LATER)
    assert said.startswith("Sampled on ")
    assert "as one of 100 of 119 answers of chat/production/chat" in said
    missed = set(map(output_id, (f"o{n}" for n in range(119)))) - {name for (name,) in names}
    assert len(missed) == 19
    assert "Its random key is" in explain(clean, missed.pop(), LATER)
    assert "no delivered output" in explain(clean, "f" * 32 + "-" + "f" * 16, LATER)
    assert draw.freeze(clean, as_of=LATER) == []


def test_what_is_no_id_is_refused(clean):
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        explain(clean, "42")


@pytest.mark.slow
def test_what_the_hour_can_carry(clean):
    assert "all are sampled" in capacity(clean, LATER)
    named = [{"service.name": f"s{service}"} for service in range(9)]
    insert(
        clean,
        [llm_span(f"{name}{n}", at=n, resource=name) for name in named for n in range(3)],
    )
    draw.freeze(clean, as_of=LATER)
    insert(clean, [llm_span("next", at=8 * 86_400, resource=named[0])])
    draw.freeze(clean, as_of=START + timedelta(days=10))
    said = capacity(clean, LATER)
    assert said.startswith("60 minutes of review a week at 30 s per answer (assumed until 20")
    assert "cover 120 answers." in said
    assert "enough for 8 features. There are 9 features, so they take turns" in said
    assert "quality_pooled" in said


def test_outside_of_the_sample_that_keeps_its_text(clean):
    lot = {"ai_feedback__text__rate": "0.5"}
    insert(
        clean,
        [llm_span(f"o{n}", at=n, text=f"text {n}", **(lot if n % 2 else {})) for n in range(20)],
    )
    (group,) = draw.freeze(clean, as_of=LATER)
    assert (group.drawn, group.outputs) == (10, 20)
    assert "is not in it" in explain(clean, output_id("o2"), LATER)
    assert explain(clean, output_id("o1"), LATER).startswith("Sampled on ")
    assert clean.query("select distinct weight from review_draw").result_rows == [(2.0,)]
