"""Backups of an embedded store by the engine itself, incremental, beside a running ``serve``.

They lie in a directory beside the store's, ``/var/lib/feedback/store.backups`` for
``/var/lib/feedback/store``: the engine writes nowhere else. It can be a mount or a link. A backup
holds the tables; views are made again. An incremental one rests on the newest full one alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.config import Settings
from otel_ai_feedback.store import engine_config, relations, schema
from otel_ai_feedback.store.errors import StoreError

_FULL: Final = "full"
# What the engine writes last.
_MARK: Final = ".backup"
_NAME: Final = re.compile(r"(?P<time>\d{8}T\d{6}Z)-(?:full|since-(?P<base>\d{8}T\d{6}Z))")


@dataclass(frozen=True)
class Backup:
    """A backup in the directory.

    Attributes:
        name: Its file.
        base: The full backup that it rests on; ``None`` when it is one.
    """

    name: str
    base: str | None


def create(client: Client, settings: Settings, now: datetime, *, full: bool = False) -> Backup:
    """Back up every table, or what has come since the newest full backup.

    Args:
        client: From ``connect``, of an embedded store, open here or in ``serve``.
        settings: Whose store it is.
        now: The time that names it; aware, UTC.
        full: Rest on no earlier one.

    Raises:
        StoreError: The store is a server, or the directory cannot be written.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    directory = directory_of(settings)
    bases = [] if full else [each for each in found(settings) if each.base is None]
    time = now.strftime("%Y%m%dT%H%M%SZ")
    if bases:
        base = bases[-1].name
        made = Backup(f"{time}-since-{base.partition('-')[0]}", base)
    else:
        made = Backup(f"{time}-{_FULL}", None)
    if (directory / made.name).exists():
        raise StoreError(f"{directory / made.name} already exists; wait a second")
    tables = ", ".join(f"table {client.database}.{each.name}" for each in relations.tables())
    client.command(f"backup {tables} to {_place(made.name)}{_resting_on(made)}")
    return made


def is_backup(directory: Path) -> bool:
    """Whether a directory is what the engine makes of a backup."""
    return (directory / _MARK).is_file()


def restore(client: Client, settings: Settings, directory: Path) -> dict[str, int]:
    """Fill a new store with a backup, and bring its schema to this version's.

    Args:
        client: From ``connect``, of an embedded store without tables.
        settings: For ``migrate``.
        directory: The backup, in the directory of the store's backups.

    Returns:
        How many rows each table has.

    Raises:
        StoreError: The store has tables already, or the backup lies elsewhere.
        clickhouse_connect.driver.exceptions.DatabaseError: The backup is damaged or not whole.
    """
    named = {each.name: each for each in found(settings)}
    backup = named.get(directory.name)
    place = directory_of(settings)
    if backup is None or directory.resolve().parent != place.resolve():
        raise StoreError(
            f"{directory} is no backup of this store: the engine reads from {place} alone; copy it "
            "there, and the full one that its name ends with"
        )
    there = client.query("select name from system.tables where database = currentDatabase()")
    if there.result_rows:
        raise StoreError(
            f"the store has tables; restore into a new directory, such as {settings.store}-restored"
        )
    client.command(f"restore all from {_place(backup.name)}{_resting_on(backup)}")
    schema.migrate(client, settings)
    rows = client.query(
        "select name, total_rows from system.tables where database = currentDatabase() "
        "and engine like '%MergeTree' order by name"
    ).result_rows
    return {str(name): int(count) for name, count in rows}


def found(settings: Settings) -> list[Backup]:
    """The backups of a store, the oldest first.

    Args:
        settings: Whose store it is.

    Raises:
        StoreError: The store is a server.
    """
    directory = directory_of(settings)
    names = sorted(path.name for path in directory.iterdir() if is_backup(path))
    backups = []
    for name in names:
        if parts := _NAME.fullmatch(name):
            backups.append(Backup(name, f"{parts['base']}-{_FULL}" if parts["base"] else None))
    return backups


def directory_of(settings: Settings) -> Path:
    """Where the backups of an embedded store are.

    Raises:
        StoreError: The store is a server, or the directory is missing.
    """
    scheme, _, path = settings.store.partition("://")
    if scheme != "chdb":
        raise StoreError(
            "the store is a server: back it up by its own BACKUP (deploy/clickhouse/backup.sh)"
        )
    directory = engine_config.backups(path)
    if not directory.is_dir():
        raise StoreError(
            f"{directory} does not exist; make it for the user of `serve`, and start `serve` again"
        )
    return directory


def _place(name: str) -> str:
    return f"Disk('{engine_config.BACKUP_DISK}', '{name}')"


def _resting_on(backup: Backup) -> str:
    return f" settings base_backup = {_place(backup.base)}" if backup.base else ""
