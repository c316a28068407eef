"""Reviewed outputs as a file: a regression set with verdicts, modes, weights and ids."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.statements import statement

FORMATS: Final = (".jsonl", ".parquet")
"""Endings of the names of files that can be written."""

Texts = Callable[[dict[str, Any]], dict[str, Any]]
"""Given a reviewed output, what the store has of its text, as further columns."""


def reviewed(
    client: Client,
    *,
    since: date | None = None,
    as_of: datetime | None = None,
    texts: Texts | None = None,
) -> list[dict[str, Any]]:
    """What people said of outputs, a row each.

    Args:
        client: From ``store.connect``.
        since: First day on which it was said; all by default.
        as_of: As known then; an aware datetime, now by default.
        texts: Adds the text, where the store has it.

    Returns:
        Rows with the columns of docs/review.md; days and times as ISO 8601.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    at = (as_of or datetime.now(timezone.utc)).astimezone(timezone.utc)
    result = client.query(
        statement("queries/reviewed_outputs").text,
        parameters={
            "since": since or date(1970, 1, 1),
            "as_of": at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        },
    )
    rows = [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]
    for row in rows:
        if texts is not None:
            row |= texts(row)
        said_at = row["reviewed_at"].replace(tzinfo=timezone.utc)
        row["reviewed_at"] = said_at.isoformat(timespec="milliseconds")
        row["day"] = f"{row['day']}"
        row["drawn"] = bool(row["drawn"])
        if not row["drawn"]:
            # Nobody knows with which probability somebody picks what interests them.
            row["class"] = row["inclusion_probability"] = None
    return rows


def write(rows: Sequence[dict[str, Any]], file: Path) -> None:
    """Write rows in the format that the name of the file ends in.

    Args:
        rows: From :func:`reviewed`, one at least for Parquet to know its columns.
        file: Where to; its name ends in one of ``FORMATS``.

    Raises:
        ModuleNotFoundError: Parquet, and pyarrow is not installed.
        OSError: It cannot be written.
    """
    if file.suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), file)
        return
    with file.open("w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
