"""``backup``, ``export`` and ``restore``: the store kept, into files, and back."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from otel_ai_feedback.cli.command import Commands, day
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import MISUSED, CommandError, print_json, print_line
from otel_ai_feedback.config import Settings
from otel_ai_feedback.formats import plural


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
        "export",
        run_export,
        "Export all data for `restore`, or Parquet files for a warehouse.",
        extra="store",
    )
    what = export.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--all", metavar="DIR", type=Path, help="everything, into an empty or missing directory"
    )
    what.add_argument(
        "--parquet",
        metavar="DIR",
        type=Path,
        help="bring the Parquet files in this directory up to date, a folder for each day",
    )
    export.add_argument(
        "--since",
        metavar="DAY",
        type=day,
        help="with --parquet: the first day, such as 2026-11-01; default all that the store keeps",
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
    """Write the store into files, or what warehouses want of it."""
    if options.parquet is not None:
        return _export_parquet(settings, options)
    if options.since:
        raise CommandError("export --all writes everything; remove --since", MISUSED)
    from otel_ai_feedback.store import archive

    return _move(settings, options, archive.export, options.all, "exported")


def _export_parquet(settings: Settings, options: argparse.Namespace) -> int:
    options.extra = "parquet"  # named where pyarrow is missing
    from otel_ai_feedback.warehouse import export

    with opened(settings, migrated=True) as client:
        try:
            made = export.export(client, options.parquet, options.since)
        except OSError as error:
            raise CommandError(str(error)) from error
    if options.json:
        print_json({"directory": str(options.parquet), **asdict(made)})
        return 0
    print_line(
        f"{options.parquet}: {plural(made.written, 'file')} written "
        f"({plural(made.rows, 'row')}), {made.unchanged} unchanged, {made.removed} removed."
    )
    return 0


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
