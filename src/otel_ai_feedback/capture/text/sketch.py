"""A keyed sketch of a user turn, from which SQL can estimate how alike two turns are.

Densified one-permutation MinHash (Li, Owen, Zhang 2012; Shrivastava 2017) of the distinct grams:
128 bins of 8 bit, two hexadecimal digits each. The share of equal bins estimates the Jaccard
similarity with a standard error of sqrt(J (1 - J) / 128).

A gram is three characters; two where one of them is of a script that puts no spaces between words
or writes a syllable as one character, as three of these are most of a sentence.

Of a long turn the first and the last 250 characters count, where a question stands beside what was
pasted. Any two texts of 4,000 characters share a third of their grams, whatever they are about.

A turn of less than 16 grams has no sketch: "yes", "continue" and "tell me more" come again without
a complaint about the answer. A gram of two characters counts as four.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b, shake_128
from itertools import chain
from typing import Final, TypeVar

T = TypeVar("T")

BINS: Final = 128
MIN_GRAMS: Final = 16
# From each end of a turn.
END_CHARACTERS: Final = 250
# How many words are remembered with their hashes, of up to how many characters: 6 MB at most.
MAX_WORDS: Final = 8_000
_LONGEST_WORD: Final = 24
# No more than this is any hash of 8 bytes; an empty bin holds this very object.
_NONE: Final = (1 << 64) - 1
# Of a number in an array.
_LAST_BYTE: Final = 0 if sys.byteorder == "little" else 7
_UNFILLED: Final = [_NONE] * BINS

_NOT_ALPHANUMERIC: Final = re.compile(r"[\W_]+")
# Thai, Lao, Myanmar, Khmer, kana, Chinese characters, syllables of Hangul.
_DENSE: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_DENSE_WEIGHT: Final = 4
# The same for ASCII, where a table takes a tenth of the time.
_ASCII_FOLDS: Final = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)
).ljust(256, b" ")


def fold(text: str) -> str:
    """What counts of the text: casefolded, other than letters and digits as single spaces."""
    return " ".join(_words(text))


def _words(text: str) -> list[str]:
    """What folding leaves between the spaces."""
    if len(text) > 2 * END_CHARACTERS:
        text = f"{text[:END_CHARACTERS]} {text[-END_CHARACTERS:]}"
    if text.isascii():
        return text.encode().translate(_ASCII_FOLDS).decode().split()
    # Not split() alone, which knows other spaces than the one that was put there.
    return _NOT_ALPHANUMERIC.sub(" ", text.casefold()).strip().split(" ")


def grams(text: str) -> set[str]:
    """Distinct grams of the folded text, with a space at both ends."""
    folded = fold(text)
    return set(_grams(f" {folded} ")) if folded else set()


def _grams(text: str) -> list[str]:
    found = [text[at : at + 3] for at in range(len(text) - 2)]
    if text.isascii() or not _DENSE.search(text):
        return found
    pairs = (text[at : at + 2] for at in range(len(text) - 1))
    return [gram for gram in found if not _DENSE.search(gram)] + [
        pair for pair in pairs if " " not in pair and _DENSE.search(pair)
    ]


def sketch(text: str, key: bytes) -> str | None:
    """Sketch of the text in 256 hexadecimal digits, or ``None`` when it has too few grams.

    Args:
        text: A user turn.
        key: Secret of up to 64 bytes; sketches under different keys are not comparable.
    """
    words = _words(text)
    if not words or not words[0]:
        return None
    values = _values(words, *_keyed_grams(key))
    lowest = _UNFILLED.copy()
    for value in chain.from_iterable(values):
        index = value >> 57
        if value < lowest[index]:
            lowest[index] = value
    empty = [at for at, value in enumerate(lowest) if value is _NONE]
    if empty:
        if BINS - len(empty) < MIN_GRAMS and _weight(grams(text)) < MIN_GRAMS:
            return None
        borrowed = [_borrowed(lowest, at) for at in empty]
        for at, value in zip(empty, borrowed, strict=True):
            lowest[at] = value
    # Bin number and minimum are decided by the other bits, so the last eight stay uniform.
    return array("Q", lowest).tobytes()[_LAST_BYTE::8].hex()


class _KeyedGrams(dict[T, tuple[int, ...]]):
    """Keyed hashes of grams seen recently, as words come again in every turn.

    The bin that a hash belongs to, its remainder of a division by 128, is in front of the others
    of its 64 bits.

    Args:
        key: Secret of the hashes.
        text: The text whose grams belong to an entry, from what it is found by.
    """

    def __init__(self, key: bytes, text: Callable[[T], str]) -> None:
        super().__init__()
        self._begin: Final = blake2b(key=key, digest_size=8).copy
        self._text: Final = text

    def __missing__(self, name: T) -> tuple[int, ...]:
        text = self._text(name)
        values = []
        for gram in _grams(text):
            hasher = self._begin()
            hasher.update(gram.encode("utf-8", "replace"))
            value = int.from_bytes(hasher.digest(), "little")
            values.append((value & 127) << 57 | value >> 7)
        found = tuple(values)
        if len(text) <= _LONGEST_WORD:
            if len(self) >= MAX_WORDS:
                self.clear()
            self[name] = found
        return found


@lru_cache(maxsize=4)
def _keyed_grams(key: bytes) -> tuple[_KeyedGrams[str], _KeyedGrams[tuple[str, str]]]:
    """Those of words, which are the same wherever it stands, and those around the spaces."""
    return _KeyedGrams(key, " {} ".format), _KeyedGrams(key, " ".join)


def _values(
    words: list[str], within: _KeyedGrams[str], between: _KeyedGrams[tuple[str, str]]
) -> list[tuple[int, ...]]:
    """Keyed hashes of the grams of the words, with a space around each."""
    ends = [word[-1] for word in words]
    begins = [word[0] for word in words[1:]]
    spaces = set(zip(ends, begins, strict=False))
    return [*map(within.__getitem__, set(words)), *map(between.__getitem__, spaces)]


def _weight(found: set[str]) -> int:
    return sum(_DENSE_WEIGHT if len(gram) == 2 else 1 for gram in found)


def _borrowed(lowest: list[int], index: int) -> int:
    """For a bin without a minimum, that of the first filled bin in its fixed random order."""
    for donor in _donors(index):
        found = lowest[donor]
        if found is not _NONE:
            return found
    return next(value for value in lowest if value is not _NONE)


@lru_cache(maxsize=BINS)
def _donors(index: int) -> bytes:
    """Bins to borrow from, in an order of its own for each bin (rotation would be biased)."""
    return bytes(byte % BINS for byte in shake_128(bytes([index])).digest(1024))
