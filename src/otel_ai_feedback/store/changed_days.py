"""Which days may have changed since the jobs last ran?

Those of whose outputs something was written since, with the seven after (what could have shown a
signal is judged from a week); those that were due to change without that, because outputs mature
and days close; those old enough to be frozen; and those of actions, as they may have no output.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.ask import Row, ask

FREEZE_AFTER_DAYS: Final = 7
"""A day older than this is kept by month, and recomputed only for late arrivals."""

_AFTER: Final = range(8)
_NEVER: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - times of the store are naive UTC
_LAST_DAY: Final = date(2149, 6, 6)
# what is inserted is seen a little later than it says
_UNSEEN: Final = timedelta(seconds=10)


def changed_days(client: Client, as_of: datetime, today: date) -> tuple[date, ...]:
    """The days, in order.

    Args:
        client: From ``connect``.
        as_of: The moment to look to, naive UTC.
        today: Its day in the store's time zone.
    """
    counted = ask(client, "store/counts/run.counted")
    signals = [row for row in counted if row["rollup"] == "signals"]
    runs = [row for row in counted if row["rollup"] == "jobs"]
    written = ask(
        client,
        "store/counts/run.written",
        as_of=as_of,
        last_run=max(max((row["began_at"] for row in runs), default=_NEVER) - _UNSEEN, _NEVER),
        looked_to=max((row["as_of"] for row in runs), default=_NEVER),
    )
    days = {row["day"] for row in written if row["of_output"]}
    changed = {min(day + timedelta(after), _LAST_DAY) for day in days for after in _AFTER}
    found = _with_outputs(client, changed)
    found |= {row["day"] for row in written if not row["of_output"]}
    # days of actions alone, too, whose output has arrived
    found |= {row["day"] for row in signals if row["day"] in changed or _is_due(row, as_of, today)}
    # what was computed for a later moment is not taken back
    found -= {row["day"] for row in signals if row["as_of"] > as_of}
    if found:
        (kept,) = ask(client, "store/counts/run.kept_days")
        first = today.toordinal() - kept["days"]
        found = {day for day in found if first <= day.toordinal() <= today.toordinal() + 1}
    return tuple(sorted(found))


def _with_outputs(client: Client, days: set[date]) -> set[date]:
    if not days:
        return set()
    bounds = {"since": min(days), "until": max(days)}
    return days & {row["day"] for row in ask(client, "store/counts/run.outputs_of_days", **bounds)}


def _is_due(row: Row, as_of: datetime, today: date) -> bool:
    is_old = row["day"] < today - timedelta(FREEZE_AFTER_DAYS)
    return row["as_of"] < row["due_at"] <= as_of or (is_old and not row["frozen"])
