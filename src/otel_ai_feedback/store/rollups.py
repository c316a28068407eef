"""Counts by hour and day, kept beside the outputs, so that no chart reads the outputs themselves.

A day is computed whole under a new version, and becomes what readers see when the version is put
into ``rollup_days``. So it is replaced in one step; two processes that do so at once leave one of
two equal results, and one that is killed on the way leaves nothing that a reader looks at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, cast

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.changed_days import FREEZE_AFTER_DAYS, changed_days
from otel_ai_feedback.store.statements import statement

# A replay may bring in a year at once: so many days are looked at together, or more of them while
# they are few outputs, because planning a statement then costs far more than what it computes.
_DAYS_AT_ONCE: Final = 8
_OUTPUTS_AT_ONCE: Final = 100_000

# A day without one of them was counted by a version that knew less of it.
_OF_FACTS: Final = ("facts", "actions")

_TIME: Final = "%Y-%m-%d %H:%M:%S.%f"


def text(moment: datetime) -> str:
    """A time as a parameter of type DateTime64(3, 'UTC')."""
    return moment.strftime(_TIME)[:-3]


@dataclass(frozen=True)
class Run:
    """One run of the jobs.

    Attributes:
        client: The store.
        as_of: The moment to which it looks, naive UTC.
        began_at: When it began by the engine's clock, naive UTC.
        today: The day of ``as_of`` in the store's time zone.
        matured_day: The day of the youngest outputs that may have matured.
        days: The days that may have changed since the run before, in order.
    """

    client: Client
    as_of: datetime
    began_at: datetime
    today: date
    matured_day: date
    days: tuple[date, ...]

    def command(self, job: str, **parameters: Any) -> None:
        """Run the statement of a job."""
        self.client.command(
            statement(job).text, parameters={"as_of": text(self.as_of), **parameters}
        )

    def asked(self, job: str, **parameters: Any) -> list[dict[str, Any]]:
        """The answer to the question of a job."""
        result = self.client.query(
            statement(job).text, parameters={"as_of": text(self.as_of), **parameters}
        )
        return list(result.named_results())

    def clock(self) -> datetime:
        """What time it is where the data are, naive UTC."""
        return cast(datetime, self.asked("store/counts/run.begin")[0]["began_at"])

    def next_version(self) -> int:
        """The version of a computation that begins now."""
        return int(self.asked("store/counts/run.begin")[0]["version"])

    def spans(self) -> Iterable[tuple[date, date]]:
        """The days in stretches without a gap, first and last day of each."""
        return self.stretches(self.days, _DAYS_AT_ONCE)

    def stretches(
        self, days: Sequence[date], at_once: int, step: int = 1
    ) -> Iterable[tuple[date, date]]:
        """Days in stretches without a gap, first and last day of each.

        Args:
            days: In order.
            at_once: A longer stretch has few outputs.
            step: Days from one to the next; 7 where they are Mondays, each of which is a week.
        """
        outputs: Counter[date] = Counter()
        if len(days) > at_once:
            bounds = {"since": days[0], "until": days[-1] + timedelta(step - 1)}
            counted = self.client.query(
                statement("store/counts/run.outputs_of_days").text, parameters=bounds
            )
            for day, number in counted.result_rows:
                outputs[day - timedelta((day - days[0]).days % step)] += number
        first = last = None
        together = 0
        for day in days:
            together += outputs[day]
            small = together <= _OUTPUTS_AT_ONCE
            if (
                first
                and last
                and (day - last).days == step
                and (small or (day - first).days < at_once * step)
            ):
                last = day
                continue
            if first and last:
                yield first, last
            first = last = day
            together = outputs[day]
        if first and last:
            yield first, last

    def days_have(
        self, trait: Literal["conversation", "subject"], since: date, until: date
    ) -> bool:
        """Whether outputs of some days, or weeks by their Mondays, have what a job is about.

        Planning a statement about it costs far more than asking, and it would find nothing.
        """
        asked = {"trait": trait, "since": since, "until": until}
        found = self.client.query(statement("store/counts/run.days_have").text, parameters=asked)
        return bool(found.result_rows[0][0])


def begin(client: Client, as_of: datetime) -> Run:
    """Find out what there is to do.

    Args:
        client: From ``connect``.
        as_of: The moment to look to, naive UTC.
    """
    at = {"as_of": text(as_of)}
    began_at, today, matured_day, _version = client.query(
        statement("store/counts/run.begin").text, parameters=at
    ).result_rows[0]
    days = changed_days(client, as_of, today)
    return Run(client, as_of, began_at, today, matured_day, days)


def refresh(run: Run) -> None:
    """Compute every day that may have changed, and every week that has closed."""
    count_days(run)
    refresh_weeks(run)
    refresh_histograms(run)
    _drop_replaced(run.client)
    finish(run)


def count_days(run: Run) -> None:
    """Compute every day that may have changed, and nothing of what takes longer to close."""
    for since, until in run.spans():
        _count(run, since, until)


def finish(run: Run) -> None:
    """Record that what had arrived when the run began has been taken in."""
    _make_current(run, ["jobs"], date(1970, 1, 1), run.next_version(), run.as_of)


def _count(run: Run, since: date, until: date) -> None:
    version = run.next_version()
    frozen_until = run.today - timedelta(FREEZE_AFTER_DAYS + 1)
    counted = {"since": since, "until": until, "version": version, "frozen_until": frozen_until}
    run.command("store/counts/exposures.fill", **counted)
    # What answers could have shown follows from a week of these, so they hold before counts do.
    run.command(
        "store/counts/rollup_days.set_span",
        rollup="exposures",
        version=version,
        since=since,
        until=until,
        step=1,
        began_at=text(run.began_at),
    )
    run.command("store/counts/signal_counts.fill", **counted)
    run.command("store/counts/facts_daily.fill", **counted)
    due_at = run.client.query(
        statement("store/counts/run.days_due").text, parameters={"since": since, "until": until}
    ).result_rows
    for day, due in due_at:
        frozen = day <= frozen_until
        _make_current(run, ["signals", *_OF_FACTS], day, version, due, frozen=frozen)


def refresh_weeks(run: Run) -> None:
    """Count who came back when a week closes, and again a day and a week later, for what was late.

    What arrives later still has its weeks recounted.
    """
    computed = {
        day: (as_of, due_at)
        for day, as_of, due_at in run.client.query(
            statement("store/counts/returning.computed").text
        ).result_rows
    }
    mondays = {day - timedelta(day.weekday()) for day in run.days}
    mondays |= {monday + timedelta(7) for monday in mondays}
    mondays |= {day for day, (as_of, due_at) in computed.items() if as_of < due_at <= run.as_of}
    due_at: dict[date, datetime] = {}
    for monday in sorted(mondays):
        age = (run.matured_day - monday).days - 7
        if age < 0:
            continue
        as_of, due = computed.get(monday, (None, None))
        if as_of and due and (as_of > run.as_of or as_of < due > run.as_of):
            continue
        again = timedelta(1) if age < 1 else timedelta(7 - age)
        due_at[monday] = run.as_of + max(again, timedelta(0))
    for since, until in run.stretches(list(due_at), 1, step=7):
        version = run.next_version()
        if run.days_have("subject", since, until):
            for job in ("store/counts/returning.fill", "store/counts/visits.fill"):
                run.command(job, since=since, until=until, version=version)
        for monday in (monday for monday in due_at if since <= monday <= until):
            _make_current(run, ["returning"], monday, version, due_at[monday])


def refresh_histograms(run: Run) -> None:
    """Count how outputs are spread over lengths, latencies ..., once a day has ended.

    A day that is still filling would be counted a thousand times for a comparison of whole weeks.
    """
    due = run.client.query(
        statement("store/counts/histograms.due").text, parameters={"as_of": text(run.as_of)}
    ).result_rows
    due_at: dict[date, datetime] = {row[0]: row[1] for row in due}
    for since, until in run.stretches(list(due_at), 1):
        version = run.next_version()
        run.command("store/counts/histograms.fill", since=since, until=until, version=version)
        for day in (day for day in due_at if since <= day <= until):
            _make_current(run, ["histograms"], day, version, due_at[day])


def _make_current(
    run: Run,
    rollups: list[str],
    day: date,
    version: int,
    due_at: datetime,
    *,
    frozen: bool = False,
) -> None:
    run.command(
        "store/counts/rollup_days.set",
        rollups=rollups,
        day=day,
        version=version,
        frozen=frozen,
        began_at=text(run.began_at),
        due_at=text(due_at),
    )


def _drop_replaced(client: Client) -> None:
    for table, version in client.query(
        statement("store/counts/rollup_days.replaced").text
    ).result_rows:
        client.command(f"alter table {table} drop partition {int(version)}")
