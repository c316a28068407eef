"""The script files that pages load, read once and served from memory."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

DIRECTORY: Final = Path(__file__).with_name("static")
NAMES: Final = ("feedback.js", "feedback-acts.js", "feedback-draft.js", "feedback-auto.js")
_HOUR: Final = "public, max-age=3600"
_FOREVER: Final = "public, max-age=31536000, immutable"


class ScriptFile(NamedTuple):
    """One script file.

    Attributes:
        body: Its bytes.
        compressed: The same as gzip.
        integrity: Its hash as a page names it (``sha384-...``).
        version: A short name of this content; an address with it may be cached forever.
    """

    body: bytes
    compressed: bytes
    integrity: str
    version: str

    def answer(
        self, headers: Mapping[str, str], query: str
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body for one request.

        Args:
            headers: Headers of the request by lower-case name.
            query: Its query string.
        """
        gzipped = "gzip" in headers.get("accept-encoding", "")
        etag = f'"{self.version}{"-gzip" if gzipped else ""}"'
        found = [
            ("ETag", etag),
            ("Cache-Control", _FOREVER if query == f"v={self.version}" else _HOUR),
            ("Vary", "Accept-Encoding"),
            # A page of another origin loads it with `crossorigin`, as its integrity is checked.
            ("Access-Control-Allow-Origin", "*"),
            ("Cross-Origin-Resource-Policy", "cross-origin"),
        ]
        known = headers.get("if-none-match", "")
        if known.strip() == "*" or etag in [
            tag.strip().removeprefix("W/") for tag in known.split(",")
        ]:
            return 304, found, b""
        found.append(("Content-Type", "text/javascript; charset=utf-8"))
        if gzipped:
            found.append(("Content-Encoding", "gzip"))
        return 200, found, self.compressed if gzipped else self.body


@cache
def script_files(directory: Path = DIRECTORY) -> Mapping[str, ScriptFile]:
    """The script files of a directory by name; those that are not there are left out."""
    found: dict[str, ScriptFile] = {}
    for name in NAMES:
        path = directory / name
        if path.is_file():
            body = path.read_bytes()
            digest = hashlib.sha384(body).digest()
            integrity = "sha384-" + base64.b64encode(digest).decode()
            # Without a time stamp, so that all workers compress alike.
            compressed = gzip.compress(body, 9, mtime=0)
            found[name] = ScriptFile(body, compressed, integrity, digest.hex()[:16])
    return found
