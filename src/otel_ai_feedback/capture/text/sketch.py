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
from typing import Final

BINS: Final = 128
MIN_GRAMS: Final = 8
MAX_CHARACTERS: Final = 20_000

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
    distinct = _grams(folded)
    if len(distinct) < MIN_GRAMS:
        return _of_the_whole(folded, key)
    lowest: list[int | None] = [None] * BINS
    keyed = blake2b(key=key, digest_size=8)
    for gram in distinct:
        hasher = keyed.copy()
        hasher.update(gram.encode("utf-8", "replace"))
        value = int.from_bytes(hasher.digest(), "little")
        index = value % BINS
        found = lowest[index]
        if found is None or value < found:
            lowest[index] = value
    # Bits 7 to 14: bin number and minimum are decided by the other bits, so these stay uniform.
    return bytes(_value(lowest, index) >> 7 & 0xFF for index in range(BINS)).hex()


def _of_the_whole(folded: str, key: bytes) -> str:
    keyed = blake2b(folded.encode("utf-8", "replace"), key=key, person=b"short turn")
    return shake_128(keyed.digest()).hexdigest(BINS)


def _value(lowest: list[int | None], index: int) -> int:
    """The bin's own minimum, else that of the first filled bin in its fixed random order."""
    own = lowest[index]
    if own is not None:
        return own
    for donor in _donors(index):
        borrowed = lowest[donor]
        if borrowed is not None:
            return borrowed
    return next(value for value in lowest if value is not None)


@lru_cache(maxsize=BINS)
def _donors(index: int) -> bytes:
    """Bins to borrow from, in an order of its own for each bin (rotation would be biased)."""
    return bytes(byte % BINS for byte in shake_128(bytes([index])).digest(1024))
