import random
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.details import InputKeys, describe
from otel_ai_feedback.capture.text.sketch import BINS, END_CHARACTERS, MIN_GRAMS, grams, sketch

KEY = b"k" * 32
DOCS = Path(__file__).parents[2] / "docs"


def similarity(one, other):
    pairs = zip(bytes.fromhex(one), bytes.fromhex(other), strict=True)
    return sum(a == b for a, b in pairs) / BINS


def test_grams_fold_case_and_punctuation_and_pad():
    assert grams("A-b") == {" a ", "a b", " b "}
    assert grams("Straße_1") == grams("STRASSE  1!")
    assert grams("...") == grams("") == set()


def test_two_characters_of_a_dense_script_are_a_gram():
    assert grams("重置密码") == {"重置", "置密", "密码"}
    assert grams("导出PDF 吗") == {"导出", "出p", "pdf", "df "}
    assert grams("비밀번호") == {"비밀", "밀번", "번호"}


@pytest.mark.parametrize(
    "turn",
    ["yes", "continue", "Please continue!", "tell me more", "继续说", "계속", "", "?!", "😀"],
)
def test_a_generic_turn_has_no_sketch_and_no_hash(turn):
    assert sketch(turn, KEY) is None
    assert describe(turn, InputKeys(hash=KEY, min_length=0, sketch=KEY)) == {}


@pytest.mark.parametrize("turn", ["Weather in Paris?", "怎么重置密码"])
def test_a_few_words_have_a_sketch(turn):
    found = describe(turn, InputKeys(hash=KEY, min_length=0, sketch=KEY))
    assert set(found) == {names.INPUT_HASH, names.INPUT_SKETCH}


def test_equal_texts_agree_and_other_keys_do_not():
    text = "How do I export the invoices of last month?"
    assert sketch(text, KEY) == sketch(f"  {text.upper()} ", KEY)
    assert similarity(sketch(text, KEY), sketch(text, b"another")) < 0.1


def test_estimates_jaccard_within_its_standard_error():
    words = [f"{a}{b}{c}" for a in "bdfgklm" for b in "aeiou" for c in "nprst"]
    chance = random.Random(20261123)
    errors = []
    for _ in range(300):
        shared = chance.sample(words, 25)
        one = " ".join(shared[: chance.randint(0, 25)] + chance.sample(words, 10))
        other = " ".join(shared[: chance.randint(0, 25)] + chance.sample(words, 10))
        a, b = grams(one), grams(other)
        truth = len(a & b) / len(a | b)
        errors.append(similarity(sketch(one, KEY), sketch(other, KEY)) - truth)
    mean = sum(errors) / len(errors)
    spread = (sum(error * error for error in errors) / len(errors)) ** 0.5
    # sqrt(J (1 - J) / 128) is at most .044; equal bytes by chance add at most 1/256.
    assert abs(mean) < 0.012
    assert spread < 0.055


def test_short_turns_are_estimated_too():
    chance = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    errors = []
    for _ in range(300):
        stem = "".join(chance.choices(letters, k=20))
        one, other = stem + " " + chance.choice(letters) * 2, stem[:14] + " please"
        a, b = grams(one), grams(other)
        errors.append(similarity(sketch(one, KEY), sketch(other, KEY)) - len(a & b) / len(a | b))
    assert abs(sum(errors) / len(errors)) < 0.02
    # Borrowed bins are not independent, so short turns are noisier than the formula says.
    assert (sum(error * error for error in errors) / len(errors)) ** 0.5 < 0.12


def test_the_two_ends_of_a_long_turn_count():
    chance = random.Random(1)
    book = "".join(chance.choices("abcdefghij ", k=20 * END_CHARACTERS))
    begin, end = book[:END_CHARACTERS], book[-END_CHARACTERS:]
    assert sketch(book, KEY) == sketch(f"{begin} {end}", KEY)
    assert sketch(book, KEY) != sketch(begin, KEY)


def test_long_turns_about_other_things_are_not_alike():
    pages = [path.read_text() for path in sorted(DOCS.glob("*.md"))]
    for length in (2_500, 5_000):
        long = [page[200 : 200 + length] for page in pages if len(page) > length + 200]
        pairs = list(combinations([grams(text) for text in long], 2))
        assert len(pairs) > 100
        shared = [len(one & other) / len(one | other) for one, other in pairs]
        assert sum(one >= 0.3 for one in shared) / len(shared) <= 0.01
        # Under one key a page's estimates are off together, so many keys are averaged.
        found = [
            similarity(*pair)
            for key in range(16)
            for pair in combinations([sketch(text, b"%032d" % key) for text in long], 2)
        ]
        assert sum(found) / len(found) == pytest.approx(sum(shared) / len(shared), abs=0.01)
        assert sum(one >= 0.3 for one in found) / len(found) <= 0.02


def test_a_long_turn_is_like_itself_with_another_word_and_more_said():
    page = (DOCS / "compare.md").read_text()[:5_000]
    changed = page.replace("answers", "replies") + " Please use short sentences."
    assert similarity(sketch(page, KEY), sketch(changed, KEY)) > 0.6


@given(st.text(st.characters(exclude_categories=())))
def test_takes_any_text(text):
    found = sketch(text, KEY)
    enough = sum(4 if len(gram) == 2 else 1 for gram in grams(text)) >= MIN_GRAMS
    assert (found is not None) == enough
    assert found is None or len(found) == 2 * BINS
