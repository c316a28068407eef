"""Accepting the level that a series has now, so that it is no longer compared with the old one."""

from __future__ import annotations

from datetime import date

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.signals import NAMES
from otel_ai_feedback.store.errors import StoreError
from otel_ai_feedback.store.statements import statement


def accept(
    client: Client,
    service: str,
    *,
    series: str = "",
    from_day: date | None = None,
    environment: str | None = None,
    feature: str | None = None,
    reason: str,
    author: str,
) -> list[tuple[str, str, str]]:
    """Say that the level a series has from some day on is the right one.

    References, sums and alerts of the series start again on that day. The record stays in
    ``accepted_baselines``; saying it again, with another day, is how to change it.

    Args:
        client: From ``connect``, with the right to insert.
        service: The service.
        series: The series, one of ``signals.NAMES``; all of them when empty.
        from_day: First day of the new baseline; the last day with counts by default.
        environment: Of these groups only; every one by default.
        feature: Likewise.
        reason: Why the baseline is right, for readers later.
        author: Who says so.

    Returns:
        The groups it now holds for: service, environment and feature.

    Raises:
        StoreError: No such group has counts on or after that day, or the series is unknown.
    """
    if series and series not in NAMES:
        raise StoreError(f"series: there is no {series!r}; known are {', '.join(NAMES)}")
    for name, value in (("reason", reason), ("author", author)):
        if not value.strip():
            raise StoreError(f"{name} must not be empty: it is what others read later")
    parameters = {
        "service": service,
        "series": series,
        "from_day": from_day,
        "environment": environment,
        "feature": feature,
        "reason": reason,
        "author": author,
    }
    groups = client.query(
        statement("store/raw/accepted_baselines.groups").text, parameters=parameters
    ).result_rows
    if not groups:
        when = "yet" if from_day is None else f"on or after {from_day}"
        raise StoreError(
            f"service {service!r} has no counts {when}; ask `signal_rates` which services, "
            "environments and features there are"
        )
    client.command(statement("store/raw/accepted_baselines.fill").text, parameters=parameters)
    return [(str(row[0]), str(row[1]), str(row[2])) for row in groups]
