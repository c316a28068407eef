"""A copy of a store as files: what an embedded store is backed up and moved with.

One file a partition, in ClickHouse's Native format, compressed with gzip, and a manifest that
is written last: a copy without one is not complete.
"""

from __future__ import annotations

import gzip
import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback._version import __version__
from otel_ai_feedback.config import Settings
from otel_ai_feedback.store import relations, schema
from otel_ai_feedback.store.errors import StoreError

MANIFEST: Final = "manifest.json"

# What `migrate` makes by itself, from the settings of where it runs.
_NOT_COPIED: Final = frozenset(
    {"migrations", "settings", "signal_list", "evaluator_list", "health_checks"}
)


def export(client: Client, settings: Settings, directory: Path) -> dict[str, int]:
    """Write every row of every table into files. Safe beside a running ``serve``.

    A row that arrives meanwhile may be in one table and not yet in another; what is derived from
    it is there again once it has been restored and the jobs have run.

    Args:
        client: From ``connect``, of a migrated store.
        settings: Their time zone is noted down.
        directory: Where to; made when missing, refused when it is not empty.

    Returns:
        How many rows of each table.

    Raises:
        StoreError: The directory is not empty.
        OSError: It cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise StoreError(f"{directory} is not empty; export into a new directory")
    files: list[dict[str, Any]] = []
    rows: dict[str, int] = {}
    for table in _tables(client):
        rows[table] = 0
        partitions = client.query(
            f"select _partition_id, count() from {table} group by 1 order by 1"  # noqa: S608
        ).result_rows
        for number, (partition, count) in enumerate(partitions):
            file = f"{table}.{number:05}.native.gz"
            data = client.raw_query(
                f"select * from {table} where _partition_id = {{partition:String}}",  # noqa: S608
                parameters={"partition": partition},
                fmt="Native",
            )
            (directory / file).write_bytes(gzip.compress(data, 1))
            checksum = sha256(data).hexdigest()
            files.append({"table": table, "file": file, "rows": count, "sha256": checksum})
            rows[table] += count
    manifest = {
        "otel_ai_feedback": __version__,
        "timezone": settings.timezone,
        "migrations": [
            name
            for (name,) in client.query(
                "select distinct name from migrations order by name"
            ).result_rows
        ],
        "files": files,
    }
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    return rows


def restore(client: Client, settings: Settings, directory: Path) -> dict[str, int]:
    """Fill an empty store with what :func:`export` wrote.

    Args:
        client: From ``connect``; the store is migrated first.
        settings: For ``migrate``.
        directory: What was exported.

    Returns:
        How many rows of each table.

    Raises:
        StoreError: The copy is incomplete, damaged or of a newer version, or the store has data.
        OSError: A file cannot be read.
    """
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(
            f"{directory} has no {MANIFEST}: it is no export, or one that was cut short"
        ) from None
    schema.migrate(client, settings)
    known = {row[0] for row in client.query("select name from migrations").result_rows}
    unknown = sorted(set(manifest["migrations"]) - known)
    if unknown:
        raise StoreError(
            f"{directory} was exported by otel-ai-feedback {manifest['otel_ai_feedback']}, which "
            f"is newer (it has migration {unknown[-1]}); upgrade this one"
        )
    for table in _tables(client):
        if client.query(f"select 1 from {table} limit 1").result_rows:  # noqa: S608
            raise StoreError(f"table {table} has rows; restore into an empty store")
    rows: dict[str, int] = {}
    for entry in manifest["files"]:
        data = gzip.decompress((directory / entry["file"]).read_bytes())
        if sha256(data).hexdigest() != entry["sha256"]:
            raise StoreError(f"{directory / entry['file']} is damaged; restore another export")
        _insert(client, entry["table"], data)
        rows[entry["table"]] = rows.get(entry["table"], 0) + entry["rows"]
    return rows


def _tables(client: Client) -> list[str]:
    """Every table of the store that holds data of its own, the raw ones first."""
    return [
        name
        for (name,) in client.query(
            "select name from system.tables where database = currentDatabase() "
            "and engine like '%MergeTree' and name not like '.inner%' "
            "order by name like 'otel_%' desc, name"
        ).result_rows
        # kept answers are asked again by the jobs
        if name not in _NOT_COPIED | {kept.name for kept in relations.kept()}
    ]


def _insert(client: Client, table: str, data: bytes) -> None:
    # A partition of rollups may hold years.
    client.raw_insert(
        table, insert_block=data, fmt="Native", settings={"max_partitions_per_insert_block": "0"}
    )
