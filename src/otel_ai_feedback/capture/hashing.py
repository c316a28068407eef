"""Hashes of texts and users: keyed by default, plain when other languages must match."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Final

from otel_ai_feedback.capture.normalise import normalise, scrub

DIGITS: Final = 32


def hash_text(text: str, key: bytes | None) -> str:
    """Hash of the normalised text, as ``ai_feedback.output.hash`` carries it.

    Args:
        text: Any text; it is normalised first.
        key: Secret for HMAC-SHA256, or ``None`` for plain SHA-256.
    """
    return hash_normalised(normalise(text), key)


def hash_normalised(normalised: bytes, key: bytes | None) -> str:
    """As :func:`hash_text`, for text that is already in normal form."""
    if key is None:
        return "sha256:" + hashlib.sha256(normalised).hexdigest()[:DIGITS]
    keyed = _keyed(key).copy()
    keyed.update(normalised)
    return "hmac-sha256:" + keyed.hexdigest()[:DIGITS]


@lru_cache(maxsize=8)
def _keyed(key: bytes) -> hmac.HMAC:
    """An HMAC to copy: setting one up takes longer than hashing a short text."""
    return hmac.new(key, digestmod="sha256")


def hash_subject(subject: str, key: bytes) -> str:
    """Hash of a user, as ``ai_feedback.subject`` carries it; always keyed.

    The key is derived, so that a user named like an output text does not get its hash.
    """
    own = derive_key(key, b"subject")
    return "hmac-sha256:" + hmac.digest(own, scrub(subject).encode(), "sha256").hex()[:DIGITS]


@lru_cache(maxsize=32)
def derive_key(key: bytes, purpose: bytes) -> bytes:
    """A key of 32 bytes for one purpose, from which neither the secret nor others follow."""
    return hmac.digest(key, b"otel-ai-feedback " + purpose, "sha256")
