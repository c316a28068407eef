"""How do charts, rules, lists and pages hold up at 10 million, 100 million outputs a year?

Fills the narrow tables directly, as they stand after so many outputs over a year, lets the jobs
judge drift and quality, and asks what every panel, alert rule, page and view asks. Prints one JSON
line: seconds, the best of three (of fewer where it takes long); each also at once on stderr.

    python bench/scale.py --outputs 10000000
    python bench/scale.py --outputs 100000000 --state-days 14

With ``--state-days`` the outputs of these days alone stand in output_state, as many a day; the
counts are there for the whole year.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from asked import DAY, NOW, WINDOW, Times, of_dashboards, of_pages, of_views
from otel_ai_feedback import store
from otel_ai_feedback.config import load
from otel_ai_feedback.store import facts, precompute, rollups

SQL = Path(__file__).parent / "sql"
AT_ONCE = 1_000_000
READ_SHARE = 0.6
SMOKE_EVERY = 12  # planning every view takes a minute

QUESTIONS = {
    **{
        f"signal_rates_within, {days} days": "select count(), sum(k) from signal_rates_within("
        f"{WINDOW.format(days=days - 1)})"
        for days in (1, 28, 90, 365)
    },
    "signal_rates_within, 90 days, one series": "select day, model, rate, low, high "
    f"from signal_rates_within({WINDOW.format(days=89)}) "
    "where series = 'copied' and service = 'service-1' order by day",
    "signals by hour, 14 days": "select hour, sum(k) / sum(n) from signal_hours_within("
    f"{WINDOW.format(days=13)}) where signal = 'copied' group by hour order by hour",
    "links, 28 days": "select day, link_method, sum(actions) from links "
    "where day > today() - 28 group by day, link_method order by day",
    "newest 100 outputs of a day": "select time, model, class, output_id "
    f"from outputs_within({NOW}, {DAY}) order by time desc limit 100",
}


def main() -> None:
    """Run it once and print the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--outputs", type=int, default=1_000_000)
    parser.add_argument("--days", type=float, default=365)
    parser.add_argument("--state-days", type=float, help="default: all of them")
    parser.add_argument("--times", type=int, default=3, help="how often each question is asked")
    parser.add_argument("--only", metavar="PATTERN", help="questions that are asked")
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    options = parser.parse_args()
    if options.smoke:
        options.outputs, options.days, options.times = 5_000, 20.0, 1

    with tempfile.TemporaryDirectory() as directory:
        settings = load(
            environ={"OTEL_AI_FEEDBACK_STATE_DIR": directory}, directory=Path(directory)
        )
        began = time.perf_counter()
        client = store.connect(settings.store)
        store.migrate(client, settings)
        shape = {
            "total": options.outputs,
            "days": options.days,
            "until": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S"),
        }
        unlimited = {"max_partitions_per_insert_block": 0}

        def fill(file: str, **more: Any) -> None:
            client.command((SQL / file).read_text(), parameters=shape | more, settings=unlimited)

        state_days = options.state_days or options.days
        total = int(options.outputs * state_days / options.days)
        for first in range(0, total, AT_ONCE):
            rows = min(AT_ONCE, total - first)
            place = {"first": first, "total": total, "days": state_days}
            fill("states.sql", rows=rows, **place)
            fill("actions.sql", rows=rows // 2, **place | {"first": first // 2})
        facts.refresh(client, datetime.now(timezone.utc).replace(tzinfo=None))
        for hours in (0, 1):
            fill("signals.sql", hours=hours)
        for file in ("facts.sql", "rules.sql", "draws.sql"):
            fill(file)
        fill("reviews.sql", share=READ_SHARE)
        client.command(
            "insert into rollup_days select arrayJoin(['signals', 'facts']), day, 1, 1, now64(3), "
            "now64(3), now64(3) from signal_counts group by day",
        )
        grown = round(time.perf_counter() - began, 1)
        began = time.perf_counter()
        precompute.refresh(rollups.begin(client, datetime.now(timezone.utc).replace(tzinfo=None)))
        judged = round(time.perf_counter() - began, 1)
        times = Times(
            client,
            times=options.times,
            only=options.only,
            every=SMOKE_EVERY if options.smoke else 1,
        )
        pages = of_pages(client, 7)
        times.take(QUESTIONS)
        times.take(of_dashboards(pages["page output, output"][1]["output_id"]))
        times.take(pages)
        times.take(of_views())
        stored, bytes_ = client.query(
            "select sum(rows), sum(data_compressed_bytes) from system.parts "
            "where active and database = currentDatabase() and table = 'output_state'"
        ).result_rows[0]
        counts = client.query("select count() from signal_counts").result_rows[0][0]
        client.close()
    print(
        json.dumps(
            {
                "bench": "scale",
                "outputs": options.outputs,
                "days": options.days,
                "seconds_to_fill": grown,
                "seconds_to_judge_it_all": judged,
                "outputs_in_output_state": stored,
                "rows_of_counts": counts,
                "bytes_per_output_in_output_state": round(bytes_ / stored, 1),
                "seconds": times.seconds,
                "cpu_seconds": times.cpu_seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
