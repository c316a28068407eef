"""A keyed sketch of a user turn, from which SQL can estimate how alike two turns are.

Densified one-permutation MinHash (Li, Owen, Zhang 2012; Shrivastava 2017) of the distinct
character 3-grams: 128 bins of 8 bit, two hexadecimal digits each. The share of equal bins
estimates the Jaccard similarity with a standard error of sqrt(J (1 - J) / 128).

Under 8 distinct grams a similarity says nothing ("yes", "no"), and only equality counts: the bins
of such a turn are a keyed hash of the whole, so they agree with those of an equal turn alone.
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
MIN_GRAMS: Final = 8
MAX_CHARACTERS: Final = 20_000
# How many words are remembered with their hashes, of up to how many characters: 6 MB at most.
MAX_WORDS: Final = 8_000
_LONGEST_WORD: Final = 24
# No more than this is any hash of 8 bytes; an empty bin holds this very object.
_NONE: Final = (1 << 64) - 1
# Of a number in an array.
_LAST_BYTE: Final = 0 if sys.byteorder == "little" else 7
_UNFILLED: Final = [_NONE] * BINS

_NOT_ALPHANUMERIC: Final = re.compile(r"[\W_]+")
# The same for ASCII, where a table takes a tenth of the time.
_ASCII_FOLDS: Final = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)
).ljust(256, b" ")


def fold(text: str) -> str:
    """The text casefolded, with other characters than letters and digits as single spaces.

    Only the first 20,000 characters count: one pasted book must not hold up the worker.
    """
    return " ".join(_words(text))


def _words(text: str) -> list[str]:
    """What folding leaves between the spaces."""
    text = text[:MAX_CHARACTERS]
    if text.isascii():
        return text.encode().translate(_ASCII_FOLDS).decode().split()
    # Not split() alone, which knows other spaces than the one that was put there.
    return _NOT_ALPHANUMERIC.sub(" ", text.casefold()).strip().split(" ")


def grams(text: str) -> set[str]:
    """Distinct character 3-grams of the folded text, with a space at both ends."""
    return _grams(fold(text))


def _grams(folded: str) -> set[str]:
    padded = f" {folded} " if folded else ""
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def sketch(text: str, key: bytes) -> str | None:
    """Sketch of the text in 256 hexadecimal digits, or ``None`` when it has no letter or digit.

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
        if BINS - len(empty) < MIN_GRAMS and len(set().union(*values)) < MIN_GRAMS:
            return _of_the_whole(" ".join(words), key)
        borrowed = [_borrowed(lowest, at) for at in empty]
        for at, value in zip(empty, borrowed, strict=True):
            lowest[at] = value
    # Bin number and minimum are decided by the other bits, so the last eight stay uniform.
    return array("Q", lowest).tobytes()[_LAST_BYTE::8].hex()


class _KeyedGrams(dict[T, tuple[int, ...]]):
    """Keyed hashes of 3-grams seen lately, as words come again in every turn.

    The bin that a hash belongs to, its remainder of a division by 128, is in front of the others
    of its 64 bits.

    Args:
        key: Secret of the hashes.
        text: The text whose 3-grams belong to an entry, from what it is found by.
    """

    def __init__(self, key: bytes, text: Callable[[T], str]) -> None:
        super().__init__()
        self._begin: Final = blake2b(key=key, digest_size=8).copy
        self._text: Final = text

    def __missing__(self, name: T) -> tuple[int, ...]:
        text = self._text(name)
        values = []
        for at in range(len(text) - 2):
            hasher = self._begin()
            hasher.update(text[at : at + 3].encode("utf-8", "replace"))
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
    """Keyed hashes of the 3-grams of the words, with a space around each."""
    ends = [word[-1] for word in words]
    begins = [word[0] for word in words[1:]]
    spaces = set(zip(ends, begins, strict=False))
    return [*map(within.__getitem__, set(words)), *map(between.__getitem__, spaces)]


def _of_the_whole(folded: str, key: bytes) -> str:
    keyed = blake2b(folded.encode("utf-8", "replace"), key=key, person=b"short turn")
    return shake_128(keyed.digest()).hexdigest(BINS)


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
