"""``accept``: accept a new baseline."""

from __future__ import annotations

import argparse

from otel_ai_feedback.cli.command import Commands, day
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import print_json, print_line
from otel_ai_feedback.config import Settings


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add("accept", run, "Accept a new baseline.", extra="store")
    command.add_argument("--service", required=True, help="the service")
    command.add_argument("--environment", help="only this environment; default all")
    command.add_argument("--feature", help="only this feature; default all")
    command.add_argument("--series", default="", help="the signal, such as copied; default all")
    command.add_argument(
        "--from",
        dest="from_day",
        metavar="DAY",
        type=day,
        help="first day of the new baseline; default the last day with counts",
    )
    command.add_argument(
        "--reason", required=True, help="reason for accepting, kept with the baseline"
    )
    command.add_argument("--author", required=True, help="your name")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Accept a baseline."""
    from otel_ai_feedback.store import baselines

    with opened(settings) as client:
        groups = baselines.accept(
            client,
            options.service,
            series=options.series,
            from_day=options.from_day,
            environment=options.environment,
            feature=options.feature,
            reason=options.reason,
            author=options.author,
        )
    if options.json:
        print_json({"accepted": [list(group) for group in groups]})
    else:
        for group in groups:
            print_line("accepted: " + ", ".join(part or "-" for part in group))
    return 0
