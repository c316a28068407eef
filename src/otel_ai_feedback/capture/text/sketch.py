"""A keyed sketch of a user turn, from which SQL can estimate how alike two turns are.

Densified one-permutation MinHash (Li, Owen, Zhang 2012; Shrivastava 2017) of the distinct
character 3-grams: 128 bins of 8 bit, two hexadecimal digits each. The share of equal bins
estimates the Jaccard similarity with a standard error of sqrt(J (1 - J) / 128).

Under 8 distinct grams a similarity says nothing ("yes", "no"), and only equality counts: the bins
of such a turn are a keyed hash of the whole, so they agree with those of an equal turn alone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b, shake_128
from itertools import pairwise
from typing import Final

BINS: Final = 128
MIN_GRAMS: Final = 8
MAX_CHARACTERS: Final = 20_000
# How many words are remembered with their hashes, of up to how many characters: 6 MB at most.
MAX_WORDS: Final = 8_000
_LONGEST_WORD: Final = 24
# More than any hash of 8 bytes.
_NONE: Final = 1 << 64

_NOT_ALPHANUMERIC: Final = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """The text casefolded, with other characters than letters and digits as single spaces.

    Only the first 20,000 characters count: one pasted book must not hold up the worker.
    """
    return _NOT_ALPHANUMERIC.sub(" ", text[:MAX_CHARACTERS].casefold()).strip()


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
    folded = fold(text)
    if not folded:
        return None
    values = _values(folded, _keyed_grams(key))
    if len(values) < MIN_GRAMS:
        return _of_the_whole(folded, key)
    lowest = [_NONE] * BINS
    for value in values:
        # Bin number: what is left of a division by 128.
        index = value & 127
        if value < lowest[index]:
            lowest[index] = value
    # Bits 7 to 14: bin number and minimum are decided by the other bits, so these stay uniform.
    if _NONE in lowest:
        lowest = [_value(lowest, at) if one == _NONE else one for at, one in enumerate(lowest)]
    return bytes([value >> 7 & 0xFF for value in lowest]).hex()


class _KeyedGrams(dict[str, tuple[int, ...]]):
    """The keyed hashes of the 3-grams of words seen lately, as words come again in every turn.

    A word of a turn has the same grams wherever it stands, but for those around the space between
    two words, which are kept as a word of their own.
    """

    def __init__(self, key: bytes) -> None:
        super().__init__()
        self._begin: Final = blake2b(key=key, digest_size=8).copy

    def __missing__(self, padded: str) -> tuple[int, ...]:
        values = []
        for at in range(len(padded) - 2):
            hasher = self._begin()
            hasher.update(padded[at : at + 3].encode("utf-8", "replace"))
            values.append(int.from_bytes(hasher.digest(), "little"))
        found = tuple(values)
        if len(padded) <= _LONGEST_WORD:
            if len(self) >= MAX_WORDS:
                self.clear()
            self[padded] = found
        return found


@lru_cache(maxsize=4)
def _keyed_grams(key: bytes) -> _KeyedGrams:
    return _KeyedGrams(key)


def _values(folded: str, keyed: _KeyedGrams) -> set[int]:
    """Keyed hashes of the distinct 3-grams of a folded text."""
    words = folded.split(" ")
    distinct = {f" {word} " for word in set(words)}
    distinct.update([f"{one[-1]} {other[0]}" for one, other in pairwise(words)])
    return set().union(*map(keyed.__getitem__, distinct))


def _of_the_whole(folded: str, key: bytes) -> str:
    keyed = blake2b(folded.encode("utf-8", "replace"), key=key, person=b"short turn")
    return shake_128(keyed.digest()).hexdigest(BINS)


def _value(lowest: list[int], index: int) -> int:
    """The bin's own minimum, else that of the first filled bin in its fixed random order."""
    own = lowest[index]
    if own != _NONE:
        return own
    for donor in _donors(index):
        borrowed = lowest[donor]
        if borrowed != _NONE:
            return borrowed
    return next(value for value in lowest if value != _NONE)


@lru_cache(maxsize=BINS)
def _donors(index: int) -> bytes:
    """Bins to borrow from, in an order of its own for each bin (rotation would be biased)."""
    return bytes(byte % BINS for byte in shake_128(bytes([index])).digest(1024))
