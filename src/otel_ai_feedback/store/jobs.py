"""What cannot be an insert-time view, because it looks at two outputs or at a whole day."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timezone

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store import judgements, rollups
from otel_ai_feedback.store.rollups import Run
from otel_ai_feedback.store.statements import statement


def run(client: Client, as_of: datetime | None = None) -> dict[str, int]:
    """Derive what follows from settled data.

    Links by hash what arrived without a link; pairs each turn of a conversation with the next and
    records re-asks and regenerations, or takes them back when a turn has arrived late between the
    two; keeps the delivery rule of each group for days that are closed; counts the hours of days
    that may have changed, and judges drift and quality from there on. What is written is a
    function of what is read, and only what is missing is written: run twice, at once in two
    processes, or cut short and run again, the result is the same.

    Args:
        client: From ``connect``, with the right to insert.
        as_of: Only what had matured by then is considered; an aware datetime, now by default.

    Returns:
        How many re-asks (``reask``), regenerations (``regenerate``) and ``delivery_rules`` the
        store has gained meanwhile.

    Raises:
        ValueError: ``as_of`` is naive.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    this = begin(client, as_of)
    gained = derive(this)
    rollups.refresh(this)
    judgements.refresh(this)
    return gained


def begin(client: Client, as_of: datetime | None = None) -> Run:
    """Link what can be linked by now, and find out which days may have changed.

    Args:
        client: As for ``run``, and so is ``as_of``.

    Raises:
        ValueError: ``as_of`` is naive.
    """
    if as_of is not None and as_of.tzinfo is None:
        raise ValueError("as_of must be an aware datetime, such as datetime.now(timezone.utc)")
    at = (as_of or datetime.now(timezone.utc)).astimezone(timezone.utc).replace(tzinfo=None)
    client.command(
        statement("store/state/late_links.fill").text, parameters={"as_of": rollups.text(at)}
    )
    return rollups.begin(client, at)


def derive(this: Run) -> dict[str, int]:
    """Re-asks, regenerations and delivery rules of the days that may have changed, and no counts.

    Args:
        this: From ``begin``.

    Returns:
        As ``run``.
    """
    gained = Counter({"reask": 0, "regenerate": 0, "delivery_rules": 0})
    for since, until in this.spans():
        days = {"since": since, "until": until}
        before = _derived(this, days)
        if this.days_have("conversation", since, until):
            this.command("store/state/derived_actions.fill", **days)
        this.command("store/judgements/delivery_rules.fill", **days)
        gained.update(_derived(this, days))
        gained.subtract(before)
    return dict(gained)


def _derived(this: Run, days: dict[str, date]) -> dict[str, int]:
    result = this.client.query(
        statement("store/state/derived_actions.counts").text, parameters=days
    )
    return dict(zip(result.column_names, result.result_rows[0], strict=True))
