"""The weekly report: quality, signals, changes, failure modes, review time and incidents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import partial
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.compare.verdict import Floor
from otel_ai_feedback.formats import count, duration, interval, percent
from otel_ai_feedback.review.document import Document, Link, Section, Table
from otel_ai_feedback.review.modes import unseen_in_words
from otel_ai_feedback.review.report_signals import signals
from otel_ai_feedback.store.ask import Row
from otel_ai_feedback.store.ask import ask as ask_store

_MODES_SHOWN: Final = 5


@dataclass(frozen=True)
class _Asked:
    """A report's questions are all asked as of one moment."""

    client: Client
    week: date
    as_of: datetime

    def __call__(self, question: str) -> list[Row]:
        return ask_store(
            self.client,
            f"review/report_{question}",
            as_of=self.as_of,
            week=self.week,
            until=self.week + timedelta(days=7),
        )


def newest_week(client: Client, now: datetime | None = None) -> date:
    """The Monday of the newest week that has ended in the store's time zone.

    Args:
        client: From ``store.connect``.
        now: An aware datetime; now by default.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    found: date = ask_store(client, "review/newest_closed_week", as_of=_moment(now))[0]["week"]
    return found


def weekly(
    client: Client,
    week: date,
    *,
    url: str | None = None,
    now: datetime | None = None,
    floor: Floor = Floor(),  # noqa: B008 - it is frozen
) -> Document:
    """Put the report of a week together.

    It says what was known by the end of the following week, or now, whichever is earlier.

    Args:
        client: From ``store.connect``.
        week: Its Monday.
        url: Address of the pages, so that examples are links; without it they are ids.
        now: An aware datetime; now by default.
        floor: The smallest change of a signal that matters.

    Raises:
        ValueError: The week does not begin on a Monday, or has not ended.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    if week.weekday() != 0:
        raise ValueError(f"{week} is not a Monday")
    if week > newest_week(client, now):
        raise ValueError(f"the week of {week} has not ended yet")
    known_by = datetime(week.year, week.month, week.day, tzinfo=timezone.utc) + timedelta(days=13)
    ask = _Asked(client, week, min(_moment(now), _moment(known_by)))
    return Document(
        title=f"Review of the week of {week}",
        sections=[
            _quality(ask),
            signals(partial(ask_store, client), week, ask.as_of, floor),
            _changes(ask),
            _modes(ask, url),
            _reading(ask),
            _incidents(ask),
        ],
    )


def _quality(ask: _Asked) -> Section:
    section = Section("Quality")
    found = ask("quality")
    rows = [
        [
            _group(row) if row["service"] else "all features",
            "n/a" if row["quality"] is None else percent(row["quality"]),
            row["reason"] if row["quality"] is None else interval(row["low"], row["high"]),
            f"{row['labels']} in {row['weeks_read']} of 4 weeks",
            _percent(row["thumbs_rate"]),
            _against_before(row),
        ]
        for row in found
    ]
    if not rows:
        section.say("No answers were sampled in these four weeks.")
        return section
    section.say(
        "The share of answers that reviewers would call good, over the four weeks to the end of "
        "this one, with its 95% interval."
    )
    section.add(
        Table(["", "good", "95% interval", "reviews", "thumbs up", "four weeks before"], rows)
    )
    for row in found:
        if row["if_bad"] is not None:
            section.say(
                f"{_group(row)}: more than one answer in twenty was unsure or unreadable. If all "
                f"of those are bad, the quality score is {percent(row['if_bad'])}; if all are "
                f"good, {percent(row['if_good'])}."
            )
    return section


def _against_before(row: Row) -> str:
    if row["z"] is None:
        return "-"
    said = percent(row["earlier_quality"])
    if abs(row["z"]) < 1.96:
        return f"{said}, no significant change"
    return f"{said}: {'better' if row['z'] > 0 else 'worse'} now"


def _changes(ask: _Asked) -> Section:
    section = Section("What changed")
    section.list_of(
        f"{row['day']}, {_group(row)}: {row['what']}" for row in ask("changes")
    )  # fmt: skip
    for row in ask("meaning"):
        group = _group(row) or "All features"
        if row["kind"] == "signal":
            section.say(
                f"{group}: outcome `{row['what']}` no longer predicts quality as it did four weeks "
                "before. Do not use its rate as a quality measure until you know why."
            )
        elif row["kind"] == "readers":
            section.say(
                f"{group}: other reviewers gave {row['what']}% of the verdicts while quality "
                "moved: the change may come from the reviewers."
            )
        else:
            section.say(
                f"{group}: two reviewers of the same answer agree in only {row['what']}% of the "
                "cases. Agree on what good means before you trust a change."
            )
    if section.empty:
        section.say("No new release or model, and no significant change.")
    return section


def _modes(ask: _Asked, url: str | None) -> Section:
    section = Section("Failure modes")
    rows = [
        [
            _group(row),
            row["mode"] + (" (new)" if row["is_new"] else "")
            + (" (recurring)" if row["is_recurring"] else ""),
            f"{percent(row['share'])} ({interval(row['low'], row['high'])})",
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
            f"The {_MODES_SHOWN} most frequent failure modes of each feature, as shares of all "
            "answers."
        )
        section.add(Table(["", "failure mode", "share", "reviews", "examples"], rows))
    else:
        section.say("No failure mode was found three times in these four weeks.")
    for row in ask("unseen"):
        section.say(f"{_group(row)}: {unseen_in_words(row)}")
    return section


def _reading(ask: _Asked) -> Section:
    section = Section("Review time")
    readers = ask("readers")
    if readers:
        section.add(
            Table(
                ["reviewer", "reviews", "minutes"],
                [[row["reviewer"], row["readings"], count(row["minutes"])] for row in readers],
            )
        )
    else:
        section.say("No reviews in this week.")
    for row in ask("debt"):
        section.say(
            f"Last 14 days: {count(row['read'] or 0)} of {count(row['promised'])} planned minutes "
            "reviewed."
            if row["promised"]
            else "No review time was planned."
        )
        if row["short"]:
            section.say(f"Fewer than 50 reviews in four weeks: {', '.join(row['short'])}.")
    return section


def _incidents(ask: _Asked) -> Section:
    section = Section("Incidents")
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
        section.say("No incidents in this week.")
        return section
    head = ["severity", "incidents", "acknowledged in time", "median", "resolved, median", "open"]
    section.add(Table(head, rows))
    return section


def _group(row: Row) -> str:
    parts: Iterator[str] = filter(None, (row["service"], row["environment"], row["feature"]))
    return "/".join(parts)


def _percent(share: float | None) -> str:
    return "-" if share is None else percent(share)


def _duration(seconds: float | None) -> str:
    return "-" if seconds is None else duration(seconds)


def _moment(time: datetime | None) -> datetime:
    return (time or datetime.now(timezone.utc)).astimezone(timezone.utc)
