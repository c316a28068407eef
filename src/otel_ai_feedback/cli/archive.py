"""``backup``, ``export`` and ``restore``: the whole store kept, into files, and back."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import CommandError, print_json, print_line
from otel_ai_feedback.config import Settings


def add(commands: Commands) -> None:
    """Declare the commands."""
    backup = commands.add(
        "backup", run_backup, "Back up the embedded store, incrementally.", extra="store"
    )
    backup.add_argument(
        "--full",
        action="store_true",
        help="make a full backup; default: what changed since the newest full one",
    )
    export = commands.add(
        "export", run_export, "Export all data to files, for `restore`.", extra="store"
    )
    export.add_argument(
        "--all", metavar="DIR", type=Path, required=True, help="an empty or missing directory"
    )
    restore = commands.add(
        "restore", run_restore, "Restore a backup or an export into an empty store.", extra="store"
    )
    restore.add_argument(
        "directory", metavar="DIR", type=Path, help="folder written by `backup` or `export --all`"
    )


def run_backup(settings: Settings, options: argparse.Namespace) -> int:
    """Let the engine back up the store."""
    from otel_ai_feedback.store import backup

    with opened(settings) as client:
        made = backup.create(client, settings, datetime.now(timezone.utc), full=options.full)
    path = str(backup.directory_of(settings) / made.name)
    if options.json:
        print_json({"backup": path, "base": made.base})
    else:
        print_line(path)
        if made.base:
            print_line(f"It is incremental on {made.base}: keep both.")
    return 0


def run_export(settings: Settings, options: argparse.Namespace) -> int:
    """Write the store into files."""
    from otel_ai_feedback.store import archive

    return _move(settings, options, archive.export, options.all, "exported")


def run_restore(settings: Settings, options: argparse.Namespace) -> int:
    """Fill an empty store from files."""
    from otel_ai_feedback.store import archive, backup

    restore = backup.restore if backup.is_backup(options.directory) else archive.restore
    return _move(settings, options, restore, options.directory, "restored")


def _move(
    settings: Settings,
    options: argparse.Namespace,
    move: Callable[[Any, Settings, Path], dict[str, int]],
    directory: Path,
    done: str,
) -> int:
    with opened(settings) as client:
        try:
            rows = move(client, settings, directory)
        except OSError as error:
            raise CommandError(str(error)) from error
    if options.json:
        print_json({"directory": str(directory), "rows": rows})
    else:
        for table, count in rows.items():
            print_line(f"{table}: {count}")
        print_line(f"{sum(rows.values())} rows {done}.")
    return 0
