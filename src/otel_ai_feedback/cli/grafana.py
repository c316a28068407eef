"""``grafana``: write dashboards, data source and rules for a Grafana."""

from __future__ import annotations

import argparse
from pathlib import Path

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.output import CommandError, print_json, print_line
from otel_ai_feedback.config import Settings


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add(
        "grafana", run, "Write dashboards and alert rules for a Grafana.", extra="grafana"
    )
    command.add_argument(
        "--output", metavar="DIR", default="grafana", help="provisioning folder; default grafana"
    )
    command.add_argument("--folder", metavar="TITLE", help="folder of dashboards and rules")
    command.add_argument("--datasource-uid", metavar="UID", help="of the ClickHouse data source")
    command.add_argument("--prefix", metavar="P", help="what each uid begins with")
    command.add_argument("--url", metavar="URL", help="address of serve, for links")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Write the files and say which."""
    from otel_ai_feedback.grafana.options import Options
    from otel_ai_feedback.grafana.provisioning import write

    given = {
        name: getattr(options, name)
        for name in ("folder", "datasource_uid", "prefix", "url")
        if getattr(options, name) is not None
    }
    chosen = Options(**given, thresholds=settings.alert_thresholds)
    try:
        written = write(chosen, Path(options.output))
    except OSError as error:
        raise CommandError(
            f"{options.output}: cannot be written ({error.strerror}); choose another with --output"
        ) from error
    if options.json:
        print_json({"files": [str(file) for file in written]})
    else:
        for file in written:
            print_line(str(file))
    return 0
