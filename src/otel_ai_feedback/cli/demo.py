"""``demo``: the whole loop on this machine, with simulated people."""

from __future__ import annotations

import argparse
from pathlib import Path

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.output import CommandError
from otel_ai_feedback.config import Settings


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add(
        "demo", run, "Run a demo with simulated users on this machine.", extra="demo"
    )
    command.add_argument("--listen", metavar="HOST:PORT", help="address; default 127.0.0.1:4318")
    command.add_argument(
        "--replay",
        metavar="DIR",
        type=Path,
        help="serve recorded answers from this folder instead of the built-in set",
    )
    command.add_argument(
        "--days",
        metavar="N",
        type=_days,
        help="days of simulated traffic, 1 to 365; default 28, with --replay 7",
    )
    command.add_argument(
        "--once", action="store_true", help="run once on a free port, print a summary and exit"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Run the demo."""
    from otel_ai_feedback import serve, store
    from otel_ai_feedback.demo import run as demo
    from otel_ai_feedback.demo.visit import DemoError

    try:
        return demo.run(
            settings,
            replay=options.replay,
            days=options.days,
            once=options.once,
            as_json=options.json,
        )
    except (store.StoreError, serve.ListenError, DemoError) as error:
        raise CommandError(str(error)) from error


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 365):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to 365")
    return int(text)
