"""Synthetic rows in the tables that views read, for rules and panels: counts, labels, actions."""

from collections import defaultdict
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from counted import insert_counts
from otel_ai_feedback.store import kept, precompute, relations, rollups

UTC = timezone.utc
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
GROUP = ("chat", "production", "support")
_LATER = datetime(2026, 12, 1, tzinfo=UTC)


def count(client, hours, group=GROUP, model="small", release="1", *, seen=True):
    """Hours as the jobs have counted them.

    Args:
        client: The store.
        hours: ``(hour, outputs, copies)``.
        group: Service, environment and feature.
        model: Their model.
        release: Their release.
        seen: Whether a script in the page saw them.
    """
    days = defaultdict(lambda: [0, 0])
    rows = []
    for hour, outputs, copies in hours:
        rows += _of(hour.date(), hour, group, model, release, outputs, copies, seen)
        days[hour.date()][0] += outputs
        days[hour.date()][1] += copies
    for day, found in days.items():
        rows += _of(day, None, group, model, release, *found, seen)
    insert_counts(client, rows)
    client.insert(
        "rollup_days",
        [["signals", day, 1, 1, _LATER, _LATER, _LATER] for day in days],
    )


def _of(day, hour, group, model, release, outputs, copies, seen):
    counts = {
        "failed": 0, "copied": copies, "(used)": copies, "(seen)": outputs * seen,
        "(actions)": copies + outputs * seen,
    }  # fmt: skip
    if seen:
        counts["closed_fast"] = 0
    for signal, k in counts.items():
        yield day, hour, group, model, release, signal, k, outputs


def judge(client, at):
    """Judge drift and quality from what was counted and labelled, as the jobs do.

    Args:
        client: The store.
        at: The moment to which they look.
    """
    precompute.refresh(rollups.begin(client, at.astimezone(UTC).replace(tzinfo=None)))


def answer(client, at, *names):
    """Keep the answers to some questions, as the jobs do.

    Args:
        client: The store.
        at: The moment to which they look.
        *names: Of the tables that keep them.
    """
    with patch.object(relations, "kept", lambda: [relations.relations()[name] for name in names]):
        kept.refresh(client, at)


def label(
    client,
    week,
    good,
    bad,
    *,
    group=GROUP,
    outputs=1000.0,
    modes=(),
    reviewer="ann",
    stratum="none",
):
    """A closed week of a group, all of whose sampled outputs were read.

    Args:
        client: The store.
        week: Its Monday.
        good: How many labels are good.
        bad: How many are bad.
        group: Service, environment and feature.
        outputs: How many outputs the week had.
        modes: Failure modes of the bad ones.
        reviewer: Who read them.
        stratum: Their class.
    """
    day = week.date()
    names = [f"{'/'.join(group)} {day} {stratum} {number}" for number in range(good + bad)]
    u = [(number + 1) / (len(names) + 1) for number in range(len(names))]
    frozen = week + timedelta(days=8)
    client.insert(
        "draws",
        [[
            day, *group, "small", "1", stratum, 1.0, True, outputs, [3, 9, 0, 0, 0, 0], 1.0,
            len(names) / outputs, list(zip(names, u, strict=True)), "run", frozen,
        ]],
    )  # fmt: skip
    client.insert(
        "reviews",
        [
            [
                f"{reviewer} {name}", name, "first", reviewer,
                "good" if number < good else "bad", [] if number < good else list(modes), "", 20.0,
                "1", frozen + timedelta(hours=1),
            ]
            for number, name in enumerate(names)
        ],
    )  # fmt: skip
