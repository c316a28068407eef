"""Labels made elsewhere: a file of verdicts, checked as a whole and then taken in as a whole."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.review.identifiers import OUTPUT_ID
from otel_ai_feedback.review.labels import COLUMNS, VERDICTS

_FIELDS: Final = ("output_id", "verdict", "reviewer", "modes", "note", "time")
_REQUIRED: Final = ("output_id", "verdict", "reviewer", "time")
_MOST_MISTAKES: Final = 50


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
    """

    output_id: str
    verdict: str
    reviewer: str
    modes: tuple[str, ...]
    note: str
    time: datetime

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
    """

    reviews: int
    new: int
    not_drawn: int


def parse(content: str, *, is_csv: bool) -> list[Review]:
    """Read a file of verdicts.

    Args:
        content: The file: JSON Lines, or CSV with a header.
        is_csv: Which of them.

    Raises:
        ReviewFileError: Naming line, field, value and remedy of every mistake.
    """
    mistakes: list[str] = []
    reviews = []
    for line, row in _csv(content) if is_csv else _json_lines(content):
        found = _review(row)
        if isinstance(found, Review):
            reviews.append(found)
        else:
            mistakes.extend(f"line {line}: {mistake}" for mistake in found)
    if mistakes:
        more = len(mistakes) - _MOST_MISTAKES
        raise ReviewFileError(
            "\n".join(mistakes[:_MOST_MISTAKES] + ([f"and {more} more"] if more > 0 else []))
        )
    if not reviews:
        raise ReviewFileError("there is no verdict in it")
    return reviews


def take_in(client: Client, reviews: list[Review]) -> Imported:
    """Put verdicts into the store, all in one insert. Doing so again changes nothing.

    Args:
        client: From ``store.connect``, with the right to insert.
        reviews: From ``parse``.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused; nothing is in.
    """
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
    if new:
        client.insert("reviews", new, column_names=COLUMNS)
    not_drawn = sum(review.output_id not in drawn for review in rows.values())
    return Imported(len(rows), len(new), not_drawn)


def _json_lines(content: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    for line, text in enumerate(content.split("\n"), 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield line, f"is not JSON ({error}); give one object a line"
            continue
        yield line, row if isinstance(row, dict) else "is not an object; give one object a line"


def _csv(content: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    rows = csv.DictReader(io.StringIO(content, newline=""), strict=True)
    try:
        for row in rows:
            if None in row:
                yield rows.line_num, "has more fields than the header; quote those with commas"
            else:
                # A missing field and an empty one are the same in CSV.
                yield rows.line_num, {name: text for name, text in row.items() if text}
    except csv.Error as error:
        yield rows.line_num, f"is not CSV ({error})"


def _review(row: Mapping[str, Any] | str) -> Review | list[str]:
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
    if mistakes or time is None:
        return mistakes
    return Review(
        row["output_id"], row["verdict"], row["reviewer"], tuple(modes), row.get("note") or "", time
    )


def _time(text: str) -> datetime | None:
    # Python 3.10 does not know that Z is UTC.
    try:
        time = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        return None
    # What ClickHouse's DateTime64 can hold, and no verdict was given outside of it.
    return time if time.tzinfo is not None and 1970 < time.year < 2200 else None
