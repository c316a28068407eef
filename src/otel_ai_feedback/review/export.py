"""Reviewed outputs as a file: a regression set with verdicts, modes, weights and ids."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.review.conversation_text import Reader
from otel_ai_feedback.store.ask import ask

FORMATS: Final = (".jsonl", ".parquet")
"""Endings of the names of files that can be written."""


def reviewed(
    client: Client,
    *,
    since: date | None = None,
    as_of: datetime | None = None,
    reader: Reader | None = None,
) -> list[dict[str, Any]]:
    """What people said of outputs, a row each.

    Args:
        client: From ``store.connect``.
        since: First day of the verdicts; all by default.
        as_of: As known then; an aware datetime, now by default.
        reader: Finds the text in what the store kept of spans and logs; without one the columns
            ``input``, ``conversation`` and ``output`` are left out.

    Returns:
        Rows with the columns of docs/review.md; days and times as ISO 8601.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    at = (as_of or datetime.now(timezone.utc)).astimezone(timezone.utc)
    rows = ask(client, "review/reviewed_outputs", since=since or date(1970, 1, 1), as_of=at)
    for row in rows:
        if reader is not None:
            row |= _text(client, reader, row)
        said_at = row["reviewed_at"].replace(tzinfo=timezone.utc)
        row["reviewed_at"] = said_at.isoformat(timespec="milliseconds")
        row["day"] = f"{row['day']}"
        row["drawn"] = bool(row["drawn"])
        if not row["drawn"]:
            # Nobody knows with which probability someone picks what interests them.
            row["class"] = row["inclusion_probability"] = None
    return rows


def _text(client: Client, reader: Reader, row: dict[str, Any]) -> dict[str, Any]:
    """What was asked and answered, as far as it was recorded and is still there."""
    of = {name: row[name] for name in ("trace_id", "span_id", "day")}
    spans = ask(client, "review/raw_spans", **of, output_hash=row["output_hash"])
    exchange = reader(spans, ask(client, "review/raw_logs", **of))
    question = exchange.question
    return {
        "input": question.text if question else None,
        "conversation": [{"role": turn.role, "text": turn.text} for turn in exchange.before],
        "output": exchange.answer,
    }


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
