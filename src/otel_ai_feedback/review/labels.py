"""What reviewers say of outputs, written once and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.review.lease import Lease
from otel_ai_feedback.store.ask import ask

VERDICTS: Final = ("good", "bad", "unsure", "unreadable", "skipped")
"""What a reviewer can say; docs/review.md has what each means."""

COLUMNS: Final = (
    "review_id", "output_id", "reading", "reviewer", "verdict", "modes", "note", "seconds",
    "screen_version", "reviewed_at",
)  # fmt: skip
"""Columns of the table ``reviews``, in the order of the rows that are inserted."""


@dataclass(frozen=True)
class Label:
    """One thing that a reviewer said.

    Attributes:
        verdict: One of ``VERDICTS``.
        modes: What went wrong.
        note: Anything else.
        seconds: How long the output was on the screen.
    """

    verdict: str
    modes: tuple[str, ...] = ()
    note: str = ""
    seconds: float | None = None


def write(
    client: Client, lease: Lease, label: Label, *, label_id: str, screen: str, now: datetime
) -> bool:
    """Put a label into the store; on return it is there.

    A second label of the same lease is a correction: the latest one counts, all are kept. The same
    label sent again changes nothing.

    Args:
        client: From ``store.connect``, with the right to insert.
        lease: To whom the output was given, and for which reading.
        label: What they said.
        label_id: The same when it is sent again; of the form on the page.
        screen: Version of the page.
        now: The time, aware.

    Returns:
        Whether it is new.
    """
    if ask(client, "review/label_exists", output_id=lease.output_id, review_id=label_id)[0][
        "known"
    ]:
        return False
    row = [
        label_id, lease.output_id, lease.reading, lease.reviewer, label.verdict, list(label.modes),
        label.note, label.seconds, screen, now,
    ]  # fmt: skip
    client.insert("reviews", [row], column_names=COLUMNS)
    return True


def latest(client: Client, lease: Lease) -> Label | None:
    """What was last said under a lease."""
    rows = ask(
        client,
        "review/latest_label_of_lease",
        output_id=lease.output_id,
        reading=lease.reading,
        reviewer=lease.reviewer,
        began=lease.began,
    )
    if not rows:
        return None
    return Label(rows[0]["verdict"], tuple(rows[0]["modes"]), rows[0]["note"])
