"""``completion``: print the script that completes commands and options in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.output import print_text
from otel_ai_feedback.config import Settings

_SHELLS: Final = ("bash", "zsh", "tcsh")


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add(
        "completion",
        partial(run, commands.parser),
        "Print a script that completes commands and options in a shell.",
        extra="completion",
    )
    command.add_argument("shell", choices=_SHELLS, help="the shell")


def run(parser: argparse.ArgumentParser, settings: Settings, options: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    for action in _actions(parser):
        if action.type is Path:
            # What shtab looks for: argparse itself does not know what a file is.
            vars(action)["complete"] = shtab.FILE
    print_text(shtab.complete(parser, options.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            below: Any = action.choices
            for each in below.values():
                yield from _actions(each)
