"""How many spans a second does the receiver take in, from the request to the stored row?

Starts a ``serve`` with every view as a process of its own and sends it OTLP Protobuf requests of
LLM spans over real HTTP, encoded beforehand so that sending costs next to nothing, from several
connections. Decoding alone and bare inserts of the same rows, one insert a request, are measured
beside it in this process. Prints one JSON line.

    python bench/receiver.py --spans 100000 --batch 512 --clients 16
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from otel_ai_feedback import attributes, store
from otel_ai_feedback.config import load
from otel_ai_feedback.serve.engine import EngineInsert
from otel_ai_feedback.serve.otlp.receiver import TRACES
from otel_ai_feedback.serve.otlp.traces import COLUMNS

SERVE = "from otel_ai_feedback.cli import main; raise SystemExit(main())"


def _pair(key: str, value: str | int) -> KeyValue:
    if isinstance(value, int):
        return KeyValue(key=key, value=AnyValue(int_value=value))
    return KeyValue(key=key, value=AnyValue(string_value=value))


def _requests(spans: int, batch: int) -> list[bytes]:
    """Requests as a service with content capture on sends them: about 2 kB of text a span."""
    chosen = random.Random(1)
    words = ["".join(chosen.choices("etaoinshrdlu", k=chosen.randint(1, 9))) for _ in range(2_000)]
    prose = " ".join(chosen.choices(words, k=50_000))
    now = time.time_ns()
    requests = []
    for first in range(0, spans, batch):
        request = ExportTraceServiceRequest()
        resource_spans = request.resource_spans.add()
        resource_spans.resource.attributes.append(_pair("service.name", "bench"))
        scope_spans = resource_spans.scope_spans.add()
        for number in range(first, min(spans, first + batch)):
            span_id = chosen.randbytes(8)
            start = chosen.randrange(len(prose) - 1_900)
            said = {"type": "text", "content": prose[start : start + 1_900]}
            text = json.dumps([{"role": "assistant", "parts": [said]}])
            span = scope_spans.spans.add(
                trace_id=chosen.randbytes(16),
                span_id=span_id,
                name="chat gpt-4o",
                kind=3,
                start_time_unix_nano=now - number * 1_000_000,
                end_time_unix_nano=now,
            )
            span.attributes.extend(
                [
                    _pair("gen_ai.operation.name", "chat"),
                    _pair("gen_ai.provider.name", "openai"),
                    _pair("gen_ai.request.model", "gpt-4o"),
                    _pair("gen_ai.response.model", "gpt-4o-2024-08-06"),
                    _pair("gen_ai.response.id", f"chatcmpl-{number}"),
                    _pair("gen_ai.usage.input_tokens", 500),
                    _pair("gen_ai.usage.output_tokens", 480),
                    _pair("gen_ai.output.messages", text),
                    _pair(attributes.OUTPUT_HASH, f"hmac-sha256:{chosen.randbytes(16).hex()}"),
                    _pair(attributes.OUTPUT_LENGTH, 1900),
                    _pair(attributes.OUTPUT_TIME, (now - number * 1_000_000) // 10**9),
                    _pair(attributes.REQUEST_SPAN_ID, span_id.hex()),
                    _pair(attributes.REQUEST_SEQ, 1),
                ]
            )
        requests.append(request.SerializeToString())
    return requests


@contextmanager
def _serve(directory: Path) -> Iterator[tuple[str, int]]:
    """Address and process id of a ``serve`` that lives as long as the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve", "--json", "--store", f"chdb://{directory}/store",
         "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        started = ""
        while not started.endswith("}\n"):
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("serve ended at once; what it said is above")
            started += line
        yield json.loads(started)["url"], process.pid
    finally:
        process.terminate()
        process.communicate()


def _worked(pid: int) -> float:
    """Seconds that a process has spent on processors."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _send(url: str, bodies: list[bytes]) -> int:
    """Send the bodies one after the other, again while they are refused; how often that was."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    refused = 0
    for body in bodies:
        while True:
            connection.request(
                "POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf"}
            )
            answer = connection.getresponse()
            said = answer.read()
            if answer.status in (429, 503):
                refused += 1
                time.sleep(int(answer.headers["Retry-After"]))
            elif answer.status == 200 and not said:
                break
            else:
                raise RuntimeError(f"refused with {answer.status}")
    connection.close()
    return refused


def main() -> None:
    """Run it once and print the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--spans", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=512, help="spans a request")
    parser.add_argument("--clients", type=int, default=16, help="connections that send at once")
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    options = parser.parse_args()
    if options.smoke:
        options.spans = min(options.spans, 2_000)

    bodies = _requests(options.spans, options.batch)
    with tempfile.TemporaryDirectory() as directory:
        state = Path(directory)
        with _serve(state) as (url, pid):
            began, worked = time.perf_counter(), _worked(pid)
            with ThreadPoolExecutor(options.clients) as clients:
                shares = [bodies[start :: options.clients] for start in range(options.clients)]
                refused = sum(clients.map(_send, [url] * options.clients, shares))
            received = time.perf_counter() - began
            worked = _worked(pid) - worked

        settings = load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": directory}, directory=state)
        client = store.connect(settings.store)
        began = time.perf_counter()
        blocks = [TRACES.rows(body).block for body in bodies]
        decoded = time.perf_counter() - began
        insert = EngineInsert(f"{state}/store", f"{store.DATABASE}.otel_traces", COLUMNS)
        began = time.perf_counter()
        for block in blocks:
            insert([block])
        inserted = time.perf_counter() - began
        insert.close()
        stored = client.query("select count() from otel_traces").result_rows[0][0]
        client.close()
    if stored != 2 * options.spans:
        raise RuntimeError(f"{stored} rows stored instead of {2 * options.spans}")
    print(
        json.dumps(
            {
                "bench": "receiver",
                "spans": options.spans,
                "batch": options.batch,
                "clients": options.clients,
                "megabytes": round(sum(map(len, bodies)) / 1e6, 1),
                "refused_for_later": refused,
                "spans_per_second": round(options.spans / received),
                # one core's work, merges included: steadier than the above on a busy machine
                "spans_per_cpu_second": round(options.spans / worked),
                "decode_spans_per_second": round(options.spans / decoded),
                "bare_insert_spans_per_second": round(options.spans / inserted),
                "ratio_to_bare_insert": round(inserted / received, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
