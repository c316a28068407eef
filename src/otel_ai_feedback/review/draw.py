"""The sample: about a hundred random outputs a day, frozen once and never sampled again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.ask import ask, command

# Outputs a week for all groups together: about a hundred a day.
TARGET: Final = 700.0
# How far back the first draw of a store goes: the four weeks of a window, and the one before.
_FIRST_DAYS: Final = 35
# For how long late outputs of a frozen day are counted.
_RECOUNTED_DAYS: Final = 14


@dataclass(frozen=True)
class Drawn:
    """What a run drew of a group and week.

    Attributes:
        week: Its Monday.
        service: With ``environment`` and ``feature`` the group.
        environment: See ``service``.
        feature: See ``service``.
        outputs: How many outputs were sampled; more than are here under head sampling.
        sampled: How many of them are to be read.
    """

    week: date
    service: str
    environment: str
    feature: str
    outputs: float
    drawn: int


def make_key(client: Client) -> None:
    """Make the sample key, unless the store has one.

    Args:
        client: From ``store.connect``, with the right to insert.
    """
    key = {"k0": secrets.randbits(64), "k1": secrets.randbits(64)}
    command(client, "review/tables/draw_key.fill", **key)


def freeze(
    client: Client,
    *,
    as_of: datetime | None = None,
    since: date | None = None,
    target: float = TARGET,
) -> list[Drawn]:
    """Sample every closed day that has not been sampled.

    A day is closed an hour after it ended in the store's time zone. A group's day is frozen in one
    insert; running this again, or in two processes at once, changes nothing that counts.

    Args:
        client: From ``store.connect``, with the right to insert.
        as_of: Only what had matured by then is sampled; an aware datetime, now by default.
        since: First day to look at; by default the one before the newest frozen day, and 35 days
            back in a store that has none.
        target: Outputs to draw a week, of all groups together.

    Returns:
        What was sampled now, by week and group; what had been sampled before is not in it.

    Raises:
        ValueError: ``as_of`` is naive.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    if as_of is not None and as_of.tzinfo is None:
        raise ValueError("as_of must be an aware datetime, such as datetime.now(timezone.utc)")
    at = (as_of or datetime.now(timezone.utc)).astimezone(timezone.utc)
    make_key(client)
    bounds = ask(client, "review/tables/draws.bounds", as_of=at)[0]
    last_closed, newest_frozen = bounds["last_closed"], bounds["newest_frozen"]
    first = since or (
        last_closed - timedelta(days=_FIRST_DAYS)
        if newest_frozen is None
        else newest_frozen - timedelta(days=1)
    )
    run = secrets.token_hex(8)
    pending = ask(client, "review/tables/draws.pending", as_of=at, first=first, last=last_closed)
    decided = None
    for day in sorted(row["pending_day"] for row in pending):
        week = day - timedelta(days=day.weekday())
        if week != decided:
            command(client, "review/tables/draw_rotations.fill", week=week, run=run, decided_at=at)
            decided = week
        command(
            client,
            "review/tables/draws.fill",
            day=day,
            as_of=at,
            target=target,
            run=run,
            frozen_at=at,
        )
    if pending:
        command(
            client,
            "review/tables/draw_recounts.fill",
            first=last_closed - timedelta(days=_RECOUNTED_DAYS),
            last=last_closed,
            as_of=at,
        )
    command(client, "review/tables/second_readings.fill", first=first, as_of=at)
    return [Drawn(*row.values()) for row in ask(client, "review/tables/draws.of_run", run=run)]
