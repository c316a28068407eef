import json

import pytest

from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.demo import own
from otel_ai_feedback.demo.run import run
from otel_ai_feedback.demo.story import Replay
from otel_ai_feedback.review.draw_text import lacking_text


@pytest.fixture
def small(monkeypatch, small_corpus):
    monkeypatch.setattr(own, "SupportStory", lambda: Replay(small_corpus))


@pytest.mark.slow
def test_prints_one_json_document(small, settings, clean, capsys):
    assert run(settings, days=2, once=True, as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["outputs"] >= 60
    assert document["lost_outputs"] == document["lost_actions"] == 0
    assert document["wrong_links"] == document["wrong_hashes"] == 0
    assert document["linked_share"] == 1
    assert document["days"] == 2
    assert document["store"] == settings.store
    assert document["rates"]["copied"]["low"] < document["rates"]["copied"]["rate"]
    # and there is something to read at /review, with its text
    ((waiting,),) = clean.query(
        "select count() from review_queue where state = 'waiting'"
    ).result_rows
    assert waiting > 0
    assert lacking_text(clean) is None


@pytest.mark.slow
def test_prints_a_table_for_people(small, settings, clean, capsys):
    assert run(settings, days=1, once=True) == 0
    printed = capsys.readouterr().out
    assert "nothing lost, nothing wrong" in printed
    assert "copied" in printed


@pytest.mark.parametrize("days", [0, 366])
def test_wrong_days_are_refused(settings, days):
    with pytest.raises(ConfigError, match="--days"):
        run(settings, days=days)
