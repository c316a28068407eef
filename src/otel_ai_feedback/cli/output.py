"""What commands print, and how they fail."""

from __future__ import annotations

import os
import sys
from typing import Any, Final, Literal, TextIO

from otel_ai_feedback.escaping import terminal
from otel_ai_feedback.json_output import dumped

PROGRAM: Final = "otel-ai-feedback"

Colour = Literal["red", "green", "yellow"]

_CODES: Final[dict[Colour, int]] = {"red": 31, "green": 32, "yellow": 33}

FAILED: Final = 1
MISUSED: Final = 2


class CommandError(Exception):
    """A command cannot do what it was asked for.

    Args:
        why: What is wrong and what to do about it; may have several lines.
        status: The exit status: ``FAILED``, or ``MISUSED`` when the command line was wrong.
    """

    def __init__(self, why: str, status: int = FAILED) -> None:
        super().__init__(why)
        self.status = status


def print_line(line: str, colour: Colour | None = None) -> None:
    """Print a line, at once: anyone who starts us through a pipe waits for the address.

    Names in it come from telemetry. They must not act on the reader's terminal.

    Args:
        line: The line.
        colour: Its colour on a terminal that has any.
    """
    sys.stdout.write(f"{_coloured(terminal(line), colour, sys.stdout)}\n")
    sys.stdout.flush()


def print_text(text: str) -> None:
    """Print some lines of our own as they are."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document."""
    print_line(dumped(document))


def warn(why: str) -> None:
    """Say something on standard error, under the program's name."""
    program = _coloured(f"{PROGRAM}:", "yellow", sys.stderr)
    sys.stderr.write("".join(f"{program} {terminal(line)}\n" for line in why.splitlines()))


def _coloured(text: str, colour: Colour | None, stream: TextIO) -> str:
    """Text in a colour, unless the stream is no terminal or NO_COLOR is set."""
    environ = os.environ
    wanted = not environ.get("NO_COLOR") and (
        bool(environ.get("FORCE_COLOR")) or (stream.isatty() and environ.get("TERM") != "dumb")
    )
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if colour and wanted else text
