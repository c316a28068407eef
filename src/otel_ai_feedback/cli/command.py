"""How a command is declared."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date

from otel_ai_feedback.cli.examples import epilog
from otel_ai_feedback.config import Settings

Command = Callable[[Settings, argparse.Namespace], int]
"""Runs with the settings and its own options; returns the exit status."""


class Commands:
    """The commands of a parser.

    Args:
        parser: The parser of the program, which is an attribute too.
        shared: The options that every command has.
    """

    def __init__(self, parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
        self.parser = parser
        self._shared = shared
        self._commands = parser.add_subparsers(
            title="commands", dest="command", metavar="COMMAND", required=True
        )

    def add(self, name: str, run: Command, summary: str, *, extra: str) -> argparse.ArgumentParser:
        """Declare a command.

        Args:
            name: Its name.
            run: What it does.
            summary: One sentence of help.
            extra: The extra of the package that brings what it imports.

        Returns:
            Its parser, for its own options.
        """
        added = self._commands.add_parser(
            name,
            parents=[self._shared],
            help=summary,
            description=summary,
            epilog=epilog(self.parser.prog, name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(run=run, extra=extra)
        return added


def day(text: str) -> date:
    """Type of an option that is a day.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-11-23") from None
