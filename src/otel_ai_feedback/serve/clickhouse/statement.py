"""What the ClickHouse endpoint must know of a statement before the engine sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from otel_ai_feedback.store.gate.tree import IDENTIFIER

# "insert into t (a, b) format Native", then the data. Values, select and with carry their data in
# the statement itself. The columns of a table are no place for 64 kB. In none of these patterns may
# two parts in a row take the same spaces: where the rest does not match, that tries every split.
_INSERT: Final = re.compile(
    rb"\s*(insert\s+into\s(?:(?!\b(?:values|select|with|format)\b)[^;])*?)\bformat\s+(\w+)[ \t]*"
    rb"(?:;[ \t]*)?(?:\r?\n|$)",
    re.IGNORECASE,
)
_HEAD: Final = 64 * 1024
_FORMAT: Final = re.compile(rb"\bformat\s+(\w+)\s*(?:;\s*)?$", re.IGNORECASE)
_BLANK: Final = re.compile(rb"[\s(]*")
_ROWS: Final = re.compile(rb"(?:select|with|show|describe|desc|exists|explain)\b", re.IGNORECASE)

DEFAULT_FORMAT: Final = "TabSeparated"

_COLUMN: Final = rf"{IDENTIFIER}(?:\s*\.\s*{IDENTIFIER})?"
_TARGET: Final = re.compile(
    rf"\s*insert\s+into\s+(?:table\s+)?(?:({IDENTIFIER})\s*\.\s*)?({IDENTIFIER})"
    rf"(?:\s*(\(\s*{_COLUMN}(?:\s*,\s*{_COLUMN})*\s*\)))?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Insert:
    """An insert whose data follow the statement.

    Attributes:
        sql: The statement up to FORMAT.
        format: ClickHouse format of the data.
        data: The data.
    """

    sql: str
    format: str
    data: bytes


@dataclass(frozen=True)
class Query:
    """Any other statement.

    Attributes:
        sql: The statement.
        format: Format in which the engine writes its rows; ``None`` when it has none to write.
    """

    sql: str
    format: str | None


def parse(query: bytes, body: bytes, default_format: str = DEFAULT_FORMAT) -> Insert | Query:
    """Tell the two kinds of statements apart.

    Args:
        query: The ``query`` parameter, empty when the body holds the statement.
        body: The body.
        default_format: Format of rows when the statement names none.

    Raises:
        UnicodeDecodeError: The statement is not UTF-8.
    """
    text = query + b"\n" + body if query else body
    insert = _INSERT.match(text, 0, min(len(text), _HEAD))
    if insert:
        return Insert(insert[1].decode(), insert[2].decode(), text[insert.end() :])
    written = _FORMAT.search(text[-256:])
    if written:
        return Query(text.decode(), written[1].decode())
    return Query(text.decode(), default_format if _gives_rows(text) else None)


def _gives_rows(text: bytes) -> bool:
    """Whether a statement begins, after comments and parentheses, like one that gives rows."""
    at = 0
    while blank := _BLANK.match(text, at):
        at = blank.end()
        if text.startswith(b"--", at):
            end = text.find(b"\n", at)
        elif text.startswith(b"/*", at):
            end = text.find(b"*/", at + 2) + 1
        else:
            break
        if end <= 0:
            return False
        at = end + 1
    return bool(_ROWS.match(text, at))


def unquoted(identifier: str) -> str:
    """A name without its quotes."""
    return identifier[1:-1] if identifier[0] in '`"' else identifier


def target(sql: str) -> tuple[str, str] | None:
    """Database (empty when not named) and table of a plain ``insert into table (columns)``.

    Args:
        sql: A statement up to FORMAT, as in :class:`Insert`.

    Returns:
        ``None`` for anything that is more than that.
    """
    found = _TARGET.fullmatch(sql)
    return (unquoted(found[1]) if found[1] else "", unquoted(found[2])) if found else None
