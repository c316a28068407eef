"""``doctor``: walk the whole chain for the settings here, and say what to fix."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.output import (
    FAILED,
    MISUSED,
    Colour,
    CommandError,
    print_json,
    print_line,
)
from otel_ai_feedback.config import Settings, without_password
from otel_ai_feedback.formats import plural

if TYPE_CHECKING:
    from otel_ai_feedback.doctor import Finding, GrafanaAccess

TOKEN: Final = "GRAFANA_TOKEN"  # noqa: S105 - the name of a variable
_WAIT_SECONDS: Final = 30
_SIGNS: Final = {"ok": "ok  ", "warning": "WARN", "failure": "FAIL", "not applicable": "-   "}
_COLOURS: Final[dict[str, Colour]] = {"ok": "green", "warning": "yellow", "failure": "red"}


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add(
        "doctor", run, "Check the setup and suggest fixes (exit 1 on failure).",
        extra="serve",
    )  # fmt: skip
    command.add_argument(
        "--page",
        metavar="URL",
        type=_address,
        help="also check this page of your application",
    )
    command.add_argument(
        "--grafana", metavar="URL", type=_address, help="also check this Grafana, through its API"
    )
    command.add_argument(
        "--grafana-token-file",
        metavar="FILE",
        type=Path,
        help=f"file with a token for that Grafana; default the variable {TOKEN}",
    )
    command.add_argument(
        "--datasource-uid", metavar="UID", help="uid of the ClickHouse data source, as for grafana"
    )
    command.add_argument("--prefix", metavar="P", help="prefix of each uid, as for grafana")
    command.add_argument("--no-probe", action="store_true", help="do not send a probe")
    command.add_argument(
        "--wait",
        metavar="SECONDS",
        type=_seconds,
        default=_WAIT_SECONDS,
        help=f"seconds to wait for the probe, 1 to 3600; default {_WAIT_SECONDS}",
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Print what each check found, as it is found."""
    from otel_ai_feedback import doctor

    visit = doctor.Visit(
        settings,
        page=options.page,
        grafana=_grafana(options),
        send_probe=not options.no_probe,
        wait_seconds=options.wait,
    )
    found: list[Finding] = []
    try:
        for finding in doctor.examine(visit):
            found.append(finding)
            if not options.json:
                _print(finding)
    finally:
        if visit.client is not None:
            visit.client.close()
    counted = Counter(finding.state for finding in found)
    if options.json:
        print_json(
            {
                "store": without_password(settings.store),
                "findings": [asdict(finding) for finding in found],
                "failures": counted["failure"],
                "warnings": counted["warning"],
            }
        )
    else:
        print_line(
            f"{plural(len(found), 'check')}: {plural(counted['failure'], 'failure')}, "
            f"{plural(counted['warning'], 'warning')}."
        )
    return FAILED if counted["failure"] else 0


def _print(finding: Finding) -> None:
    print_line(
        f"{_SIGNS[finding.state]} {finding.check}: {finding.seen}", _COLOURS.get(finding.state)
    )
    if finding.fix:
        print_line(f"       -> {finding.fix}")


def _grafana(options: argparse.Namespace) -> GrafanaAccess | None:
    from otel_ai_feedback.doctor import GrafanaAccess

    if options.grafana is None:
        return None
    token = os.environ.get(TOKEN, "")
    if options.grafana_token_file is not None:
        try:
            token = options.grafana_token_file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise CommandError(
                f"--grafana-token-file {options.grafana_token_file}: cannot be read ({error})",
                MISUSED,
            ) from error
    given = {
        name: value
        for name in ("prefix", "datasource_uid")
        if (value := getattr(options, name)) is not None
    }
    return GrafanaAccess(options.grafana.rstrip("/"), token.strip(), **given)


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an address such as https://app.example.com/"
        )
    return text


def _seconds(text: str) -> float:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 3600):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 1 to 3600")
    return float(text)
