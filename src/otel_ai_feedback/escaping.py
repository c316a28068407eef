"""Text that someone else wrote, made safe for where it goes: one function for each medium.

A service's name, a model's answer, an error of another program: the sender of telemetry chooses
them. Pages escape in their templates; these are for the other ways out.
"""

from __future__ import annotations

import html as _html
import logging
import re
import unicodedata
from typing import Final

# Controls, reading direction, and separators that terminals and log readers take for a new line.
_UNSAFE: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
_ZERO_WIDTH_SPACE: Final = "\u200b"
_SCHEME: Final = re.compile(r"(?<=[A-Za-z]):(?=//)")
_WEB_ADDRESS: Final = re.compile(r"https?://[^\s<>\[\]\"`|@]+", re.IGNORECASE)
_BRACKETS: Final = str.maketrans({"<": "\u2039", ">": "\u203a", "[": "(", "]": ")", "`": "'"})
# White space but the two that keep a number and its unit on one line.
_BREAKABLE: Final = re.compile(r"[^\S\u00a0\u202f]+")
# A text, whole: quotes in it are doubled, and outside of texts there are none.
_CSV_TEXT: Final = re.compile(rb'"((?:[^"]|"")*)"')
_FORMULA: Final = (b"=", b"+", b"-", b"@", b"\t", b"\r")
_MARKUP: Final = frozenset("\\|*_<>[]#`")


def terminal(text: str) -> str:
    """Text for a terminal: nothing moves the cursor, colours, or turns the reading direction."""
    return "".join(
        letter
        if letter in "\n\t" or unicodedata.category(letter) not in _UNSAFE
        else _shown(letter)
        for letter in text
    )


def log(text: str) -> str:
    """Text for a line of a log: the same, and a new line only with an indent, so none is forged."""
    return terminal(text).replace("\n", "\n    ")


def chat(text: str) -> str:
    """A part of a message: one line, no link, no mention, no markup that makes either."""
    line = terminal(" ".join(text.split())).translate(_BRACKETS)
    line = _SCHEME.sub(f":{_ZERO_WIDTH_SPACE}", line)
    return line.replace("@", f"@{_ZERO_WIDTH_SPACE}")


def chat_link(address: str) -> str:
    """An address as a part of a message: as it is when that is all it is, else as words."""
    return address if is_web_address(address) else chat(address)


def is_web_address(text: str) -> bool:
    """Whether a text is the address of a page and nothing else: no space, mention or markup."""
    return bool(_WEB_ADDRESS.fullmatch(text)) and text.isprintable()


def markdown(text: str) -> str:
    """Words in Markdown: as they are, and never markup."""
    plain = terminal(_BREAKABLE.sub(" ", text).strip())
    return "".join(f"\\{letter}" if letter in _MARKUP else letter for letter in plain)


def html(text: str) -> str:
    """Words in HTML, between tags or as the value of an attribute in quotes."""
    return _html.escape(terminal(text))


def csv(rows: bytes) -> bytes:
    """Rows in the engine's CSV: no text begins with what a spreadsheet takes for a formula.

    Texts are in quotes there and numbers do not, so a negative number stays one.
    """
    return _CSV_TEXT.sub(_no_formula, rows)


class LogFormatter(logging.Formatter):
    """Formats records whose words others wrote."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        return log(super().format(record))


def _no_formula(text: re.Match[bytes]) -> bytes:
    return b"\"'" + text[1] + b'"' if text[1].startswith(_FORMULA) else text[0]


def _shown(letter: str) -> str:
    """What stands for a character that is not sent."""
    code = ord(letter)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )
