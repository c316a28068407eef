"""``migrate``: create the schema or bring it to this version's."""

from __future__ import annotations

import argparse

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import print_json, print_line
from otel_ai_feedback.config import Settings, without_password


def add(commands: Commands) -> None:
    """Declare the command."""
    commands.add("migrate", run, "Create the schema or bring it to this version's.", extra="store")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Migrate the store."""
    from otel_ai_feedback import store

    with opened(settings) as client:
        applied = store.migrate(client, settings)
    if options.json:
        print_json({"store": without_password(settings.store), "applied": applied})
    else:
        for name in applied:
            print_line(name)
        print_line(f"{without_password(settings.store)} is up to date.")
    return 0
