"""``draw``: draw the outputs that people are to read."""

from __future__ import annotations

import argparse
from typing import Any

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import MISUSED, CommandError, print_json, print_line, warn
from otel_ai_feedback.config import Settings, without_password
from otel_ai_feedback.formats import count


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add("draw", run, "Sample answers for review.", extra="store")
    command.add_argument(
        "--explain",
        metavar="OUTPUT_ID",
        nargs="?",
        const="",
        help="explain why this output was sampled or not; without an id, how many features the "
        "planned review time covers",
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Sample the days that have closed."""
    from dataclasses import asdict

    from otel_ai_feedback.review import draw, draw_text, explain

    document: dict[str, Any] = {"store": without_password(settings.store)}
    with opened(settings, migrated=True) as client:
        groups = draw.freeze(client)
        document["drawn"] = [{**asdict(group), "week": f"{group.week}"} for group in groups]
        lacking = draw_text.lacking_text(client)
        if options.explain == "":
            document["explanation"] = explain.capacity(client)
        elif options.explain is not None:
            try:
                document["explanation"] = explain.explain(client, options.explain)
            except ValueError as error:
                raise CommandError(f"--explain: {error}", MISUSED) from error
    if options.json:
        print_json(document)
        return 0
    for group in groups:
        name = "/".join(filter(None, (group.service, group.environment, group.feature)))
        print_line(
            f"week of {group.week}  {name}: {group.drawn} of {count(group.outputs)} answers sampled"
        )
    others = sorted({group.environment or "(none)" for group in groups} - {"production"})
    if others and not settings.environments:
        warn(
            f"no answers in `production`, so {', '.join(others)} was sampled; "
            "set OTEL_AI_FEEDBACK_ENVIRONMENTS to choose"
        )
    if lacking:
        warn(lacking)
    if not groups:
        print_line("Nothing to sample: every closed day is done.")
    if options.explain is not None:
        print_line(document["explanation"])
    return 0
