"""``grafana``: write dashboards, data source and rules for a Grafana."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from otel_ai_feedback import triage
from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.output import CommandError, print_json, print_line, warn
from otel_ai_feedback.cli.triage import owners_if_any
from otel_ai_feedback.config import Settings

if TYPE_CHECKING:
    from otel_ai_feedback.triage.model import Triage


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add(
        "grafana", run, "Write dashboards and alert rules for a Grafana.", extra="grafana"
    )
    command.add_argument(
        "--output", metavar="DIR", default="grafana", help="provisioning folder; default grafana"
    )
    command.add_argument(
        "--shape",
        choices=("provisioning", "import", "configmap"),
        default="provisioning",
        help="provisioning folder (default), dashboards to import, or ConfigMaps for the sidecar",
    )
    command.add_argument(
        "--folder",
        metavar="TITLE",
        help="Grafana folder for dashboards and rules; default AI feedback",
    )
    command.add_argument(
        "--datasource-uid",
        metavar="UID",
        help="uid of the ClickHouse data source; default ai-feedback",
    )
    command.add_argument(
        "--prefix",
        metavar="P",
        help="prefix of each dashboard and rule uid; default ai-feedback-",
    )
    command.add_argument(
        "--url", metavar="URL", help="address of serve for links; default http://127.0.0.1:8080"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Write the files and say which."""
    from otel_ai_feedback.grafana import packaging, provisioning
    from otel_ai_feedback.grafana.options import Options

    who = owners_if_any(settings)
    given = {
        name: getattr(options, name)
        for name in ("folder", "datasource_uid", "prefix", "url")
        if getattr(options, name) is not None
    }
    chosen = Options(**given, thresholds=settings.alert_thresholds)
    try:
        if options.shape != "provisioning":
            return _say(packaging.write(options.shape, chosen, Path(options.output)), options)
        written = provisioning.write(chosen, Path(options.output))
        if who:
            written += _write_triage(who, chosen.url, Path(options.output) / "alerting")
    except OSError as error:
        raise CommandError(
            f"{options.output}: cannot be written ({error.strerror}); choose another with --output"
        ) from error
    _say(written, options)
    if who is None:
        warn(f"no contact points and policies were written. {triage.NO_OWNER}")
    return 0


def _say(written: list[Path], options: argparse.Namespace) -> int:
    if options.json:
        print_json({"files": [str(file) for file in written]})
    else:
        for file in written:
            print_line(str(file))
    return 0


def _write_triage(who: Triage, url: str, directory: Path) -> list[Path]:
    """Write what makes Grafana agree with the triage file."""
    import yaml

    from otel_ai_feedback.triage.provisioning import provisioning

    written = []
    for name, document in provisioning(who, url).items():
        file = directory / name
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
        file.write_text(text, encoding="utf-8")
        written.append(file)
    return written
