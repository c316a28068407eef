"""How do charts and lists hold up at 10 million, 100 million outputs?

Fills the narrow tables directly, as they stand after so many outputs over a year, and asks what a
chart, an alert rule and a list of a day ask. Prints one JSON line: seconds, the best of three.

    python bench/scale.py --outputs 10000000
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from otel_ai_feedback import store
from otel_ai_feedback.config import load

SQL = Path(__file__).parent / "sql"
AT_ONCE = 1_000_000

DAY = "as_of = now64(3, 'UTC'), since = today() - 3, until = today() - 3"
QUESTIONS = {
    "signal_rates of 28 days": "select count(), sum(k) from signal_rates where day > today() - 28",
    "signal_rates of 90 days, one series": "select day, model, rate, low, high from signal_rates "
    "where day > today() - 90 and series = 'copied' and service = 'service-1' order by day",
    "signal_rates": "select count(), sum(k) from signal_rates",
    "signals by hour, 14 days": "select hour, sum(copies[1]) / sum(answers[1]) from signals "
    "where day > today() - 14 group by hour order by hour",
    "newest 100 outputs of a day": "select time, model, class, output_id "
    f"from outputs_within({DAY}) order by time desc limit 100",
}


def main() -> None:
    """Run it once and print the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--outputs", type=int, default=1_000_000)
    parser.add_argument("--days", type=float, default=365)
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    options = parser.parse_args()
    if options.smoke:
        options.outputs, options.days = 5_000, 20.0

    with tempfile.TemporaryDirectory() as directory:
        settings = load(
            environ={"OTEL_AI_FEEDBACK_STATE_DIR": directory}, directory=Path(directory)
        )
        client = store.connect(settings.store)
        store.migrate(client, settings)
        shape = {
            "total": options.outputs,
            "days": options.days,
            "until": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S"),
        }
        unlimited = {"max_partitions_per_insert_block": 0}
        states = (SQL / "states.sql").read_text()
        for first in range(0, options.outputs, AT_ONCE):
            rows = min(AT_ONCE, options.outputs - first)
            client.command(
                states, parameters={**shape, "first": first, "rows": rows}, settings=unlimited
            )
        client.command((SQL / "signals.sql").read_text(), parameters=shape, settings=unlimited)
        client.command(
            "insert into rollup_days select distinct 'signals', day, 1, 1, now64(3), now64(3), "
            "now64(3) from signals_frozen",
        )
        client.command(
            store.statement("jobs/signals_daily").text,
            parameters={"version": 1, "since": "1970-01-01", "until": "2149-06-06"},
        )
        seconds: dict[str, float] = {}
        cpu_seconds: dict[str, float] = {}
        for name, question in QUESTIONS.items():
            taken = []
            for _ in range(3):
                began, worked = time.perf_counter(), time.process_time()
                client.query(question)
                taken.append((time.perf_counter() - began, time.process_time() - worked))
            seconds[name] = round(min(taken)[0], 3)
            cpu_seconds[name] = round(min(cpu for _, cpu in taken), 3)
        stored, bytes_ = client.query(
            "select sum(rows), sum(data_compressed_bytes) from system.parts "
            "where active and database = currentDatabase() and table = 'output_state'"
        ).result_rows[0]
        hours = client.query("select count() from signals_frozen").result_rows[0][0]
        client.close()
    print(
        json.dumps(
            {
                "bench": "scale",
                "outputs": options.outputs,
                "days": options.days,
                "rollup_rows": hours,
                "bytes_per_output_in_output_state": round(bytes_ / stored, 1),
                "seconds": seconds,
                # what the engine worked, on however many cores: steady on a busy machine
                "cpu_seconds": cpu_seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
