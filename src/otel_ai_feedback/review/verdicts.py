"""Labels made elsewhere: a file of verdicts, checked as a whole and then taken in as a whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.review.identifiers import OUTPUT_ID
from otel_ai_feedback.review.labels import COLUMNS, VERDICTS
from otel_ai_feedback.review.table_file import Row, json_lines, separated
from otel_ai_feedback.review.times import aware
from otel_ai_feedback.store.ask import ask

_FIELDS: Final = ("output_id", "verdict", "reviewer", "modes", "note", "time")
_REQUIRED: Final = ("output_id", "verdict", "reviewer", "time")
_MOST_MISTAKES: Final = 50
# By how much the clocks of a reviewer's tool and of this machine may differ.
_CLOCKS: Final = timedelta(minutes=5)
# So many ids go into the address of a question.
_AT_ONCE: Final = 500


class ReviewFileError(ValueError):
    """The file cannot be taken in; the message has a line for each mistake."""


@dataclass(frozen=True)
class Review:
    """One verdict.

    Attributes:
        output_id: Of which output.
        verdict: One of ``labels.VERDICTS``.
        reviewer: Who said so.
        modes: What went wrong, in the reviewers' own names.
        note: Anything else.
        time: When, aware.
        line: Where the file has it.
    """

    output_id: str
    verdict: str
    reviewer: str
    modes: tuple[str, ...]
    note: str
    time: datetime
    line: int = field(compare=False)

    @property
    def review_id(self) -> str:
        """The same for the same verdict of the same person at the same time."""
        said = [
            self.output_id, self.verdict, self.reviewer, list(self.modes), self.note,
            self.time.astimezone(timezone.utc).isoformat(timespec="milliseconds"),
        ]  # fmt: skip
        return sha256(json.dumps(said).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Imported:
    """The result for a file.

    Attributes:
        reviews: How many verdicts it has.
        new: How many of them the store did not have.
        not_drawn: How many are of outputs that were not sampled; they never enter a number.
        unknown: How many are of outputs that the store does not have, so that their time could not
            be compared with that of the output.
    """

    reviews: int
    new: int
    not_drawn: int
    unknown: int


def parse(content: str, *, is_csv: bool, now: datetime) -> list[Review]:
    """Read a file of verdicts.

    Args:
        content: The file: JSON Lines, or CSV with a header.
        is_csv: Which of them.
        now: The time, aware; no verdict is of later.

    Raises:
        ReviewFileError: Naming line, field, value and remedy of every mistake.
    """
    mistakes: list[str] = []
    reviews = []
    for line, row in separated(content) if is_csv else json_lines(content):
        found = _review(row, line, now)
        if isinstance(found, Review):
            reviews.append(found)
        else:
            mistakes.extend(f"line {line}: {mistake}" for mistake in found)
    _refuse(mistakes)
    if not reviews:
        raise ReviewFileError("there is no verdict in it")
    return reviews


def take_in(client: Client, reviews: list[Review], *, dry_run: bool = False) -> Imported:
    """Put verdicts into the store, all in one insert. Doing so again changes nothing.

    Args:
        client: From ``store.connect``, with the right to insert.
        reviews: From ``parse``.
        dry_run: Only say what would be put in.

    Raises:
        ReviewFileError: A verdict is of a time before its output; nothing is in.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused; nothing is in.
    """
    began = _began(client, reviews)
    _refuse(
        [
            f"line {review.line}: time is {review.time.isoformat()}, before the answer was made "
            f"({began[review.output_id].isoformat(timespec='seconds')})"
            for review in reviews
            if review.time < began.get(review.output_id, review.time)
        ]
    )
    rows = {review.review_id: review for review in reviews}
    known = {row[0] for row in client.query("select review_id from reviews").result_rows}
    drawn = {row[0] for row in client.query("select output_id from review_draw").result_rows}
    new = [
        [
            review_id, review.output_id, "first" if review.output_id in drawn else "extra",
            review.reviewer, review.verdict, list(review.modes), review.note, None, "import",
            review.time.astimezone(timezone.utc),
        ]
        for review_id, review in rows.items()
        if review_id not in known
    ]  # fmt: skip
    if new and not dry_run:
        client.insert("reviews", new, column_names=COLUMNS)
    not_drawn = sum(review.output_id not in drawn for review in rows.values())
    unknown = sum(review.output_id not in began for review in rows.values())
    return Imported(len(rows), len(new), not_drawn, unknown)


def _began(client: Client, reviews: Sequence[Review]) -> dict[str, datetime]:
    """When the outputs began that the store has."""
    trace_ids = sorted({review.output_id.partition("-")[0] for review in reviews})
    return {
        row["output_id"]: aware(row["began"])
        for first in range(0, len(trace_ids), _AT_ONCE)
        for row in ask(client, "review/made_at", trace_ids=trace_ids[first : first + _AT_ONCE])
    }


def _refuse(mistakes: Sequence[str]) -> None:
    if mistakes:
        more = len(mistakes) - _MOST_MISTAKES
        raise ReviewFileError(
            "\n".join([*mistakes[:_MOST_MISTAKES], *([f"and {more} more"] if more > 0 else [])])
        )


def _review(row: Row, line: int, now: datetime) -> Review | list[str]:
    """The verdict, or what is wrong with it."""
    if isinstance(row, str):
        return [row]
    mistakes = [
        f"{name!r} is not a field; known are {', '.join(_FIELDS)}"
        for name in row
        if name not in _FIELDS
    ]
    mistakes += [f"{name} is missing" for name in _REQUIRED if row.get(name) in (None, "")]
    for name in ("output_id", "verdict", "reviewer", "note", "time"):
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            mistakes.append(f"{name} is {value!r}; it must be a text")
    modes = row.get("modes") or []
    if isinstance(modes, str):
        modes = [mode.strip() for mode in modes.split(";") if mode.strip()]
    if not (isinstance(modes, list) and all(isinstance(mode, str) for mode in modes)):
        mistakes.append(f"modes is {modes!r}; give a list of texts, or one with ; between them")
    if mistakes:
        return mistakes
    if not OUTPUT_ID.fullmatch(row["output_id"]):
        mistakes.append(
            f"output_id is {row['output_id']!r}; it must be the output_id of the view outputs, "
            "32 hexadecimal digits, a hyphen, 16 more"
        )
    if row["verdict"] not in VERDICTS:
        mistakes.append(f"verdict is {row['verdict']!r}; it must be one of {', '.join(VERDICTS)}")
    time = _time(row["time"])
    if time is None:
        mistakes.append(
            f"time is {row['time']!r}; it must be ISO 8601 with an offset, "
            "as in 2026-11-24T09:30:00+01:00"
        )
    elif time > now + _CLOCKS:
        mistakes.append(f"time is {row['time']!r}, which is after now ({now:%Y-%m-%dT%H:%M:%SZ})")
    if mistakes or time is None:
        return mistakes
    return Review(
        row["output_id"], row["verdict"], row["reviewer"], tuple(modes), row.get("note") or "",
        time, line,
    )  # fmt: skip


def _time(text: str) -> datetime | None:
    # Python 3.10 does not know that Z is UTC.
    try:
        time = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        return None
    # What ClickHouse's DateTime64 can hold, and no verdict was given outside of it.
    return time if time.tzinfo is not None and 1970 < time.year < 2200 else None
