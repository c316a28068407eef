"""Days of the datasets as Parquet files: written again only where the store has other rows by now.

A file carries a fingerprint of the rows that it was made of, so the folder is its own memory: no
state is kept beside it, and what was deleted or damaged there is written again.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import pyarrow
import pyarrow.ipc
import pyarrow.parquet
from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.ask import ask, in_words
from otel_ai_feedback.store.statements import digest
from otel_ai_feedback.warehouse.datasets import DATASETS, DAY, Dataset

_UNTIL: Final = date(2149, 6, 6)
_FINGERPRINT: Final = b"otel_ai_feedback.fingerprint"
_UNFINISHED: Final = ".unfinished-"
_TYPES: Final = {
    "string": pyarrow.string(),
    "timestamp": pyarrow.timestamp("ms", tz="UTC"),
    "bigint": pyarrow.int64(),
    "double": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "list of string": pyarrow.list_(pyarrow.string()),
}


@dataclass(frozen=True)
class Exported:
    """What an export did.

    Attributes:
        written: Files with other rows than before, or new.
        unchanged: Files that already had the rows of the store.
        removed: Files of days without any rows by now.
        rows: Rows of the files that were written.
    """

    written: int
    unchanged: int
    removed: int
    rows: int


def export(
    client: Client, directory: Path, since: date | None = None, as_of: datetime | None = None
) -> Exported:
    """Bring the files of a folder to what the store says.

    A reader sees a file as it was or as it is, never a part. Days before ``since``, and those so
    long ago that the store may have let their rows expire, are left as they are.

    Args:
        client: From ``connect``, of a migrated store.
        directory: The folder, made when missing.
        since: First day; all that the store keeps by default.
        as_of: As known then; an aware datetime, now by default.

    Raises:
        OSError: A file cannot be written.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    at = (as_of or datetime.now(timezone.utc)).astimezone(timezone.utc)
    (kept,) = ask(client, "store/counts/run.kept_days")
    reaches = date.fromordinal(max(at.date().toordinal() - kept["days"], 1))
    first = max(since or reaches, reaches, date(1970, 1, 1))
    written = unchanged = removed = rows = 0
    for dataset in DATASETS:
        known = _fingerprints(client, dataset, first, at)
        for day, (count, fingerprint) in known.items():
            file = _file(directory, dataset, day)
            if _fingerprint_of(file) == fingerprint:
                unchanged += 1
                continue
            _write(client, dataset, day, at, file, fingerprint)
            written += 1
            rows += count
        for day, file in _files(directory, dataset):
            if day >= first and day not in known:
                file.unlink()
                removed += 1
                with contextlib.suppress(OSError):
                    file.parent.rmdir()
    return Exported(written, unchanged, removed, rows)


def schema(dataset: Dataset) -> pyarrow.Schema:
    """The columns of a dataset's files."""
    return pyarrow.schema(
        [
            pyarrow.field(column.name, _TYPES[column.type], nullable=column.nullable)
            for column in dataset.columns
        ]
    )


def _fingerprints(
    client: Client, dataset: Dataset, since: date, as_of: datetime
) -> dict[date, tuple[int, bytes]]:
    """How many rows each day has, and a hash of them in any order, the columns and their types."""
    made_of = digest(f"{dataset.statement.text}{schema(dataset)}")
    columns = ", ".join(column.name for column in dataset.columns)
    found = client.query(
        # names of columns are those of the list, never from outside
        f"select {DAY}, count(), sum(cityHash64(toString(tuple({columns})))) "  # noqa: S608
        f"from (\n{dataset.statement.text}\n) group by {DAY} order by {DAY}",
        parameters=_parameters(since, _UNTIL, as_of),
    ).result_rows
    return {day: (count, f"{made_of} {count} {rows}".encode()) for day, count, rows in found}


def _write(
    client: Client, dataset: Dataset, day: date, as_of: datetime, file: Path, fingerprint: bytes
) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fields = schema(dataset).with_metadata({_FINGERPRINT: fingerprint})
    with _replacing(file) as beside, pyarrow.parquet.ParquetWriter(beside, fields) as writer:
        for batch in _batches(client, dataset, day, as_of):
            columns = [batch.column(name).cast(fields.field(name).type) for name in fields.names]
            writer.write_batch(pyarrow.RecordBatch.from_arrays(columns, schema=fields))


def _batches(
    client: Client, dataset: Dataset, day: date, as_of: datetime
) -> Iterator[pyarrow.RecordBatch]:
    stream = client.raw_stream(
        f"{dataset.statement.text}\norder by {dataset.key}",
        parameters=_parameters(day, day, as_of),
        fmt="ArrowStream",
    )
    with stream as source, pyarrow.ipc.open_stream(source) as reader:
        yield from reader


@contextlib.contextmanager
def _replacing(file: Path) -> Iterator[Any]:
    """A new file that takes the place of another once it is whole and on the disk."""
    for left in file.parent.glob(f"{_UNFINISHED}*"):
        age = datetime.now(timezone.utc).timestamp() - left.stat().st_mtime
        if age > timedelta(days=1).total_seconds():
            left.unlink(missing_ok=True)
    number, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=file.parent)
    try:
        with os.fdopen(number, "wb") as beside:
            yield beside
            beside.flush()
            os.fsync(beside.fileno())
        # mkstemp makes it for its owner alone
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _file(directory: Path, dataset: Dataset, day: date) -> Path:
    return directory / dataset.name / f"{DAY}={day}" / f"{dataset.name}.parquet"


def _files(directory: Path, dataset: Dataset) -> list[tuple[date, Path]]:
    """The files of a dataset that are there, with their days."""
    found = []
    for file in sorted((directory / dataset.name).glob(f"{DAY}=*/{dataset.name}.parquet")):
        with contextlib.suppress(ValueError):
            found.append((date.fromisoformat(file.parent.name.removeprefix(f"{DAY}=")), file))
    return found


def _fingerprint_of(file: Path) -> bytes | None:
    """What a file says that it was made of; nothing where it is missing or damaged."""
    try:
        return (pyarrow.parquet.read_schema(file).metadata or {}).get(_FINGERPRINT)
    except (OSError, pyarrow.ArrowInvalid):
        return None


def _parameters(since: date, until: date, as_of: datetime) -> dict[str, Any]:
    return in_words({"since": since, "until": until, "as_of": as_of})
