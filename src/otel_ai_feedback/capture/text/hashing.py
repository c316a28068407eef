"""Hashes of texts and users: keyed by default, plain when other languages must match."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

from otel_ai_feedback.capture.text.normalise import normalise, scrub

DIGITS: Final = 32
_BLOCK: Final = 64  # of SHA-256, in bytes


def hash_text(text: str, key: bytes | None) -> str:
    """Hash of the normalised text, as ``ai_feedback.output.hash`` carries it.

    Args:
        text: Any text; it is normalised first.
        key: Secret for HMAC-SHA256, or ``None`` for plain SHA-256.
    """
    return hash_normalised(normalise(text), key)


def hash_normalised(normalised: bytes, key: bytes | None) -> str:
    """As :func:`hash_text`, for text that is already in normal form."""
    return hasher(key)(normalised)


@lru_cache(maxsize=32)
def hasher(key: bytes | None) -> Callable[[bytes], str]:
    """What hashes text in normal form under a key, or without one."""
    if key is None:
        return lambda normalised: "sha256:" + hashlib.sha256(normalised).hexdigest()[:DIGITS]
    finish = keyed(key)
    return lambda normalised: "hmac-sha256:" + finish(normalised).hexdigest()[:DIGITS]


@lru_cache(maxsize=32)
def keyed(key: bytes, short: bool = False) -> Callable[[bytes], hashlib._Hash]:
    """HMAC-SHA256 (RFC 2104) under a key, at half the time of ``hmac.digest`` for short messages.

    Args:
        key: The key.
        short: Whether the messages are of 100 bytes at most.

    Returns:
        What makes of a message a hash whose digest is the message's HMAC.
    """
    sha256 = _sha256_of_short() if short else hashlib.sha256
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    # With the key in them already; each message takes a copy of both.
    begin_inner = sha256(bytes(byte ^ 0x36 for byte in block)).copy
    begin_outer = sha256(bytes(byte ^ 0x5C for byte in block)).copy

    def finish(message: bytes) -> hashlib._Hash:
        inner = begin_inner()
        inner.update(message)
        outer = begin_outer()
        outer.update(inner.digest())
        return outer

    return finish


def _sha256_of_short() -> Callable[[bytes], hashlib._Hash]:
    """The interpreter's own SHA-256, or OpenSSL's where it was built without.

    OpenSSL's is faster with long messages. Between two model calls, when none of its code is in a
    cache, it takes three times as long as this one to begin and to end.
    """
    for name in ("_sha2", "_sha256"):
        try:
            module: Any = import_module(name)
        except ImportError:
            continue
        return module.sha256  # type: ignore[no-any-return]
    return hashlib.sha256


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
