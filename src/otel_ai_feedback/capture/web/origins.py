"""From which pages beacons are accepted, and what browsers are told about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

ANY: Final = "*"
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#\s@]+")
_DAY: Final = "86400"


class Origins:
    """The origins whose pages may send beacons: the application's own, and those named here.

    An origin keeps other sites from using the browsers of their visitors; it does not keep out
    programs, which can claim any. Those are kept out by the signature of the handle.

    Args:
        allowed: Origins such as ``https://app.example.com``; ``"*"`` allows every one.

    Raises:
        ValueError: If one of them is not an origin.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        if isinstance(allowed, str):
            raise ValueError(
                f"allowed_origins must be a list of origins, such as [{allowed!r}], not one text"
            )
        found = [origin.lower() for origin in allowed]
        for origin in found:
            if origin != ANY and not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"allowed_origins: {origin!r} is not an origin; write scheme and host without "
                    "a path, as in 'https://app.example.com', or '*' for all"
                )
        self._all = ANY in found
        self._allowed = frozenset(found)

    def allow(self, headers: Mapping[str, str]) -> bool:
        """Whether the page that sent a request may; so may what is not a page.

        Args:
            headers: Headers of the request by lower-case name.
        """
        origin = headers.get("origin", "").lower()
        if not origin or self._all or origin in self._allowed:
            return True
        if headers.get("sec-fetch-site") == "same-origin":
            # Set by the browser itself; right even where a proxy rewrites the host.
            return True
        return origin != "null" and _host(origin) == headers.get("host", "").lower()

    def answer(self, headers: Mapping[str, str]) -> list[tuple[str, str]]:
        """Headers of an answer that let a page of an allowed origin read it."""
        origin = headers.get("origin")
        if not origin or not self.allow(headers):
            return [("Vary", "Origin")]
        return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]

    def preflight(self, headers: Mapping[str, str]) -> list[tuple[str, str]]:
        """Headers of the answer to a browser that asks before it sends."""
        return [
            *self.answer(headers),
            ("Access-Control-Allow-Methods", "POST"),
            ("Access-Control-Allow-Headers", "Content-Type"),
            ("Access-Control-Max-Age", _DAY),
        ]


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
