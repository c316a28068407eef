"""What is compared to find out whether a fact says something else than before."""

from __future__ import annotations

from hashlib import blake2b


def number_of(values: tuple[object, ...]) -> int:
    """A hash of values, the same in every process, as a UInt64."""
    return int.from_bytes(blake2b(repr(values).encode(), digest_size=8).digest(), "big")
