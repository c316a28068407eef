"""What commands print, and how they fail."""

from __future__ import annotations

import sys
from typing import Any, Final

from otel_ai_feedback.escaping import terminal
from otel_ai_feedback.json_output import dumped

PROGRAM: Final = "otel-ai-feedback"

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


def print_line(line: str) -> None:
    """Print a line, at once: anyone who starts us through a pipe waits for the address.

    Names in it come from telemetry. They must not act on the reader's terminal.
    """
    sys.stdout.write(f"{terminal(line)}\n")
    sys.stdout.flush()


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document."""
    print_line(dumped(document))


def warn(why: str) -> None:
    """Say something on standard error, under the program's name."""
    sys.stderr.write("".join(f"{PROGRAM}: {terminal(line)}\n" for line in why.splitlines()))
