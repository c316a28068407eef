"""One text, one byte string: the normal form under which outputs of every language hash alike."""

from __future__ import annotations

import re
from typing import Final

# No str method knows ASCII whitespace alone: str.split() would also take a no-break space.
_TAB, _LF, _VT, _FF, _CR = _OTHER_THAN_SPACE = b"\t\n\v\f\r"
_TO_SPACES: Final = bytes.maketrans(_OTHER_THAN_SPACE, b"     ")
# As two spaces and those behind them: for a beginning that is always the same, the search is
# faster than bytes.split() is.
_AT_RUNS: Final = re.compile(rb"   *").split


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
    # To search for one byte takes a twentieth of what it takes to look at each, and most texts have
    # no other whitespace than spaces and line feeds.
    if _TAB in encoded or _CR in encoded or _VT in encoded or _FF in encoded:
        encoded = encoded.translate(_TO_SPACES)
    elif _LF in encoded:
        encoded = encoded.replace(b"\n", b" ")
    # There is no other whitespace left that strip() could take.
    return b" ".join(_AT_RUNS(encoded)).strip()
