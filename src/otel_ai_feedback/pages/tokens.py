"""Who may sign in to the pages, and what they may do there: a file that its operator writes.

One table a person, with a secret or its SHA-256, and roles; without a secret where a proxy or a
sign-in provider says who someone is::

    [anna]
    token = "the output of openssl rand -hex 32"
    roles = ["reviewer", "responder"]

    ["ben@example.com"]
    token_sha256 = "the output of printf %s TOKEN | sha256sum"

    ["cleo@example.com"]
    roles = ["admin"]
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from otel_ai_feedback import secret_file
from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.pages.roles import USUAL
from otel_ai_feedback.setting_values import ROLES, Role

# A token is compared by a fast hash, which is safe only for one that cannot be guessed.
MIN_TOKEN_LENGTH: Final = 16

_TOKENS: Final = frozenset({"token", "token_sha256"})
_KEYS: Final = _TOKENS | {"roles"}
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")
_MAX_NAME: Final = 100


class Tokens:
    """The people of a file.

    Args:
        digests: SHA-256 of the token of each who has one, by name.
        roles: What each may do, by name.
    """

    def __init__(
        self, digests: Mapping[str, bytes], roles: Mapping[str, frozenset[Role]] | None = None
    ) -> None:
        self._digests = dict(digests)
        self.roles = dict(roles or {})

    def __bool__(self) -> bool:
        return bool(self._digests)

    def owner(self, token: str) -> str | None:
        """Whose token this is."""
        given = digest(token)
        found = None
        # Every token is looked at, so that the time says nothing.
        for name, known in self._digests.items():
            if hmac.compare_digest(given, known):
                found = name
        return found

    def proof(self, name: str) -> str | None:
        """What a session keeps of the token that began it; ``None`` for someone without one."""
        known = self._digests.get(name)
        return None if known is None else hashlib.sha256(b"session:" + known).hexdigest()


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def usable_name(name: str) -> bool:
    """Whether a label can be kept under this name: printable, and not too long."""
    return 0 < len(name) <= _MAX_NAME and name.isprintable() and name == name.strip()


def read(path: Path) -> Tokens:
    """Read the file of people.

    Raises:
        ConfigError: Naming every mistake in it, with its remedy.
    """
    table, mistakes = secret_file.read(path, _has_tokens)
    digests: dict[str, bytes] = {}
    roles: dict[str, frozenset[Role]] = {}
    for name, entry in table.items():
        wrong = _mistakes(name, entry)
        if not wrong:
            roles[name] = frozenset(entry.get("roles", USUAL))
        if not wrong and _TOKENS & entry.keys():
            digests[name] = (
                bytes.fromhex(entry["token_sha256"])
                if "token_sha256" in entry
                else digest(entry["token"])
            )
            if list(digests.values()).count(digests[name]) > 1:
                wrong = ["has the same token as another person; tokens must be unique"]
        mistakes += [f"{path}: [{name}] {mistake}" for mistake in wrong]
    if not table:
        mistakes.append(f"{path}: names no one; give each person a table such as [anna]")
    if mistakes:
        raise ConfigError(mistakes)
    return Tokens(digests, roles)


def _has_tokens(table: Mapping[str, Any]) -> bool:
    return any(not isinstance(entry, Mapping) or "token" in entry for entry in table.values())


def _mistakes(name: str, entry: Any) -> list[str]:
    if not isinstance(entry, Mapping):
        return [f"must be a table: write [{name}] on a line of its own"]
    mistakes = []
    if not usable_name(name):
        mistakes.append(f"is not a valid name: 1 to {_MAX_NAME} characters that can be printed")
    mistakes += [
        f"has an unknown key {key!r}; known are {', '.join(sorted(_KEYS))}"
        for key in entry
        if key not in _KEYS
    ]
    if len(_TOKENS & entry.keys()) > 1:
        mistakes.append("needs either token or token_sha256")
    if not _KEYS & entry.keys():
        mistakes.append("needs token, token_sha256 or roles")
    roles = entry.get("roles", [])
    if not (isinstance(roles, list) and all(role in ROLES for role in roles)):
        mistakes.append(f"has roles {roles!r}; it must be a list of some of {', '.join(ROLES)}")
    token = entry.get("token")
    if "token" in entry and (not isinstance(token, str) or len(token) < MIN_TOKEN_LENGTH):
        mistakes.append(
            f"needs a token of at least {MIN_TOKEN_LENGTH} characters, "
            "for example the output of `openssl rand -hex 32`"
        )
    hashed = entry.get("token_sha256")
    if "token_sha256" in entry and not (isinstance(hashed, str) and _SHA256.fullmatch(hashed)):
        mistakes.append(
            "has a token_sha256 that is not 64 hexadecimal digits; "
            "`printf %s TOKEN | sha256sum` prints them"
        )
    return mistakes
