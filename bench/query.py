"""How long do panels, rules and views take, and how long a run of the jobs?

Outputs are made inside the engine, as spans that go through every view, over some days. Prints one
JSON line: by question, seconds and seconds of work on all cores together, the best of three (of
fewer where it takes long); each also at once on stderr.

    python bench/query.py --outputs 250000 --days 28
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from asked import Times, of_dashboards
from otel_ai_feedback import store
from otel_ai_feedback.config import load
from otel_ai_feedback.store import jobs

SPANS = (Path(__file__).parent / "sql/spans.sql").read_text()
AT_ONCE = 100_000
SMOKE_EVERY = 6

DAY = "as_of = now64(3, 'UTC'), since = today() - 1, until = today() - 1"
QUESTIONS = {
    "signal_rates": "select count(), sum(k) from signal_rates",
    "signal_rates_within, 28 days": "select count(), sum(k) from signal_rates_within("
    "since = today() - 27, until = today())",
    "signal_hours_within, 28 days": "select sum(answers) from signal_hours_within("
    "since = today() - 27, until = today())",
    "outputs of a day": f"select sum(cityHash64(*)) from outputs_within({DAY})",
    "actions of a day": f"select sum(cityHash64(*)) from actions_within({DAY})",
    "turn_pairs of a day": f"select sum(cityHash64(*)) from turn_pairs_within({DAY})",
    "facts of a day": f"select sum(items) from daily_attribute_counts_within({DAY})",
    "outputs": "select sum(cityHash64(*)) from outputs",
    "actions": "select sum(cityHash64(*)) from actions",
    "links": "select sum(actions) from links",
    "sampling": "select sum(outputs) from sampling",
    "annotations": "select count() from annotations",
    "drift": "select count() from drift",
    "outages": "select count() from outages_at(as_of = now64(3))",
    "quality": "select count() from quality",
    "signal_calibration": "select count() from signal_calibration_at(as_of = now64(3))",
    "failure_modes": "select count() from failure_modes_at(as_of = now64(3))",
    "loop_health": "select count() from loop_health_at(as_of = now64(3))",
    "links_at": "select sum(actions) from links_at(as_of = now64(3, 'UTC'))",
    "turn_pairs": "select sum(cityHash64(*)) from turn_pairs",
    "signal_rates_at": "select sum(k) from signal_rates_at(as_of = now64(3, 'UTC'))",
}


def main() -> None:
    """Run it once and print the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--outputs", type=int, default=250_000)
    parser.add_argument("--days", type=float, default=28)
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    options = parser.parse_args()
    if options.smoke:
        options.outputs, options.days = 2_000, 3.0

    with tempfile.TemporaryDirectory() as directory:
        settings = load(
            environ={"OTEL_AI_FEEDBACK_STATE_DIR": directory}, directory=Path(directory)
        )
        client = store.connect(settings.store)
        store.migrate(client, settings)
        until = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.000000000")
        for first in range(0, options.outputs, AT_ONCE):
            outputs = min(AT_ONCE, options.outputs - first)
            client.command(
                SPANS,
                parameters={
                    "first": first, "outputs": outputs, "days": options.days, "until": until,
                },
                settings={"max_partitions_per_insert_block": 0},
            )  # fmt: skip
        runs = []
        for _ in range(2):
            began = time.perf_counter()
            jobs.run(client)
            runs.append(round(time.perf_counter() - began, 3))
        counted = client.query(
            "select sum(answers) from signal_days_within(since = '1970-01-01', "
            "until = '2149-06-06') where signal = '(used)'"
        ).result_rows[0][0]
        times = Times(
            client, times=1 if options.smoke else 3, every=SMOKE_EVERY if options.smoke else 1
        )
        times.take(QUESTIONS)
        (output_id,) = client.query("select output_id from outputs limit 1").result_rows[0]
        times.take(of_dashboards(output_id))
        client.close()
    print(
        json.dumps(
            {
                "bench": "query",
                "outputs": options.outputs,
                "counted_outputs": counted,
                "days": options.days,
                "jobs_first_run_seconds": runs[0],
                "jobs_again_seconds": runs[1],
                "seconds": times.seconds,
                "cpu_seconds": times.cpu_seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
