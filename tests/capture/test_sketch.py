import random

from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.capture.text.sketch import BINS, MAX_CHARACTERS, grams, sketch

KEY = b"k" * 32


def similarity(one, other):
    pairs = zip(bytes.fromhex(one), bytes.fromhex(other), strict=True)
    return sum(a == b for a, b in pairs) / BINS


def test_grams_fold_case_and_punctuation_and_pad():
    assert grams("A-b") == {" a ", "a b", " b "}
    assert grams("Straße_1") == grams("STRASSE  1!")
    assert grams("...") == grams("") == set()


def test_of_short_turns_only_equality_counts():
    assert len(grams("weather")) == 7
    weather = sketch("weather", KEY)
    assert weather == sketch(" Weather?! ", KEY)
    for other in ("weathe", "weather?s", "whether", "what's the weather like"):
        assert similarity(weather, sketch(other, KEY)) < 0.1
    assert sketch("weather", KEY) != sketch("weather", b"another")
    assert len(grams("abcdefgh")) == 8
    assert similarity(sketch("abcdefgh", KEY), sketch("abcdefghi", KEY)) > 0.5


def test_without_letters_and_digits_there_is_nothing_to_compare():
    assert sketch("", KEY) is sketch("?!", KEY) is None


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


def test_only_the_beginning_of_a_pasted_book_counts():
    book = "".join(random.Random(1).choices("abcdefghij ", k=MAX_CHARACTERS + 5000))
    assert sketch(book, KEY) == sketch(book[:MAX_CHARACTERS], KEY)


@given(st.text(st.characters(exclude_categories=())))
def test_takes_any_text(text):
    found = sketch(text, KEY)
    assert (found is None) == (not grams(text))
    assert found is None or len(found) == 2 * BINS
