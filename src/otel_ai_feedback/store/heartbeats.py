"""The sign of life that a part of the loop leaves, so that its silence can be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone

from clickhouse_connect.driver.client import Client

_COLUMNS = ("part", "time", "accepted", "refused", "refusals")


@dataclass(frozen=True)
class Heartbeat:
    """What a part did since it last said so.

    Attributes:
        part: ``receiver``, ``jobs``, ``draw``, ``rules`` or ``watchdog``.
        accepted: Requests that were taken in, or turns that succeeded.
        refused: Requests that were not, or turns that failed.
        refusals: The refused ones by HTTP status or class of error; never a user's text.
    """

    part: str
    accepted: int = 0
    refused: int = 0
    refusals: Mapping[str, int] = field(default_factory=dict)


def write(client: Client, beats: Sequence[Heartbeat], at: datetime | None = None) -> None:
    """Append heartbeats, which the view ``loop_health`` reads.

    Args:
        client: From ``connect``, with the right to insert.
        beats: What to append.
        at: When, an aware datetime; now by default.

    Raises:
        ValueError: ``at`` is naive.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    if at is not None and at.tzinfo is None:
        raise ValueError("at must be an aware datetime, such as datetime.now(timezone.utc)")
    moment = at or datetime.now(timezone.utc)
    rows = [[b.part, moment, b.accepted, b.refused, dict(b.refusals)] for b in beats]
    client.insert("heartbeats", rows, column_names=_COLUMNS)
