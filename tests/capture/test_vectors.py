"""The vectors that other languages are held to are what this package makes."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

MAKE = Path(__file__).parents[1] / "vectors/make.py"
AGAIN = "run `python tests/vectors/make.py`"


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("make_vectors", MAKE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_computed(make):
    assert (make.HERE / "capture.json").read_text() == make.written(make.capture_vectors()), AGAIN


def test_what_is_read_from_recorded_spans(make):
    assert (make.HERE / "recorded_spans.json").read_text() == make.written(make.recorded_spans()), (
        AGAIN
    )


def test_the_table_of_letters(make):
    # A later Python may know more letters.
    rows = re.findall(r"^  \[(.*), (.*)\],$", make.FOLDS.read_text(), re.M)
    assert len(rows) > 200, AGAIN
    for one, other in rows:
        assert json.loads(one).casefold() == json.loads(other), AGAIN
