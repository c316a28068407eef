"""What does it cost to ask: CPU to plan and to run each statement of pages, panels, rules and jobs?

On the store that the demo leaves, so that almost all is planning. The unit is what planning one
statement costs on the same engine in the same run: daily counts, added up by day and model.
Prints one JSON line: units per statement, the worst and the median, and CPU seconds of a run of the
jobs that finds nothing new. Beyond the ceiling it exits with 1.

    python bench/planning.py
"""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client

from asked import of_dashboards, of_pages
from asked.demo import arguments, state
from otel_ai_feedback import store
from otel_ai_feedback.config import load
from otel_ai_feedback.store import jobs, kept

# The budget is 10 and 3 in units of 6 ms; this unit is a fifth as much. Measured 101 and 8.3 with
# --smoke on a busy machine; beyond these something has become deeper.
CEILING = {"worst": 150, "median": 15}
CALIBRATION = (
    "select day, signal, sumForEach(k), sumForEach(n) from signal_counts group by day, signal"
)

# What a job writes is asked, and not written again.
_INSERT = re.compile(r"^insert into \w+(?: \([^)]*\))?\n", re.MULTILINE)


class Recorder:
    """A client that notes what it is asked, as :mod:`.jobs` asks it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.asked: dict[str, tuple[str, dict[str, Any]]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def query(self, text: str, parameters: Any = None, **more: Any) -> Any:
        """As the client's."""
        self._note(text, parameters)
        return self._client.query(text, parameters=parameters, **more)

    def command(self, text: str, parameters: Any = None, **more: Any) -> Any:
        """As the client's."""
        self._note(text, parameters)
        return self._client.command(text, parameters=parameters, **more)

    def _note(self, text: str, parameters: dict[str, Any] | None) -> None:
        question = text.partition("\n")[0].removeprefix("-- ")
        if text.startswith("-- "):  # a statement of ours, and not a change of partitions
            self.asked[f"job {question}"] = (_INSERT.split(text)[-1], parameters or {})


def spent(call: Callable[[], Any], times: int) -> float:
    """CPU seconds of this process for a call, on however many cores; the least of some."""
    found = []
    for _ in range(times):
        began = time.process_time()
        call()
        found.append(time.process_time() - began)
    return min(found)


def main() -> int:
    """Measure and print the line."""
    options = arguments(__doc__)
    times = 1 if options.smoke else 3
    with state(options) as environment:
        os.environ.update(environment)
        settings = load(directory=Path.cwd())
        client = store.connect(settings.store)
        store.migrate(client, settings)
        jobs.run(client)
        kept.refresh(client)
        recorder: Any = Recorder(client)

        def turn() -> None:
            jobs.run(recorder)
            kept.refresh(recorder)

        run_seconds = spent(turn, times)
        ids = "select output_id from outputs order by time desc limit 1"
        output_id = str(client.query(ids).result_rows[0][0])
        asked: dict[str, Any] = {
            **of_pages(client, 1),
            **{name: (sql, {}) for name, sql in of_dashboards(output_id).items()},
            **recorder.asked,
        }
        explain = f"explain {CALIBRATION}"
        unit = spent(lambda: client.query(explain), 20)
        units: dict[str, tuple[float, float]] = {}
        for name, (text, parameters) in asked.items():
            if not re.search(options.only, name):
                continue

            def plan(sql: str = f"explain {text}", given: Any = parameters) -> None:
                client.query(sql, parameters=given)

            def run(sql: str = text, given: Any = parameters) -> None:
                client.command(sql, parameters=given)

            units[name] = (spent(plan, times) / unit, spent(run, times) / unit)
            sys.stderr.write(f"{units[name][0]:8.1f} {units[name][1]:8.1f}  {name}\n")
        client.close()
    whole = {name: round(both, 1) for name, (_, both) in units.items()}
    line = {
        "bench": "planning",
        "days": options.days,
        "unit_ms": round(unit * 1000, 2),
        "statements": len(whole),
        "worst": max(whole.values()),
        "median": round(statistics.median(whole.values()), 1),
        "worst_plan": round(max(plan for plan, _ in units.values()), 1),
        "median_plan": round(statistics.median(plan for plan, _ in units.values()), 1),
        "jobs_with_nothing_new_seconds": round(run_seconds, 2),
        "most_expensive": dict(sorted(whole.items(), key=lambda item: -item[1])[:10]),
    }
    print(json.dumps(line))
    return int(any(line[name] > most for name, most in CEILING.items()))


if __name__ == "__main__":
    raise SystemExit(main())
