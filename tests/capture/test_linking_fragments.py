"""Winnowing: which fragment was taken from which text."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.capture.text.fragments import (
    GRAM,
    MAX_CHARACTERS,
    WINDOW,
    best_matches,
    fingerprints,
    fold,
    winnow,
)

KEY = b"a key of 16 char"
GUARANTEED = WINDOW + GRAM - 1
# A small alphabet makes equal grams and equal hashes, where the rules for ties matter.
WORDS = st.text(st.sampled_from("abcd"), max_size=80)
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)
ANSWER = (
    "The capital of France is Paris. It lies on the river Seine, in the north of the country, "
    "and has been its centre of finance, fashion and gastronomy since the seventeenth century."
)


@given(WORDS, WORDS, WORDS, WORDS, st.text(st.sampled_from("abcdexyz"), min_size=GUARANTEED))
def test_texts_that_share_enough_share_a_fingerprint(before, after, other, another, shared):
    one = set(fingerprints(before + shared + after, KEY))
    assert one & set(fingerprints(other + shared + another, KEY))


@given(st.lists(st.integers(0, 3), max_size=60))
def test_every_window_keeps_one_of_its_lowest(hashes):
    kept = winnow(hashes)
    assert kept == sorted(set(kept))
    for start in range(max(len(hashes) - WINDOW + 1, 1 if hashes else 0)):
        window = range(start, min(start + WINDOW, len(hashes)))
        lowest = min(hashes[place] for place in window)
        assert any(hashes[place] == lowest for place in kept if place in window)


def test_a_run_of_equal_hashes_is_not_kept_whole():
    assert winnow([5] * 80) == list(range(WINDOW - 1, 80, WINDOW))


def test_of_equals_the_rightmost_is_kept():
    assert winnow([9, 1, 9, 1, 9, 9, 9, 9]) == [3]


def test_about_two_in_nine_grams_are_kept():
    letters = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=10_000))
    share = len(fingerprints(letters, KEY)) / (len(letters) - GRAM + 1)
    assert share == pytest.approx(2 / (WINDOW + 1), abs=0.01)


@pytest.mark.parametrize(
    "copy",
    [
        ANSWER.upper(),
        ANSWER.replace(" ", "\r\n\t"),
        ANSWER.replace("France", "*France*").replace(".", " !"),
        ANSWER.replace("f", "ｆ").replace("fi", "ﬁ"),
    ],
)
def test_case_spacing_punctuation_and_width_do_not_matter(copy):
    assert fold(copy) == fold(ANSWER)
    assert fingerprints(copy, KEY) == fingerprints(ANSWER, KEY)


def test_another_key_gives_other_fingerprints():
    other = fingerprints(ANSWER, b"another key")
    assert not set(other) & set(fingerprints(ANSWER, KEY))


@given(ANYTHING)
def test_any_text_has_few_and_small_ones(text):
    found = fingerprints(text, KEY)
    assert len(found) <= max(len(fold(text)) - GRAM + 1, 0)
    assert list(found) == sorted(set(found))
    assert found.itemsize == 4


def test_only_the_beginning_of_a_book_counts():
    book = "".join(random.Random(2).choices("abcdefgh ", k=MAX_CHARACTERS * 3))
    assert fingerprints(book, KEY) == fingerprints(book[:MAX_CHARACTERS], KEY)


def matches(fragment, *texts):
    candidates = [(text, fingerprints(text, KEY)) for text in texts]
    return best_matches(fingerprints(fragment, KEY), candidates)


def test_an_edited_fragment_is_found():
    used = "It's on the river Seine, in the north of the country, and a centre of fashion"
    assert matches(used, "Rome lies on the river Tiber.", ANSWER) == [ANSWER]


def test_texts_that_hold_equally_much_are_all_given_in_order():
    again = "Let me say it once more. " + ANSWER
    assert matches(ANSWER[20:120], again, "something else", ANSWER) == [again, ANSWER]


def test_a_stock_phrase_is_not_enough():
    used = (
        "The capital of France is where we met, danced, quarrelled and parted, all on a Sunday in "
        "May when the chestnut trees were flowering and nobody had anything better to do"
    )
    assert matches(used, ANSWER) == []


@pytest.mark.parametrize("fragment", ["", "Paris", "the capital of", "…"])
def test_too_little_is_not_matched(fragment):
    assert matches(fragment, ANSWER) == []


@given(
    st.lists(st.integers(0, 50), unique=True, max_size=30), st.lists(st.sets(st.integers(0, 50)))
)
def test_what_is_found_holds_enough_and_none_holds_more(fragment, candidates):
    found = best_matches(fragment, enumerate(candidates))
    shared = [len(set(fragment) & candidate) for candidate in candidates]
    if found:
        most = max(shared)
        assert most >= 2
        assert most >= 0.3 * len(fragment)
        assert found == [number for number, count in enumerate(shared) if count == most]
    else:
        assert all(count < max(2, 0.3 * len(fragment)) for count in shared)
