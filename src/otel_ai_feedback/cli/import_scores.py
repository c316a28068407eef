"""``import``: results that another tool keeps, read over its interface."""

from __future__ import annotations

import argparse
import os
from datetime import datetime, timezone
from typing import Final

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import CommandError, print_json, print_line
from otel_ai_feedback.config import Settings
from otel_ai_feedback.formats import plural

_CLOUD: Final = "https://cloud.langfuse.com"


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add("import", run, "Import scores from Langfuse.", extra="store")
    command.add_argument("tool", choices=["langfuse"], help="where scores come from")
    command.add_argument(
        "--url",
        metavar="URL",
        help=f"address of the server; default LANGFUSE_BASE_URL, LANGFUSE_HOST or {_CLOUD}",
    )
    command.add_argument(
        "--since",
        metavar="DAY",
        type=_day,
        help="first day, such as 2026-11-01; default a day before the newest score imported",
    )


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Read what is new. Both keys are in the variables that Langfuse's own clients read."""
    from otel_ai_feedback.store import langfuse

    given = os.environ
    keys = [given.get(name) for name in ("LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY")]
    if not keys[0] or not keys[1]:
        raise CommandError("set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY of the project")
    url = options.url or given.get("LANGFUSE_BASE_URL") or given.get("LANGFUSE_HOST") or _CLOUD
    project = langfuse.Project(url, keys[0], keys[1])
    with opened(settings, migrated=True) as client:
        try:
            count = langfuse.read(client, project, options.since)
        except langfuse.LangfuseError as error:
            raise CommandError(f"import langfuse: {error}") from error
    if options.json:
        print_json({"scores": count})
    else:
        print_line(f"{plural(count, 'score')} read from {url}.")
    return 0
