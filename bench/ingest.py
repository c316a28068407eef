"""How many spans a second go through every view, and how many bytes does an output take?

Makes spans inside the engine, so that nothing but the tables and their views is measured; making
them into a table that forgets them is measured beside it and taken off. Prints one JSON line.

    python bench/ingest.py --outputs 200000
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

from otel_ai_feedback import store
from otel_ai_feedback.config import load

SPANS = (Path(__file__).parent / "sql/spans.sql").read_text()


def main() -> None:
    """Run it once and print the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--outputs", type=int, default=200_000)
    parser.add_argument("--block", type=int, default=25_000, help="outputs an insert")
    parser.add_argument("--senders", type=int, default=2, help="inserts at the same time")
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    options = parser.parse_args()
    if options.smoke:
        options.outputs, options.block = 4_000, 2_000

    with tempfile.TemporaryDirectory() as directory:
        settings = load(
            environ={"OTEL_AI_FEEDBACK_STATE_DIR": directory}, directory=Path(directory)
        )
        client = store.connect(settings.store)
        store.migrate(client, settings)
        client.command("create table forgotten as otel_traces engine = Null")
        until = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.000000000")

        senders = [store.connect(settings.store) for _ in range(options.senders)]

        def send(sender: int, table: str) -> None:
            step = options.senders * options.block
            for first in range(sender * options.block, options.outputs, step):
                senders[sender].command(
                    SPANS.replace("insert into otel_traces", f"insert into {table}"),
                    # Collectors send what has just happened: one day, two at midnight.
                    parameters={
                        "first": first, "outputs": options.block, "days": 1.0, "until": until,
                    },
                )  # fmt: skip

        def fill(table: str) -> tuple[float, float]:
            began, worked = time.perf_counter(), time.process_time()
            with ThreadPoolExecutor(options.senders) as pool:
                list(pool.map(send, range(options.senders), [table] * options.senders))
            return time.perf_counter() - began, time.process_time() - worked

        made, made_cpu = fill("forgotten")
        stored, stored_cpu = fill("otel_traces")
        client.command("optimize table output_state final")
        client.command("optimize table otel_traces final")
        rows: dict[str, tuple[int, int]] = {
            table: (count, size)
            for table, count, size in client.query(
                "select table, sum(rows), sum(data_compressed_bytes) from system.parts "
                "where active and database = currentDatabase() group by table"
            ).result_rows
        }
        columns: dict[str, float] = {
            column: round(size / rows["output_state"][0], 1)
            for column, size in client.query(
                "select column, sum(column_data_compressed_bytes) as size "
                "from system.parts_columns where active and database = currentDatabase() "
                "and table = 'output_state' group by column order by size desc limit 12"
            ).result_rows
        }
        for each in (*senders, client):
            each.close()
    spans, raw_bytes = rows["otel_traces"]
    outputs, state_bytes = rows["output_state"]
    print(
        json.dumps(
            {
                "bench": "ingest",
                "senders": options.senders,
                "spans": spans,
                "spans_per_second": round(spans / (stored - made)),
                # what the engine worked on one core, merges included: steady on a busy machine
                "spans_per_cpu_second": round(spans / (stored_cpu - made_cpu)),
                "spans_per_second_with_making_them": round(spans / stored),
                "bytes_per_raw_span": round(raw_bytes / spans, 1),
                "llm_spans": outputs,
                "bytes_per_llm_span_in_output_state": round(state_bytes / outputs, 1),
                "bytes_of_its_largest_columns": columns,
                "bytes_per_action": round(rows["action_state"][1] / rows["action_state"][0], 1),
            }
        )
    )


if __name__ == "__main__":
    main()
