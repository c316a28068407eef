"""``report``: the weekly report as Markdown or HTML."""

from __future__ import annotations

import argparse
from pathlib import Path

from otel_ai_feedback.cli.command import Commands, day
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import MISUSED, CommandError, print_json, print_line
from otel_ai_feedback.config import Settings


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add("report", run, "Write the weekly quality report.", extra="store")
    command.add_argument(
        "--week", metavar="DAY", type=day, help="Monday of the week; default the newest closed week"
    )
    command.add_argument(
        "--format", choices=["markdown", "html"], help="default from the file name, else markdown"
    )
    command.add_argument("--output", metavar="FILE", type=Path, help="default standard output")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Write the report."""
    from otel_ai_feedback.compare.verdict import Floor
    from otel_ai_feedback.review import report

    file: Path | None = options.output
    of_file = "html" if file and file.suffix.lower() in (".html", ".htm") else "markdown"
    chosen = options.format or of_file
    with opened(settings, migrated=True) as client:
        week = options.week or report.newest_week(client)
        try:
            document = report.weekly(
                client, week, url=settings.url, floor=Floor(*settings.effect_floor)
            )
        except ValueError as error:
            raise CommandError(f"--week: {error}", MISUSED) from error
    text = document.html() if chosen == "html" else document.markdown()
    if file:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file}: cannot be written ({error.strerror})") from error
    if options.json:
        print_json({"week": f"{week}", "format": chosen, "file": str(file) if file else None}
                   | ({} if file else {"report": text}))  # fmt: skip
    elif file:
        print_line(f"{file}: {document.title}")
    else:
        print_line(text.rstrip("\n"))
    return 0
