"""Who reads what now: a lease of 15 minutes, so that no one else is given the same output."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.review.identifiers import LEASE_ID
from otel_ai_feedback.review.times import aware
from otel_ai_feedback.store.ask import ask

MINUTES: Final = 15
_COLUMNS: Final = ("lease_id", "output_id", "reading", "reviewer", "leased_at", "until")


@dataclass(frozen=True)
class Lease:
    """An output on a person's screen.

    Attributes:
        lease_id: Random.
        output_id: Of which output.
        reading: Of which kind the label will be: ``first``, ``second``, ``gold`` or ``extra``.
        reviewer: Whose.
        began: Since when, aware.
    """

    lease_id: str
    output_id: str
    reading: str
    reviewer: str
    began: datetime


def take(
    client: Client, output_id: str, reading: str, reviewer: str, now: datetime
) -> Lease | None:
    """Lease an output, unless someone else has it.

    The engine has no locks. So a lease is written, and then others are looked for: it holds where
    there are none. Of two that are written at once, the one that came last sees the other and
    gives way, whatever their clocks say; it may be that both do, and the output is back at once.

    Args:
        client: From ``store.connect``, with the right to insert.
        output_id: Which output.
        reading: For which kind of reading.
        reviewer: For whom.
        now: The time, aware.

    Returns:
        The lease, or ``None`` where someone else has the output, or has read it meanwhile.
    """
    lease = Lease(secrets.token_hex(16), output_id, reading, reviewer, now)
    _write(client, lease, now + timedelta(minutes=MINUTES))
    if _is_taken(client, lease):
        give_back(client, lease)
        return None
    return lease


def give_back(client: Client, lease: Lease) -> None:
    """End a lease before its time."""
    _write(client, lease, lease.began)


def find(client: Client, lease_id: str) -> Lease | None:
    """The lease with this id, whether it still runs or not."""
    if not LEASE_ID.fullmatch(lease_id):
        return None
    rows = ask(client, "review/lease", lease_id=lease_id)
    if not rows:
        return None
    row = rows[0]
    return Lease(lease_id, row["output_id"], row["reading"], row["reviewer"], aware(row["began"]))


def _is_taken(client: Client, lease: Lease) -> bool:
    rows = ask(
        client,
        "review/lease_conflict",
        output_id=lease.output_id,
        reading=lease.reading,
        lease_id=lease.lease_id,
        as_of=lease.began,
    )
    return bool(rows[0]["is_taken"])


def _write(client: Client, lease: Lease, until: datetime) -> None:
    client.insert(
        "review_leases",
        [[lease.lease_id, lease.output_id, lease.reading, lease.reviewer, lease.began, until]],
        column_names=_COLUMNS,
    )
