import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.capture.text.hashing import hash_text
from otel_ai_feedback.capture.text.normalise import normalise, scrub

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/normalisation.json").read_text())
ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates included


def text_of(vector):
    if "repeat" in vector:
        return vector["repeat"]["unit"] * vector["repeat"]["count"]
    return vector["text"] if "text" in vector else "".join(map(chr, vector["utf16"]))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_shared_vectors(vector):
    normalised = normalise(text_of(vector))
    assert len(normalised.decode()) == vector["length"]
    if "normalised" in vector:
        assert normalised.decode() == vector["normalised"]
    assert hash_text(text_of(vector), None) == "sha256:" + vector["sha256_32hex"]


@given(ANY_TEXT)
def test_agrees_with_the_prescribed_regular_expression(text):
    well_formed = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert normalise(text).decode() == re.sub(r"[\t\n\v\f\r ]+", " ", well_formed).strip(" ")


@given(ANY_TEXT)
def test_is_idempotent_and_always_encodable(text):
    once = normalise(text)
    assert normalise(once.decode()) == once
    scrub(text).encode()


@given(st.text())
def test_scrub_leaves_well_formed_text_alone(text):
    assert scrub(text) == text


@given(st.text(st.sampled_from(" \t\n\v\f\r\xa0aé")))
def test_runs_of_any_whitespace_become_one_space(text):
    assert normalise(text).decode() == re.sub(r"[\t\n\v\f\r ]+", " ", text).strip(" ")
