"""How each group of outputs is delivered, which decides about outputs that were written before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.facts.asking import ask, command

_WEEK: Final = timedelta(7)


def rules(client: Client, since: date, until: date) -> dict[tuple[Any, ...], int]:
    """The rule of each day, service, environment and feature.

    Args:
        client: From ``connect``.
        since: First day.
        until: Last day.
    """
    found = ask(client, "delivery_days.rules", since=since, until=until)
    return {row[:4]: row[4] for row in found}


def apply_rules(client: Client, written: datetime, *, check: bool) -> None:
    """Find out how each group delivers, from outputs that were written since some moment.

    Args:
        client: From ``connect``, with the right to insert.
        written: The moment, naive UTC.
        check: Look at every output of these days, even if no rule has changed.
    """
    days = [day for (day,) in ask(client, "output_facts.written_days", written=written)]
    for since, until in stretches(days):
        # The rule of a day rests on the week before it.
        reach = {"since": since, "until": until + _WEEK}
        before = rules(client, **reach)
        command(client, "delivery_days.fill", since=since, until=until)
        changed = (rule != before.get(group, 0) for group, rule in rules(client, **reach).items())
        if check or any(changed):
            command(client, "output_facts.rules", **reach)


def stretches(days: Iterable[date]) -> Iterable[tuple[date, date]]:
    """Days in stretches without a gap, first and last day of each."""
    first = last = None
    for day in days:
        if first and last and day - last <= timedelta(1):
            last = day
            continue
        if first and last:
            yield first, last
        first = last = day
    if first and last:
        yield first, last
