"""What a statement reads: the names that stand after ``from`` and ``join`` in its text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_COMMENT: Final = r"--[^\n]*|/\*.*?\*/"
_TOKEN: Final = re.compile(
    _COMMENT + r"|'(?:\\.|''|[^'\\])*'|`[^`]*`|\"[^\"]*\"|[A-Za-z_]\w*(?:\.\w+)*|\S", re.DOTALL
)
_NAME: Final = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")
# After one of them a name may follow that is no part of the list of tables.
_ENDS_TABLES: Final = frozenset(
    ["where", "prewhere", "group", "order", "having", "qualify", "limit", "union", "settings"]
) | {"on", "using", "window"}


@lru_cache(maxsize=2_000)
def read_by(text: str) -> frozenset[str]:
    """Names of the tables and views that a statement reads, and of its own ``with``.

    Comments and strings are skipped. ``array join`` joins no table. A subquery's own tables are
    found as its ``from`` comes; after a comma the next table of the same ``from`` follows.
    """
    found = set()
    for place, word in enumerate(words := _words_of(text)):
        before = words[place - 1].lower() if place else ""
        if word.lower() == "from" or (word.lower() == "join" and before != "array"):
            found.update(_tables(words, place + 1))
    return frozenset(found)


@lru_cache(maxsize=2_000)
def defined_by(text: str) -> frozenset[str]:
    """Names that a statement gives its own subqueries: ``with name as (select ...)``."""
    words = _words_of(text)
    return frozenset(
        name
        for name, after, bracket, first in zip(words, words[1:], words[2:], words[3:], strict=False)
        if after.lower() == "as" and bracket == "(" and first.lower() in ("select", "with")
    )


def _tables(words: list[str], place: int) -> list[str]:
    """The names in a list of tables that begins at a place."""
    found, depth, wanted = [], 0, True
    for word in words[place:]:
        if depth == 0:
            if word == ")" or word.lower() in _ENDS_TABLES | {"join"}:
                break
            if wanted and _NAME.fullmatch(word):
                found.append(word)
            wanted = word == ","
        depth += (word in "([") - (word in ")]")
    return found


def _words_of(text: str) -> list[str]:
    return [word for word in _TOKEN.findall(text) if not word.startswith(("--", "/*"))]
