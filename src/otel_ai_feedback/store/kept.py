"""Answers kept as rows: what asks for them costs reading alone, however deep the question is.

A view ``x_at(as_of)`` whose comment has a line ``Kept:`` gets a table ``x_kept``, which the jobs
fill with its rows, and a view ``x_kept_at(as_of)``, which reads the last rows of each day. The
table belongs to the text of the view and of all under it: a changed rule makes another one. The
jobs ask again when what the view rests on has changed (``when changed``), or every so often where
time alone can change the answer (``always``), but not sooner than the minutes that the line
names. With ``at once when changed`` a change is not made to wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store import relations
from otel_ai_feedback.store.ask import ask, command, in_words
from otel_ai_feedback.store.relations import Relation
from otel_ai_feedback.store.statements import digest

# What the jobs note down of every run; where a day was counted again, its counts have new rows too.
_BOOKS: Final = frozenset({"rollup_days", "rollup_inputs"})


def refresh(client: Client, as_of: datetime | None = None) -> None:
    """Ask again what may have another answer by now.

    Args:
        client: From ``connect``, with the right to insert.
        as_of: The moment to look to, up to which the jobs have run; aware, now by default.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    at = (as_of or datetime.now(timezone.utc)).astimezone(timezone.utc).replace(tzinfo=None)
    (now,) = ask(client, "store/counts/run.begin", as_of=at)
    states = {row["name"]: row["state"] for row in ask(client, "store/precomputed/kept.states")}
    known = {row["rollup"]: row for row in ask(client, "store/precomputed/kept.known")}
    for kept in relations.kept():
        text = _number(kept.checksum)
        under = [states.get(name) for name in relations.tables_under(kept) if name not in _BOOKS]
        rests_on = _number(f"{now['today']} {under}")
        if _is_due(kept, known.get(kept.name), at, text, rests_on):
            version = _answer(client, kept, at, now["today"])
            client.insert(
                "rollup_inputs",
                [[kept.name, now["today"], version, text, rests_on]],
                column_names=["rollup", "day", "version", "counts", "context"],
            )
    if known and max(row["day"] for row in known.values()) < now["today"]:
        _forget(client, now["today"])


def _is_due(
    kept: Relation, last: Mapping[str, Any] | None, as_of: datetime, text: int, rests_on: int
) -> bool:
    if last is None or last["text"] != text:
        return True
    rate = relations.rate_of(kept)
    if rate.at_once and last["rests_on"] != rests_on:
        return True
    if as_of - last["as_of"] < timedelta(minutes=rate.minutes):
        return False
    return not rate.when_changed or last["rests_on"] != rests_on


def _answer(client: Client, kept: Relation, at: datetime, today: date) -> int:
    (now,) = ask(client, "store/counts/run.begin", as_of=at)
    version = int(now["version"])
    given = {"as_of": at, "day": today, "version": version}
    client.command(kept.text, parameters=in_words(given))
    command(
        client,
        "store/counts/rollup_days.set",
        **given,
        rollups=[kept.name],
        frozen=False,
        began_at=now["began_at"],
        due_at=at,
    )
    return version


def _forget(client: Client, today: date) -> None:
    """Drop, once a day, all but the last answer of each day that has closed."""
    for kept in relations.kept():
        client.command(
            f"alter table {kept.name} delete where kept_day < {{today:Date}} and kept_version "  # noqa: S608
            f"not in (select version from rollup_days final where rollup = '{kept.name}')",
            parameters={"today": today},
            settings={"allow_nondeterministic_mutations": 1},
        )


def _number(text: str) -> int:
    return int(digest(text)[:16], 16)
