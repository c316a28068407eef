"""Drift, quality and what went wrong, kept as rows: what asks for them costs reading alone.

They rest on weeks of counts and labels, and are expensive to compute. The jobs compute them when
what they rest on has changed: from the week of the first change on, as all that follows rests on it
too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from otel_ai_feedback.store import relations
from otel_ai_feedback.store.rollups import Run, text

LATE_ROWS: Final = 2_000
"""Where more rows of drift than this are to be written, late arrivals wait for ``LATE_AFTER``."""

SETTLED_AFTER: Final = timedelta(35)
"""After so long from its Monday on what is read of a week no longer counts: it has expired."""

LATE_AFTER: Final = timedelta(hours=1)
"""How long after a computation what has arrived late is taken in, in a store with many series."""

# What is kept belongs to the text that it was computed by: another one computes it again.
_DRIFT: Final = "store/precomputed/drift_daily.fill"
_QUALITY: Final = "review/precomputed/quality_weekly.fill"
_MODES: Final = "review/precomputed/mode_counts_weekly.fill"


def refresh(run: Run) -> None:
    """Compute drift, quality and failure modes of what has changed since they were last computed.

    Args:
        run: The run of the jobs; counts must have been brought up to date.
    """
    _refresh_drift(run)
    _refresh_quality(run)


def _refresh_drift(run: Run) -> None:
    last = run.asked("store/counts/rollup_days.judged_until", rollup="drift")[0]
    if last["as_of"] > run.as_of:
        return
    days = run.asked("store/precomputed/drift_daily.inputs", rule=relations.rule_of(_DRIFT))
    recounted = [day for day in days if day["version"] > day["known_version"]]
    counts = {}
    if recounted:
        stretch = {"since": recounted[0]["day"], "until": recounted[-1]["day"]}
        counts = {
            row["day"]: row["counts"]
            for row in run.asked("store/precomputed/drift_daily.counts", **stretch)
        }
    for day in days:
        day["counts"] = day["known_counts"]
    for day in recounted:
        day["counts"] = counts.get(day["day"], 0)
    changed = [day for day in days if _has_changed(day)]
    firsts = [_monday(day["day"]) for day in changed[:1]]
    if days and last["day"] < _monday(run.matured_day) - timedelta(1):
        firsts.append(
            _monday(last["day"])
        )  # a week has closed, perhaps without anything on its Sunday
    if firsts:
        since = max(min(firsts), _monday(days[0]["day"]))
        # What arrives late trickles in all day, and each time the whole week would be recomputed.
        is_late = len(firsts) == 1 and all(_is_late(day) for day in changed)
        is_soon = run.as_of - last["as_of"] < LATE_AFTER
        if is_late and is_soon and _kept_rows(run, since) > LATE_ROWS:
            return
        _compute(
            run,
            _DRIFT,
            "drift",
            since,
            run.matured_day - timedelta(1),
            step=1,
        )
    _remember(run, "drift", {day["day"]: day for day in (*recounted, *changed)}.values())


def _refresh_quality(run: Run) -> None:
    if run.asked("store/counts/rollup_days.judged_until", rollup="quality")[0]["as_of"] > run.as_of:
        return
    inputs = run.asked(
        "review/precomputed/quality_weekly.inputs", rule=relations.rule_of(_QUALITY, _MODES)
    )
    weeks = [week for week in inputs if _has_changed(week)]
    # before it is remembered that the weeks have changed, or a run that is cut short would leave it
    _refresh_modes(run, [week["week"] for week in inputs], [week["week"] for week in weeks])
    if weeks:
        first = weeks[0]["week"] + timedelta(7)
        version = _compute(
            run,
            _QUALITY,
            "quality",
            first,
            _monday(run.today),
            step=7,
        )
        _remember(
            run, "quality", ({**week, "day": week["week"], "version": version} for week in weeks)
        )


def _refresh_modes(run: Run, weeks: list[date], changed: list[date]) -> None:
    """Count failure modes of weeks that were read to their end, or corrected after it."""
    until = _monday(run.today - SETTLED_AFTER)
    counted = run.asked("store/counts/rollup_days.judged_until", rollup="modes")[0]["day"]
    since = min([*changed, *(week for week in weeks if week > counted)], default=None)
    if since and since <= until:
        _compute(run, _MODES, "modes", since, until, step=7)


def _has_changed(row: dict[str, Any]) -> bool:
    return not row["known_version"] or (row["counts"], row["context"]) != (
        row["known_counts"],
        row["known_context"],
    )


def _is_late(row: dict[str, Any]) -> bool:
    return bool(row["known_version"]) and row["context"] == row["known_context"]


def _compute(run: Run, job: str, rollup: str, since: date, until: date, *, step: int) -> int:
    version = run.next_version()
    run.command(job, version=version, since=since, until=until)
    run.command(
        "store/counts/rollup_days.set_span",
        rollup=rollup,
        since=since,
        until=until,
        step=step,
        version=version,
        began_at=text(run.began_at),
    )
    return version


def _remember(run: Run, rollup: str, rows: Iterable[dict[str, Any]]) -> None:
    columns = ["day", "version", "counts", "context"]
    found = [[rollup, *(row[column] for column in columns)] for row in rows]
    if found:
        run.client.insert("rollup_inputs", found, column_names=["rollup", *columns])


def _kept_rows(run: Run, since: date) -> int:
    (row,) = run.asked("store/precomputed/drift_daily.kept", since=since)
    return int(row["kept_rows"])


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())
