"""One text, one byte string: the normal form under which outputs of every language hash alike."""

from __future__ import annotations

import re
from typing import Final

# No str method knows ASCII whitespace alone: str.split() would also take a no-break space.
_TO_SPACES: Final = bytes.maketrans(b"\t\n\v\f\r", b"     ")
_RUN: Final = re.compile(b"  +")


def scrub(text: str) -> str:
    """Text that can be encoded as UTF-8: surrogate pairs joined, lone surrogates as U+FFFD.

    A Python string may hold lone surrogates (``json.loads('"\\\\ud800"')`` makes one). The OTLP
    exporters cannot encode them, and one such attribute would lose the whole batch.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def normalise(text: str) -> bytes:
    """UTF-8 of the text with each run of ASCII whitespace as one space and the ends trimmed.

    No case folding and no Unicode form: what a Collector's OTTL, SQL and a browser can all do.
    """
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        encoded = scrub(text).encode()
    spaced = encoded.translate(_TO_SPACES)
    # Prose often has no run of them; for what has, this takes half the time of split and join.
    return (_RUN.sub(b" ", spaced) if b"  " in spaced else spaced).strip(b" ")
