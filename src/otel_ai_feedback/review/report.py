"""The weekly report: quality, changes, failure modes, who read, and how alarms were answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.review.document import Document, Link, Section, Table
from otel_ai_feedback.review.modes import unseen_in_words
from otel_ai_feedback.store.statements import statement

_MODES_SHOWN: Final = 5
Row = dict[str, Any]


@dataclass(frozen=True)
class _Asked:
    """A report's questions are all asked as of one moment."""

    client: Client
    week: date
    as_of: str

    def __call__(self, question: str) -> list[Row]:
        result = self.client.query(
            statement(f"review/report_{question}").text,
            parameters={
                "as_of": self.as_of,
                "week": self.week,
                "until": self.week + timedelta(days=7),
            },
        )
        return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]


def newest_week(client: Client, now: datetime | None = None) -> date:
    """The Monday of the newest week that has ended in the store's time zone.

    Args:
        client: From ``store.connect``.
        now: An aware datetime; now by default.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    (week,) = client.query(
        statement("review/newest_closed_week").text, parameters={"as_of": _moment(now)}
    ).result_rows[0]
    found: date = week
    return found


def weekly(
    client: Client, week: date, *, url: str | None = None, now: datetime | None = None
) -> Document:
    """Put the report of a week together.

    It says what was known by the end of the following week, or now, whichever is earlier.

    Args:
        client: From ``store.connect``.
        week: Its Monday.
        url: Address of the pages, so that examples are links; without it they are ids.
        now: An aware datetime; now by default.

    Raises:
        ValueError: The week does not begin on a Monday, or has not ended.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    if week.weekday() != 0:
        raise ValueError(f"{week} is no Monday; a week begins on one")
    if week > newest_week(client, now):
        raise ValueError(f"the week of {week} has not ended yet")
    known_by = datetime(week.year, week.month, week.day, tzinfo=timezone.utc) + timedelta(days=13)
    ask = _Asked(client, week, min(_moment(now), _moment(known_by)))
    return Document(
        title=f"Review of the week of {week}",
        sections=[
            _quality(ask),
            _changes(ask),
            _modes(ask, url),
            _reading(ask),
            _alarms(ask),
        ],
    )


def _quality(ask: _Asked) -> Section:
    section = Section("Quality")
    found = ask("quality")
    rows = [
        [
            _group(row) if row["service"] else "all groups together",
            "no number" if row["quality"] is None else f"{row['quality']:.1%}",
            row["reason"] if row["quality"] is None else f"{row['low']:.1%} to {row['high']:.1%}",
            f"{row['labels']} in {row['weeks_read']} of 4 weeks",
            _percent(row["thumbs_rate"]),
            _against_before(row),
        ]
        for row in found
    ]
    if not rows:
        section.say("Nothing has been drawn in these four weeks.")
        return section
    section.say(
        "The share of outputs that reviewers would call good, of the four weeks to the end of this "
        "one, with its 95 % interval."
    )
    section.add(
        Table(["", "good", "95 % interval", "labels", "thumbs say", "four weeks before"], rows)
    )
    for row in found:
        if row["if_bad"] is not None:
            section.say(
                f"{_group(row)}: reviewers could not say of more than one output in twenty. If all "
                f"of those are bad, quality is {row['if_bad']:.1%}; if all are good, "
                f"{row['if_good']:.1%}."
            )
    return section


def _against_before(row: Row) -> str:
    if row["z"] is None:
        return "-"
    said = f"{row['earlier_quality']:.1%}"
    if abs(row["z"]) < 1.96:
        return f"{said}, no change beyond chance"
    return f"{said}: {'better' if row['z'] > 0 else 'worse'} now"


def _changes(ask: _Asked) -> Section:
    section = Section("What changed")
    section.list_of(
        f"{row['day']}, {_group(row)}: {row['what']}" for row in ask("changes")
    )  # fmt: skip
    for row in ask("meaning"):
        group = _group(row) or "All groups"
        if row["kind"] == "signal":
            section.say(
                f"{group}: class `{row['what']}` no longer says about quality what it said four "
                "weeks before. Do not read its rate as quality until you know why."
            )
        elif row["kind"] == "readers":
            section.say(
                f"{group}: {row['what']} % of the labels changed hands while quality moved: the "
                "readers may be what changed."
            )
        else:
            section.say(
                f"{group}: two readers of the same output agree in {row['what']} % of the cases "
                "only. Settle what good means before you trust a change."
            )
    if section.empty:
        section.say("No release or model came into use, and no signal left its level.")
    return section


def _modes(ask: _Asked, url: str | None) -> Section:
    section = Section("What goes wrong")
    rows = [
        [
            _group(row),
            row["mode"] + (" (new)" if row["is_new"] else "")
            + (" (back, it was closed)" if row["is_recurring"] else ""),
            f"{row['share']:.1%} ({row['low']:.1%} to {row['high']:.1%})",
            row["labels"],
            [
                Link(name, f"{url}/outputs/{name}" if url else None)
                for name in row["output_ids"]
            ],
        ]
        for row in ask("modes")
    ]  # fmt: skip
    if rows:
        section.say(
            f"The {_MODES_SHOWN} most frequent failure modes of each group, of all outputs."
        )
        section.add(Table(["", "failure mode", "share", "labels", "for example"], rows))
    else:
        section.say("No failure mode was named three times in these four weeks.")
    for row in ask("unseen"):
        section.say(f"{_group(row)}: {unseen_in_words(row)}")
    return section


def _reading(ask: _Asked) -> Section:
    section = Section("Review hours")
    readers = ask("readers")
    if readers:
        section.add(
            Table(
                ["reader", "readings", "minutes"],
                [[row["reviewer"], row["readings"], f"{row['minutes']:.0f}"] for row in readers],
            )
        )
    else:
        section.say("Nobody read anything in this week.")
    for row in ask("debt"):
        section.say(
            f"In the last 14 days {row['read'] or 0:.0f} of {row['promised'] or 0:.0f} promised "
            "minutes were read."
        )
        if row["short"]:
            section.say(f"Fewer than 50 labels in four weeks: {', '.join(row['short'])}.")
    return section


def _alarms(ask: _Asked) -> Section:
    section = Section("Alarms")
    rows = [
        [
            row["severity"],
            f"{row['incidents']} ({', '.join(row['rules'])})",
            f"{row['acknowledged_in_time']} of {row['incidents']}",
            _duration(row["median_ack_seconds"]),
            _duration(row["median_resolve_seconds"]),
            row["still_open"],
        ]
        for row in ask("incidents")
    ]
    if not rows:
        section.say("No alarm was raised in this week.")
        return section
    head = ["severity", "incidents", "acknowledged in time", "median", "resolved, median", "open"]
    section.add(Table(head, rows))
    return section


def _group(row: Row) -> str:
    parts: Iterator[str] = filter(None, (row["service"], row["environment"], row["feature"]))
    return "/".join(parts)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} d"


def _moment(time: datetime | None) -> str:
    at = (time or datetime.now(timezone.utc)).astimezone(timezone.utc)
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
