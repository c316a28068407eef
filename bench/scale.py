"""How do charts, lists and pages hold up at 10 million, 100 million outputs a year?

Fills the narrow tables directly, as they stand after so many outputs over a year, and asks what a
chart, an alert rule and a page of `serve` ask. Prints one JSON line: seconds, the best of three
(of one where it takes long).

    python bench/scale.py --outputs 10000000
    python bench/scale.py --outputs 100000000 --state-days 28

What drift and quality ask depends on days and groups alone, not on the number of outputs: with
``--leave-out 'drift|quality'`` they need not be asked at every size.

With ``--state-days`` the outputs of these days alone stand in output_state, as many a day; the
counts are there for the whole year.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client

from otel_ai_feedback import store
from otel_ai_feedback.config import load
from otel_ai_feedback.store.statements import views

SQL = Path(__file__).parent / "sql"
AT_ONCE = 1_000_000
READ_SHARE = 0.6
LONG_SECONDS = 3.0

NOW = "as_of = now64(3, 'UTC')"
DAY = "since = today() - 3, until = today() - 3"
WINDOW = "since = today() - {days}, until = today()"
# Views over single outputs and actions; asked without a window they read all there is.
ROWS = ("outputs", "actions", "turn_pairs")
SHARES = ("quality", "modes", "pooled")  # what `shares_within` may be asked for
# Views whose history is counted anew. The others with a moment read what is kept.
ANEW = ("facts", "links", "returning", "sampling", "annotations", "signals", "signal_rates", *ROWS)


def of_views() -> dict[str, str]:
    """Every view that a panel, rule or page may ask, a day of those over single rows."""
    questions = {}
    for view in views():
        if view.name in ROWS or (view.name.endswith("_at") and view.name[:-3] in ANEW):
            continue
        counted = view.name.startswith(("signal_rates", "signals_by_day", "series"))
        days = WINDOW.format(days=27) if counted else DAY
        values = dict(part.split(" = ", 1) for part in (NOW, *days.split(", ")))
        given = dict.fromkeys(re.findall(r"\{(\w+):", view.text))
        for of in SHARES if "of" in given else ("",):
            source = view.name
            if given:
                known = values | {"of": f"'{of}'"}
                source += "(" + ", ".join(f"{name} = {known[name]}" for name in given) + ")"
            if view.name == "output_spans":
                source += " where output_day = today() - 3"
            questions[f"view {view.name} {of}".rstrip()] = (
                f"select count(), sum(cityHash64(*)) from {source}"
            )
    return questions


QUESTIONS = {
    **{
        f"signal_rates_within, {days} days": "select count(), sum(k) from signal_rates_within("
        f"{WINDOW.format(days=days - 1)})"
        for days in (1, 28, 90, 365)
    },
    "signal_rates_within, 90 days, one series": "select day, model, rate, low, high "
    f"from signal_rates_within({WINDOW.format(days=89)}) "
    "where series = 'copied' and service = 'service-1' order by day",
    "signals by hour, 14 days": "select hour, sum(copies[1]) / sum(answers[1]) from signals "
    "where day > today() - 14 group by hour order by hour",
    "links, 28 days": "select day, link_method, sum(actions) from links "
    "where day > today() - 28 group by day, link_method order by day",
    "newest 100 outputs of a day": "select time, model, class, output_id "
    f"from outputs_within({NOW}, {DAY}) order by time desc limit 100",
    **of_views(),
}
PAGES = {
    "page overview, rates": "rates",
    "page overview, inventory": "inventory",
    "page overview, links": "links",
    "page outputs, newest_day": "newest_day",
    "page outputs, reach": "reach",
    "page outputs, outputs": "outputs",
    "page output, output_day": "output_day",
    "page output, output": "output",
    "page output, output_actions": "output_actions",
}


def page_parameters(client: Client) -> dict[str, Any]:
    """What the pages would ask with: 28 days, every group, the newest outputs, one of last week."""
    today = datetime.now(timezone.utc).date()
    shared = dict.fromkeys(
        ("service", "environment", "feature", "model", "conversation", "class", "before_id"), ""
    )
    day, trace_id, span_id = client.query(
        "select output_day, trace_id, span_id from output_state "
        "where output_day = today() - 7 limit 1"
    ).result_rows[0]
    parameters = shared | {
        "today": today,
        "since": today - timedelta(27),
        "until": today + timedelta(1),
        "before_time": int(datetime.now(timezone.utc).timestamp() * 1000),
        "limit": 1000,
        "day": day,
        "trace_id": trace_id,
        "span_id": span_id,
        "output_id": f"{trace_id}-{span_id}",
    }
    reach = client.query(
        page("reach"), parameters=parameters | {"since": today - timedelta(2)}
    ).result_rows
    return parameters | {"from_time": reach[0][1]}


def page(name: str) -> str:
    """A question of a page."""
    return (files("otel_ai_feedback.pages") / f"sql/{name}.sql").read_text("utf-8")


def main() -> None:
    """Run it once and print the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--outputs", type=int, default=1_000_000)
    parser.add_argument("--days", type=float, default=365)
    parser.add_argument("--state-days", type=float, help="default: all of them")
    parser.add_argument("--leave-out", metavar="PATTERN", help="questions that are not asked")
    parser.add_argument("--verbose", action="store_true", help="say each time at once")
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    options = parser.parse_args()
    if options.smoke:
        options.outputs, options.days = 5_000, 20.0

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
        for file in ("signals.sql", "facts.sql", "rules.sql", "draws.sql"):
            fill(file)
        fill("reviews.sql", share=READ_SHARE)
        client.command(
            "insert into rollup_days select arrayJoin(['signals', 'facts']), day, 1, 1, now64(3), "
            "now64(3), now64(3) from signals_frozen group by day",
        )
        client.command(
            store.statement("jobs/signals_daily").text,
            parameters={"version": 1, "since": "1970-01-01", "until": "2149-06-06"},
        )
        grown = round(time.perf_counter() - began, 1)
        seconds: dict[str, float] = {}
        cpu_seconds: dict[str, float] = {}
        parameters = page_parameters(client)
        looks = {"page outputs, reach": {"since": parameters["today"] - timedelta(2)}}
        questions = QUESTIONS | {name: page(file) for name, file in PAGES.items()}
        for name, question in questions.items():
            if options.leave_out and re.search(options.leave_out, name):
                continue
            taken: list[tuple[float, float]] = []
            # what takes long is asked once: no cache is warm for it the second time, either
            times = 1 if options.smoke else 3
            while len(taken) < times and sum(wall for wall, _ in taken) < LONG_SECONDS:
                started, worked = time.perf_counter(), time.process_time()
                client.query(question, parameters=parameters | looks.get(name, {}))
                taken.append((time.perf_counter() - started, time.process_time() - worked))
            if options.verbose:
                sys.stderr.write(f"{min(taken)[0]:8.3f} s  {name}\n")
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
                "seconds_to_fill": grown,
                "outputs_in_output_state": stored,
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
