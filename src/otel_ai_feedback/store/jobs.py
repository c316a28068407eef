"""What cannot be an insert-time view, because it looks at two outputs or at a whole day."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store import facts, precompute, rollups
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
    precompute.refresh(this)
    return gained


def judge(client: Client, as_of: datetime | None = None) -> None:
    """Judge drift and quality again by the counts that there are: after verdicts, or exclusions.

    Args:
        client: As for ``run``, and so is ``as_of``.

    Raises:
        ValueError: ``as_of`` is naive.
    """
    precompute.refresh(rollups.begin(client, _naive(as_of)))


def begin(client: Client, as_of: datetime | None = None) -> Run:
    """Bring facts up to date, and find out which days may have changed.

    Args:
        client: As for ``run``, and so is ``as_of``.

    Raises:
        ValueError: ``as_of`` is naive.
    """
    at = _naive(as_of)
    facts.refresh(client, at)
    return rollups.begin(client, at)


def _naive(as_of: datetime | None) -> datetime:
    """A moment, now by default, in UTC without saying so: what the store takes."""
    if as_of is not None and as_of.tzinfo is None:
        raise ValueError("as_of must be an aware datetime, such as datetime.now(timezone.utc)")
    return (as_of or datetime.now(timezone.utc)).astimezone(timezone.utc).replace(tzinfo=None)


def derive(this: Run) -> dict[str, int]:
    """Re-asks, regenerations and delivery rules of the days that may have changed, and no counts.

    Args:
        this: From ``begin``.

    Returns:
        As ``run``.
    """
    gained = Counter({"reask": 0, "regenerate": 0, "delivery_rules": 0})
    for since, until in this.spans():
        # a turn of the first day may follow one of the day before
        days = {"since": since - timedelta(1), "until": until}
        before = _derived(this, **days)
        if this.days_have("conversation", since, until):
            found = this.clock()
            this.command("store/state/derived_actions.fill", **days)
            facts.conclude(this.client, found, **days)
        gained.update(_derived(this, **days))
        gained.subtract(before)
    open_days = this.asked("store/precomputed/delivery_rules.open")[0]
    if open_days["days"]:
        days = {"since": open_days["first_day"], "until": open_days["last_day"]}
        before = _derived(this, **days)
        this.command("store/precomputed/delivery_rules.fill", **days)
        gained.update(_derived(this, **days))
        gained.subtract(before)
    return dict(gained)


def _derived(this: Run, since: date, until: date) -> dict[str, int]:
    days = {"since": since, "until": until}
    result = this.client.query(
        statement("store/state/derived_actions.counts").text, parameters=days
    )
    return dict(zip(result.column_names, result.result_rows[0], strict=True))
