"""What a content security policy allows a page to load and to send to.

After Content Security Policy Level 3 (W3C), as far as scripts and connections are concerned: lists
of sources with schemes, hosts with wildcards, ports and paths; nonces; hashes of external scripts.
Several policies all have to allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_FALLBACKS: Final = {
    "script-src-elem": ("script-src-elem", "script-src", "default-src"),
    "connect-src": ("connect-src", "default-src"),
}


@dataclass(frozen=True)
class Asked:
    """What a page wants to do.

    Attributes:
        directive: ``script-src-elem`` to load a script, ``connect-src`` to send.
        url: Its address.
        nonce: The nonce on the tag.
        integrity: The integrity on the tag.
    """

    directive: str
    url: str
    nonce: str = ""
    integrity: str = ""


def parse(policy: str) -> dict[str, list[str]]:
    """The directives of one policy with their sources; of one that comes twice, the first."""
    found: dict[str, list[str]] = {}
    for part in policy.split(";"):
        words = part.split()
        if words:
            found.setdefault(words[0].lower(), words[1:])
    return found


def policies(header: str) -> list[dict[str, list[str]]]:
    """The policies of a header, which commas part."""
    return [parsed for part in header.split(",") if (parsed := parse(part))]


def blocking(asked: Asked, page: str, given: Sequence[dict[str, list[str]]]) -> str | None:
    """The directive that does not allow it, or ``None`` when every policy does.

    Args:
        asked: What the page wants to do.
        page: Address of the page.
        given: Policies, from :func:`policies`.
    """
    for policy in given:
        for name in _FALLBACKS[asked.directive]:
            if name in policy:
                if not _allows(asked, page, policy[name]):
                    return name
                break
    return None


def _allows(asked: Asked, page: str, sources: Sequence[str]) -> bool:
    lowered = [source.lower() for source in sources]
    if asked.directive == "script-src-elem":
        if asked.nonce and f"'nonce-{asked.nonce}'" in sources:
            return True
        hashes = [f"'{value}'" for value in asked.integrity.split()]
        if hashes and all(value in sources for value in hashes):
            return True
        # Then only nonces and hashes count, and lists of hosts are left out of account.
        if "'strict-dynamic'" in lowered:
            return False
    return any(_matches(source, asked.url, page) for source in lowered)


def _matches(source: str, url: str, page: str) -> bool:
    target, own = urlsplit(url), urlsplit(page)
    if source == "'self'":
        return _same_or_safer(own.scheme, target.scheme) and (own.hostname, _port(page)) in (
            (target.hostname, _port(url)),
            (target.hostname, 80 if target.port is None and own.scheme == "http" else -1),
        )
    if source == "*":
        return target.scheme in ("http", "https", "ws", "wss")
    if source.startswith("'"):
        return False
    if source.endswith(":"):
        return _same_or_safer(source[:-1], target.scheme)
    scheme, found, rest = source.partition("://")
    if not found:
        scheme, rest = own.scheme, source
    if not _same_or_safer(scheme, target.scheme):
        return False
    authority, slash, path = rest.partition("/")
    host, colon, port = authority.rpartition(":")
    if not colon or not (port.isdigit() or port == "*"):
        host, port = authority, ""
    if not _host_matches(host, target.hostname or ""):
        return False
    if port != "*" and (int(port) if port else _PORTS.get(target.scheme)) != _port(url):
        return False
    return not slash or not path or _path_matches(f"/{path}", target.path or "/")


def _host_matches(pattern: str, host: str) -> bool:
    if pattern == "*":
        return True
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return pattern == host


def _path_matches(pattern: str, path: str) -> bool:
    return path.lower().startswith(pattern) if pattern.endswith("/") else path.lower() == pattern


def _same_or_safer(allowed: str, used: str) -> bool:
    return used == allowed or (allowed, used) in (("http", "https"), ("ws", "wss"))


def _port(url: str) -> int | None:
    parts = urlsplit(url)
    return parts.port or _PORTS.get(parts.scheme)
