"""Finding the text that a pasted and edited fragment was taken from.

Winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: Local Algorithms for Document Fingerprinting",
SIGMOD 2003, sections 3 and 5.1): of each 8 neighbouring 12-grams one is kept, so two texts that
share any 19 word characters in a row share a fingerprint, and about two in nine 12-grams are kept.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Final, TypeVar

T = TypeVar("T")

GRAM: Final = 12
WINDOW: Final = 8
MIN_CONTAINMENT: Final = 0.30
MIN_SHARED: Final = 2
# With more, chance agreement finds too many: bench/fragments.py measures it with as many.
MAX_CANDIDATES: Final = 20
# One pasted book must not hold up the worker, nor push everything else out of memory.
MAX_CHARACTERS: Final = 20_000

_NOT_WORD: Final = re.compile(r"[\W_]+")
# The largest prime under 2**30: residues of one machine digit keep Python's arithmetic quick.
_MODULUS: Final = 2**30 - 35


def fold(text: str) -> str:
    """The word characters of the text, in compatibility form and casefolded."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


def fingerprints(text: str, key: bytes) -> array[int]:
    """Distinct fingerprints of the text's first 20,000 characters, 32 bit each, ascending.

    Args:
        text: Any text.
        key: Secret of up to 64 bytes. Without it no one can tell which 12 characters a fingerprint
            stands for; fingerprints under different keys are not comparable.
    """
    folded = fold(text[:MAX_CHARACTERS])
    keyed = blake2b(key=key, digest_size=4)
    found: set[int] = set()
    for at in winnow(_rolling_hashes(folded, _multiplier(key))):
        hasher = keyed.copy()
        hasher.update(folded[at : at + GRAM].encode("utf-8", "replace"))
        found.add(int.from_bytes(hasher.digest(), "little"))
    return array("I", sorted(found))


def _multiplier(key: bytes) -> int:
    drawn = blake2b(key=key, digest_size=8, person=b"winnowing").digest()
    return int.from_bytes(drawn, "little") % (_MODULUS - 2) + 2


def _rolling_hashes(text: str, multiplier: int) -> list[int]:
    """Polynomial hash of each 12-gram (Karp, Rabin 1987), which decides what winnowing keeps."""
    codes = list(map(ord, text))
    if len(codes) < GRAM:
        return []
    leaving = pow(multiplier, GRAM, _MODULUS)
    value = 0
    for code in codes[:GRAM]:
        value = (value * multiplier + code) % _MODULUS
    hashes = [value]
    for code, left in zip(codes[GRAM:], codes, strict=False):
        value = (value * multiplier + code - left * leaving) % _MODULUS
        hashes.append(value)
    return hashes


def winnow(hashes: Sequence[int]) -> list[int]:
    """Places of the hashes to keep: in each window of 8 the lowest, of equals the rightmost.

    Robust winnowing: while the place kept last is still a lowest one, it stands, so that a run of
    equal hashes is not kept whole. A text of less than one window keeps its lowest hash.
    """
    kept: list[int] = []
    if not hashes:
        return kept
    place = -1
    for right in range(min(WINDOW, len(hashes)) - 1, len(hashes)):
        if place <= right - WINDOW or not kept:
            left = max(right - WINDOW + 1, 0)
            place = min(range(right, left - 1, -1), key=hashes.__getitem__)
            kept.append(place)
        elif hashes[right] < hashes[place]:
            place = right
            kept.append(place)
    return kept


def best_matches(
    fragment: Collection[int], candidates: Iterable[tuple[T, Iterable[int]]]
) -> list[T]:
    """The candidates that hold most of a fragment, in the order given; none if none holds enough.

    Args:
        fragment: Distinct fingerprints of the fragment.
        candidates: Each with its own distinct fingerprints.

    Returns:
        Those that share most fingerprints with the fragment, if that is at least 30 % of the
        fragment's and at least 2; several when they share equally many.
    """
    wanted = frozenset(fragment)
    best: list[T] = []
    most = 0
    for candidate, prints in candidates:
        shared = len(wanted.intersection(prints))
        if shared > most:
            best, most = [candidate], shared
        elif shared == most:
            best.append(candidate)
    enough = most >= MIN_SHARED and most >= MIN_CONTAINMENT * len(wanted)
    return best if enough else []
