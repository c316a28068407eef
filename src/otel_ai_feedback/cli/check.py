"""``check``: evaluate every alert rule, without Grafana, and open an incident for what fires."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import FAILED, print_json, print_line
from otel_ai_feedback.cli.triage import owners
from otel_ai_feedback.config import Settings


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add(
        "check", run, "Evaluate the alert rules (exit 1 when one fires).", extra="triage"
    )
    command.add_argument(
        "--url", metavar="URL", help="address of serve for links; default from the settings"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Print the alerts and their owners."""
    from otel_ai_feedback.alerts.check import Checker
    from otel_ai_feedback.alerts.webhook import body
    from otel_ai_feedback.store import heartbeats
    from otel_ai_feedback.store.heartbeats import Heartbeat
    from otel_ai_feedback.triage.incidents import Incidents

    who = owners(settings)
    now = datetime.now(timezone.utc)
    url = (options.url or settings.url or f"http://{settings.listen}").rstrip("/")
    with opened(settings, migrated=True) as client:
        alerts = Checker.of(client, settings, url).run(now)
        message = body(alerts, url)
        incidents = Incidents(client, who)
        taken = [incidents.take(alert, source="check", at=now) for alert in alerts]
        heartbeats.write(client, [Heartbeat("rules", accepted=1)])
    if options.json:
        print_json(message)
    elif not taken:
        print_line("No alerts.")
    else:
        for alert, one in zip(message["alerts"], taken, strict=True):
            labels, annotations = alert["labels"], alert["annotations"]
            said = labels["severity"] if alert["status"] == "firing" else "resolved"
            print_line(f"{said}: {labels['alertname']}: {annotations['summary']}")
            print_line(f"  since {alert['startsAt']}, for {labels['owner']}")
            if one.incident_id:
                print_line(f"  incident {one.incident_id}: owner {one.owner}")
            print_line(f"  {annotations['runbook_url']}")
            print_line(f"  {annotations['rows_url']}")
    return FAILED if message["status"] == "firing" and taken else 0
