"""``review``: take in verdicts that were given elsewhere."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import CommandError, print_json, print_line
from otel_ai_feedback.config import Settings, without_password


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add(
        "review", run, "Take in verdicts that were given elsewhere.", extra="store"
    )
    command.add_argument("action", choices=["import"], help="import takes in a file of verdicts")
    command.add_argument(
        "file",
        metavar="FILE",
        help="JSON Lines, or CSV when its name ends in .csv; - is JSON Lines",
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Import a file of verdicts, all of it or nothing."""
    from dataclasses import asdict

    from otel_ai_feedback.review import verdicts

    try:
        content = (
            sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        )
        reviews = verdicts.parse(
            content.decode("utf-8-sig"), is_csv=options.file.lower().endswith(".csv")
        )
    except OSError as error:
        raise CommandError(f"{options.file}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{options.file}: byte {error.start} is not UTF-8; save it as UTF-8"
        ) from error
    except verdicts.ReviewFileError as error:
        lines = "\n".join(f"{options.file}: {line}" for line in str(error).splitlines())
        raise CommandError(f"{lines}\nnothing was imported") from error
    with opened(settings, migrated=True) as client:
        imported = verdicts.take_in(client, reviews)
    if options.json:
        print_json({"store": without_password(settings.store), **asdict(imported)})
        return 0
    print_line(f"{imported.new} of {imported.reviews} verdicts are new and were imported.")
    if imported.not_drawn:
        print_line(
            f"{imported.not_drawn} are of outputs that were not drawn: they are kept, "
            "and enter no number."
        )
    return 0
