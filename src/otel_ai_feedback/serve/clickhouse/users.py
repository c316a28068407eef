"""Who may use the ClickHouse endpoint, and for what: a file that its operator writes.

One table a user::

    [collector]
    role = "writer"
    password = "the output of openssl rand -hex 32"

    [grafana]
    role = "reader"
    password = "another one"

``writer`` adds rows to the raw tables and sees nothing, ``reader`` asks the views and changes
nothing. A reader with ``text = true`` also asks the tables in which texts can stand. There is no
default user and no default password.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

from otel_ai_feedback import secret_file
from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.store import LOCAL_USER

Role = Literal["owner", "writer", "reader"]

# A password is compared by a fast hash, which is safe only for one that cannot be guessed.
MIN_PASSWORD_LENGTH: Final = 16

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_KEYS: Final = frozenset({"role", "password", "text"})


@dataclass(frozen=True)
class User:
    """Someone the endpoint knows.

    Attributes:
        name: Name as the client gives it.
        role: ``owner`` may do everything, from this machine only; ``writer`` adds raw rows;
            ``reader`` asks.
        text: Whether a reader may ask the tables in which texts can stand.
        digest: SHA-256 of the password.
    """

    name: str
    role: Role
    text: bool
    digest: bytes


class Users:
    """All users of one endpoint.

    Args:
        users: The users; their names are distinct.
    """

    def __init__(self, *users: User) -> None:
        self._users = {user.name: user for user in users}

    def authenticate(self, name: str, password: str) -> User | None:
        """The user of this name and password, or ``None``."""
        given = digest(password)
        user = self._users.get(name)
        # Unknown names take as long as wrong passwords.
        known = hmac.compare_digest(given, user.digest if user else digest(""))
        return user if known and password else None


def digest(password: str) -> bytes:
    """What is kept of a password."""
    return hashlib.sha256(password.encode("utf-8", "surrogateescape")).digest()


def owner(token: str) -> User:
    """The user behind ``server.json``."""
    return User(LOCAL_USER, "owner", text=True, digest=digest(token))


def read(path: Path) -> list[User]:
    """Read the file of users.

    Raises:
        ConfigError: Naming every mistake in it, with its remedy.
    """
    table, mistakes = secret_file.read(path)
    users = []
    for name, entry in table.items():
        wrong = _mistakes(name, entry)
        mistakes += [f"{path}: [{name}] {mistake}" for mistake in wrong]
        if not wrong:
            users.append(
                User(
                    name,
                    cast(Role, entry["role"]),
                    bool(entry.get("text")),
                    digest(entry["password"]),
                )
            )
    if not table:
        mistakes.append(f"{path}: names no user; give each a table such as [grafana]")
    if mistakes:
        raise ConfigError(mistakes)
    return users


def _mistakes(name: str, entry: Any) -> list[str]:
    if not isinstance(entry, Mapping):
        return [f"must be a table: write [{name}] on a line of its own"]
    mistakes = []
    if not _NAME.fullmatch(name) or name == LOCAL_USER:
        mistakes.append(
            "is not a valid name: up to 64 letters, digits, '_', '-' or '.', "
            f"and not {LOCAL_USER!r}, which is this machine's own"
        )
    mistakes += [
        f"has an unknown key {key!r}; known are password, role and text"
        for key in entry
        if key not in _KEYS
    ]
    if entry.get("role") not in ("writer", "reader"):
        mistakes.append(f"has role {entry.get('role')!r}; it must be 'writer' or 'reader'")
    password = entry.get("password")
    if not isinstance(password, str) or len(password) < MIN_PASSWORD_LENGTH:
        mistakes.append(
            f"needs a password of at least {MIN_PASSWORD_LENGTH} characters, "
            "for example the output of `openssl rand -hex 32`"
        )
    if not isinstance(entry.get("text", False), bool):
        mistakes.append(f"has text = {entry['text']!r}; it must be true or false")
    elif entry.get("text") and entry.get("role") != "reader":
        mistakes.append("has text = true, which is for readers only")
    return mistakes
