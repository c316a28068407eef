"""Facts of outputs and actions, brought up to date for the traces of which something has arrived.

Everything that is shown rests on two tables: ``output_facts`` and ``linked_actions``. A fact does
not depend on when it is asked, and its row is written again only when what it says has changed: so
what this costs follows what has arrived, and running it twice, or in two processes at once, changes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.statements import statement

SPANS_AT_ONCE: Final = 200_000
"""Spans of days that are looked at together; windows over them are held in memory."""

_WEEK: Final = timedelta(7)
# What is inserted is seen a little later than it says, and several machines may say so. What is
# looked at again is not written again.
_OVERLAP: Final = timedelta(minutes=10)
_SHORT_OVERLAP: Final = timedelta(seconds=20)
_TIME: Final = "%Y-%m-%d %H:%M:%S.%f"


def refresh(client: Client, as_of: datetime) -> None:
    """Bring facts up to date with what has arrived.

    Args:
        client: From ``connect``, with the right to insert.
        as_of: Actions of the week before this are linked by hash; naive UTC.
    """
    arrived, began_at = _write(client, _OVERLAP)
    if _asked(client, "store/state/late_links.unlinked", as_of=text(as_of))[0][0]:
        _command(client, "store/state/late_links.fill", as_of=text(as_of))
        # What was found for an action arrives at its output like one that was linked.
        _write_outputs(client, began_at.replace(microsecond=0))
    _settle(client, arrived, began_at)
    client.command(
        statement("store/counts/rollup_days.set").text,
        parameters={
            "rollups": ["facts_read"],
            "day": date(1970, 1, 1),
            "version": int(began_at.timestamp() * 1e6),
            "frozen": False,
            "as_of": text(as_of),
            "began_at": text(began_at),
            "due_at": text(as_of),
        },
    )


def catch_up(client: Client) -> None:
    """Take in what has arrived since the last ``refresh``, between two runs of the jobs.

    Args:
        client: As for ``refresh``.
    """
    _settle(client, *_write(client, _SHORT_OVERLAP))


def _apply_rules(client: Client, written: datetime) -> None:
    """Find out how each group delivers, from outputs that were written since some moment."""
    days = [
        day
        for (day,) in _asked(client, "store/facts/output_facts.written_days", written=text(written))
    ]
    for since, until in stretches(days):
        _command(client, "store/facts/delivery_days.fill", since=since, until=until)
        # The rule of a day rests on the week before it.
        _command(client, "store/facts/output_facts.rules", since=since, until=until + _WEEK)


def conclude(client: Client, found: datetime, since: date, until: date) -> None:
    """Tell outputs of some days what has followed since some moment from the turns after them."""
    _command(
        client, "store/facts/output_facts.conclusions", found=text(found), since=since, until=until
    )


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


def text(moment: datetime) -> str:
    """A time as a parameter of type DateTime64(6, 'UTC')."""
    return moment.strftime(_TIME)


def _write(client: Client, overlap: timedelta) -> tuple[datetime, datetime]:
    """Write outputs of which something arrived; since when it did, and when writing began."""
    seconds = {"overlap": round(overlap.total_seconds())}
    arrived, began_at = _asked(client, "store/facts/output_facts.begin", **seconds)[0]
    _write_outputs(client, arrived)
    return arrived, began_at


def _settle(client: Client, arrived: datetime, began_at: datetime) -> None:
    _apply_rules(client, began_at)
    _link_actions(client, arrived, began_at)


def _write_outputs(client: Client, arrived: datetime) -> None:
    together: list[date] = []
    spans = 0
    for day, number in _asked(client, "store/facts/output_facts.touched_days", arrived=arrived):
        if together and (spans + number > SPANS_AT_ONCE or day - together[-1] > _WEEK):
            _write_stretch(client, arrived, together, spans)
            together, spans = [], 0
        together.append(day)
        spans += number
    if together:
        _write_stretch(client, arrived, together, spans)


def _write_stretch(client: Client, arrived: datetime, days: list[date], spans: int) -> None:
    parts = -(-spans // SPANS_AT_ONCE)
    for part in range(parts):
        stretch = {"since": days[0], "until": days[-1], "part": part, "parts": parts}
        _command(client, "store/facts/output_facts.fill", arrived=arrived, **stretch)


def _link_actions(client: Client, arrived: datetime, written: datetime) -> None:
    since = {"arrived": arrived, "written": text(written)}
    arrived_actions, outputs = _asked(client, "store/facts/linked_actions.arrived", **since)[0]
    parts = -(-(arrived_actions + outputs) // SPANS_AT_ONCE)
    for part in range(parts):
        _command(client, "store/facts/linked_actions.fill", **since, part=part, parts=parts)


def _asked(client: Client, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    rows = client.query(statement(name).text, parameters=parameters).result_rows
    return [tuple(row) for row in rows]


def _command(client: Client, name: str, **parameters: Any) -> None:
    client.command(
        statement(name).text,
        parameters=parameters,
        # A replay may bring in years at once.
        settings={"max_partitions_per_insert_block": 0},
    )
