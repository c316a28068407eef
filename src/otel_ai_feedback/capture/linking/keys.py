"""The secret that keys hashes and signs handles, shared by all workers of a host."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from otel_ai_feedback.setting_values import MIN_KEY_LENGTH

FILE_NAME: Final = "key"


@dataclass(frozen=True)
class Key:
    """A secret and how far it reaches.

    Attributes:
        secret: The bytes themselves.
        shared: Whether other processes have it too; what is only compared across processes
            (input hashes, sketches) does not leave without.
        remedy: What to tell the user, when there is something to tell.
    """

    secret: bytes = field(repr=False)
    shared: bool = True
    remedy: str | None = None


def load_key(key: str | None, state_dir: Path) -> Key:
    """The key of this host; never raises.

    Args:
        key: The setting ``KEY``, which wins.
        state_dir: Where the key file is kept, and made on first use with mode 0600.

    Returns:
        The shared key, or one of this process alone when the file cannot be used.
    """
    if key is not None:
        return Key(key.encode("utf-8", "surrogateescape"))
    path = state_dir / FILE_NAME
    try:
        secret = _read(path)
        if secret is None:
            _create(path)
            secret = _read(path)
    except OSError as error:
        return _own(f"{path} cannot be used ({error.strerror or error})")
    if secret is None or len(secret) < MIN_KEY_LENGTH:
        return _own(f"{path} holds less than {MIN_KEY_LENGTH} characters")
    return Key(secret, remedy=_too_open(path))


def _own(problem: str) -> Key:
    remedy = (
        f"{problem}, so this process uses a key of its own: handles from other workers are "
        "refused and re-asks cannot be seen. Set OTEL_AI_FEEDBACK_KEY, or point "
        "OTEL_AI_FEEDBACK_STATE_DIR to a directory that can be written"
    )
    return Key(secrets.token_hex(32).encode(), shared=False, remedy=remedy)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes().strip()
    except FileNotFoundError:
        return None


def _create(path: Path) -> None:
    """Write a new key under a name of its own and link it into place: the first writer wins.

    Opening the final name exclusively would show readers an empty file for a moment, and forever
    after a crash.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{FILE_NAME}.{os.getpid()}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        os.unlink(draft)


def _too_open(path: Path) -> str | None:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        return f"{path} can be read by other users of this host; run `chmod 600 {path}`"
    return None
