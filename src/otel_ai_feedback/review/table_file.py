"""Files that people export from spreadsheets and tools, as rows: encodings and delimiters."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

Row = Mapping[str, Any] | str

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}
# What Excel reads as a setting, in the first line.
_SEPARATOR: Final = re.compile(r"\"?sep=(.)\"?\r?\n", re.IGNORECASE)


class EncodingError(ValueError):
    """The file is no text in an encoding that is read; the message says what to do."""


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, or in UTF-16 with a byte order mark.

    Raises:
        EncodingError: It is in another encoding.
    """
    if (
        not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        and b"\0" in content[:200]
    ):
        raise EncodingError("line 1: looks like UTF-16 without a byte order mark; save it as UTF-8")
    mark, encoding = next((pair for pair in _MARKS if content.startswith(pair[0])), (b"", "utf-8"))
    try:
        return content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        place = len(mark) + error.start
        line = content.count(b"\n", 0, place) + 1
        where = f"line {line}: byte {content[place]:#04x} is not {encoding.upper()}"
    if encoding != "utf-8":
        raise EncodingError(f"{where}; the file is cut short or damaged")
    raise EncodingError(
        f"{where}; it may be Windows-1252 or Latin-1; save it as UTF-8 (in Excel: CSV UTF-8)"
    )


def json_lines(content: str) -> Iterator[tuple[int, Row]]:
    """The objects of JSON Lines with the number of their line, or what is wrong with the line."""
    for line, text in enumerate(content.split("\n"), 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield line, f"is not JSON ({error}); give one object a line"
            continue
        yield line, row if isinstance(row, dict) else "is not an object; give one object a line"


def separated(content: str) -> Iterator[tuple[int, Row]]:
    """The rows of CSV with the number of their line, or what is wrong with the line.

    The delimiter is the one of the header: comma, semicolon or tab.
    """
    said = _SEPARATOR.match(content)
    if said:
        content = content[said.end() :]
    header = content.partition("\n")[0]
    delimiter = said[1] if said else max(_DELIMITERS, key=header.count)
    rows = csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    before = 1 if said else 0
    try:
        for row in rows:
            if None in row:
                named = _DELIMITERS.get(delimiter, repr(delimiter))
                wrong = f"has more fields than the header; quote those with {named}"
                yield rows.line_num + before, wrong
            else:
                # A missing field and an empty one are the same in CSV.
                yield rows.line_num + before, {name: text for name, text in row.items() if text}
    except csv.Error as error:
        yield rows.line_num + before, f"is not CSV ({error})"
