"""Rows of ``signal_counts`` as the jobs would have counted them, users as alike as can be."""

from datetime import datetime, timezone

BUCKETS = 64
COLUMNS = (
    "day", "version", "frozen", "hour", "service", "environment", "feature", "model", "release",
    "prompt_version", "signal", "shown", "answers", "k", "n",
)  # fmt: skip
NO_HOUR = datetime(1970, 1, 1, tzinfo=timezone.utc)


def insert_counts(client, rows):
    """Insert counts.

    Args:
        client: The store.
        rows: ``(day, hour, group, model, release, signal, k, n)``; without an hour, of the day.
    """
    client.insert(
        "signal_counts",
        [
            [
                day, 1, 1, hour or NO_HOUR, *group, model, release, "", signal, k, n,
                [k] if hour else [k / BUCKETS] * BUCKETS, [n] if hour else [n / BUCKETS] * BUCKETS,
            ]
            for day, hour, group, model, release, signal, k, n in rows
        ],
        column_names=COLUMNS,
    )  # fmt: skip
