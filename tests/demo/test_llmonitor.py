import json

import pytest

from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.demo import llmonitor


@pytest.fixture
def directory(tmp_path):
    """Three models, one prompt: the first beats the second ten times, nobody judged the third."""
    (tmp_path / "prompts.jsonl").write_text(json.dumps({"id": 8, "text": "Tell a joke."}) + "\n")
    results = [
        {"model": 1, "name": "Good", "prompt": 8, "result": "A joke.", "duration": 1500.0},
        {"model": 2, "name": "Bad", "prompt": 8, "result": "\n", "duration": 10.5},
        {"model": 3, "name": "New", "prompt": 8, "result": "No.", "duration": 1.0},
    ]
    (tmp_path / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in results))
    (tmp_path / "crowd-comparisons.csv").write_text(
        "id,prompt,model_x,model_y,worker,winner,left,right\n"
        + "0,8,1,2,5,left,Good,Bad\n" * 5
        + "1,8,2,1,5,right,Bad,Good\n" * 5
    )
    return tmp_path


def test_reads_what_is_there(directory):
    by_model = {answer.model: answer for answer in llmonitor.read(directory).answers}
    assert by_model["Good"].text == "A joke."
    assert by_model["Good"].prompt == "Tell a joke."
    assert by_model["Good"].duration_ns == 1_500_000_000
    assert by_model["Bad"].text == "\n"
    assert by_model["Bad"].duration_ns == 10_500_000


def test_quality_follows_the_judgements_but_not_blindly(directory):
    quality = {answer.model: answer.quality for answer in llmonitor.read(directory).answers}
    assert 0.8 < quality["Good"] < 1
    assert 0 < quality["Bad"] < 0.2
    assert quality["Good"] + quality["Bad"] == pytest.approx(1)
    assert quality["New"] == 0.5


def test_a_tie_is_half_a_win():
    shares = llmonitor.WinShares()
    shares.add(1, 8, 0.5)
    assert shares(1, 8) == 0.5


def test_names_what_is_missing(tmp_path):
    (tmp_path / "prompts.jsonl").touch()
    with pytest.raises(ConfigError, match=r"no results\.jsonl and no crowd-comparisons\.csv"):
        llmonitor.read(tmp_path)


@pytest.mark.parametrize("content", ["{", '{"model": 1}', "[]"])
def test_says_when_it_is_another_data_set(directory, content):
    (directory / "results.jsonl").write_text(content + "\n")
    with pytest.raises(ConfigError, match="is not the LLMonitor data set"):
        llmonitor.read(directory)
