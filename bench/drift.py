"""How long does each view of drift take, at 28 and 90 days with many groups?

Fills the rollups as the jobs would: hours of signals by model, release and prompt version, days of
histograms, weeks of visits, for some groups over some days and the 70 before, from which they are
judged. Prints one JSON line: by days and view, seconds and seconds of work on all cores together,
the best of three. At `planning` the store is empty, so that planning is all that a question costs.

    python bench/drift.py --groups 20 --models 3
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from clickhouse_connect.driver.client import Client

from otel_ai_feedback import store
from otel_ai_feedback.config import load
from otel_ai_feedback.store import precompute, rollups

SQL = Path(__file__).parent / "sql"
FILLS = ("drift_hours", "drift_days", "drift_histograms", "drift_visits", "drift_current")
LATELY = "as_of = now64(3, 'UTC'), since = today() - 14"
QUESTIONS = {
    "drift, newest state": "select count(), sum(alarm) from drift where day >= today() - 8",
    "drift": "select count(), sum(alarm) from drift",
    "drift, last 15 days": f"select count(), sum(alarm) from drift_within({LATELY})",
    "drift, one series": f"select count(), sum(alarm) from drift_within({LATELY}) "
    "where service = 'service-1' and series = 'copied' and segment_kind = 'all'",
    "drift judged again": "select count(), sum(alarm) from drift_at(as_of = now64(3, 'UTC'))",
    "drift judged again, last 15 days": "select count(), sum(alarm) "
    f"from drift_live_within({LATELY})",
    "outages": "select count(), sum(outage) from outages_at(as_of = now64(3))",
    "segments": "select count(), countIf(q_value < .05) from segments_at(as_of = now64(3))",
    "drift_psi": "select count(), sum(over) from drift_psi_at(as_of = now64(3))",
    "eval_coverage_gap": "select count(), sum(n) from eval_coverage_gap_at(as_of = now64(3))",
    "usage_per_user": "select count() from usage_per_user",
    "churn_by_last_outcome": "select count() from churn_by_last_outcome",
    "annotations": "select count() from annotations",
}


def _best(client: Client, question: str, times: int) -> tuple[int, float, float]:
    taken = []
    for _ in range(times):
        began, worked = time.perf_counter(), time.process_time()
        rows = client.query(question).result_rows[0][0]
        taken.append((time.perf_counter() - began, time.process_time() - worked))
    return rows, round(min(taken)[0], 3), round(min(cpu for _, cpu in taken), 3)


def _measure(
    days: int, groups: int, models: int, times: int
) -> dict[str, tuple[int, float, float]]:
    with tempfile.TemporaryDirectory() as directory:
        settings = load(
            environ={"OTEL_AI_FEEDBACK_STATE_DIR": directory}, directory=Path(directory)
        )
        client = store.connect(settings.store)
        store.migrate(client, settings)
        for name in FILLS if days else ():
            client.command(
                (SQL / f"{name}.sql").read_text(),
                parameters={"days": days + 70, "groups": groups, "models": models},
                settings={"max_partitions_per_insert_block": 0},
            )
        precompute.refresh(rollups.begin(client, datetime.now(timezone.utc).replace(tzinfo=None)))
        found = {name: _best(client, question, times) for name, question in QUESTIONS.items()}
        client.close()
    return found


def main() -> None:
    """Run it once and print the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--groups", type=int, default=20)
    parser.add_argument("--models", type=int, default=3, help="of each group")
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    options = parser.parse_args()
    spans: tuple[int, ...] = (0, 28, 90)
    times = 3
    if options.smoke:
        options.groups, options.models, spans, times = 2, 2, (3,), 1
    found = {
        f"{days} days" if days else "planning": _measure(
            days, options.groups, options.models, times
        )
        for days in spans
    }
    print(
        json.dumps(
            {
                "bench": "drift",
                "groups": options.groups,
                "models": options.models,
                **{
                    column: {
                        span: {name: values[index] for name, values in measured.items()}
                        for span, measured in found.items()
                    }
                    for index, column in enumerate(("rows", "seconds", "cpu_seconds"))
                },
            }
        )
    )


if __name__ == "__main__":
    main()
