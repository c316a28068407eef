"""What cannot be an insert-time view, because it looks at two outputs or at a whole day."""

from __future__ import annotations

from datetime import datetime, timezone

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.statements import statement


def run(client: Client, as_of: datetime | None = None) -> dict[str, int]:
    """Derive what follows from settled data.

    Pairs each turn of a conversation with the next and records re-asks and regenerations, or takes
    them back when a turn has arrived late between the two; keeps the delivery rule of each group
    for days that are closed. What is written is a function of what is read, and only what is
    missing is written: run twice, at once in two processes, or cut short and run again, the result
    is the same.

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
    if as_of is not None and as_of.tzinfo is None:
        raise ValueError("as_of must be an aware datetime, such as datetime.now(timezone.utc)")
    at = (as_of or datetime.now(timezone.utc)).astimezone(timezone.utc)
    parameters = {"as_of": at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]}
    before = _derived(client)
    for job in ("derived_actions", "closed_delivery_rules"):
        client.command(statement(f"jobs/{job}").text, parameters=parameters)
    after = _derived(client)
    return {kind: after[kind] - before[kind] for kind in after}


def _derived(client: Client) -> dict[str, int]:
    result = client.query(statement("jobs/derived_counts").text)
    return dict(zip(result.column_names, result.result_rows[0], strict=True))
