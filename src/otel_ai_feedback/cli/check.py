"""``check``: evaluate every alert rule, without Grafana."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import FAILED, print_json, print_line
from otel_ai_feedback.config import Settings


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add(
        "check", run, "Evaluate every alert rule; 1 when one fires.", extra="store"
    )
    command.add_argument(
        "--url", metavar="URL", help="address of serve in links; default http:// and its listen"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Print what fires and what does so no longer."""
    from otel_ai_feedback.grafana.check import Checker
    from otel_ai_feedback.grafana.webhook import body

    with opened(settings, read_only=True) as client:
        alerts = Checker.of(client, settings).run(datetime.now(timezone.utc))
    url = (options.url or f"http://{settings.listen}").rstrip("/")
    message = body(alerts, url)
    if options.json:
        print_json(message)
    elif not alerts:
        print_line("Nothing fires.")
    else:
        for alert in message["alerts"]:
            labels, annotations = alert["labels"], alert["annotations"]
            said = labels["severity"] if alert["status"] == "firing" else "resolved"
            print_line(f"{said}: {labels['alertname']}: {annotations['summary']}")
            print_line(f"  since {alert['startsAt']}, for {labels['owner']}")
            print_line(f"  {annotations['runbook_url']}")
            print_line(f"  {annotations['rows_url']}")
    return FAILED if message["status"] == "firing" and alerts else 0
