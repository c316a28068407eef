"""How many spans a second does the receiver take in, from the request to the stored row?

Sends OTLP Protobuf requests of LLM spans over real HTTP to a ``serve`` with every view, from
several threads, and compares with bare inserts of the same encoded rows into the same tables.
Prints one JSON line.

    python bench/receiver.py --spans 100000 --batch 512 --clients 4
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from otel_ai_feedback import attributes, local, store
from otel_ai_feedback.config import load
from otel_ai_feedback.local import traces
from otel_ai_feedback.local.engine import EngineInsert


def _pair(key: str, value: str | int) -> KeyValue:
    if isinstance(value, int):
        return KeyValue(key=key, value=AnyValue(int_value=value))
    return KeyValue(key=key, value=AnyValue(string_value=value))


def _requests(spans: int, batch: int) -> list[bytes]:
    """Requests as a service with content capture on sends them: about 2 kB of text a span."""
    chosen = random.Random(1)
    text = json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": "x" * 1900}]}])
    now = time.time_ns()
    requests = []
    for first in range(0, spans, batch):
        request = ExportTraceServiceRequest()
        resource_spans = request.resource_spans.add()
        resource_spans.resource.attributes.append(_pair("service.name", "bench"))
        scope_spans = resource_spans.scope_spans.add()
        for number in range(first, min(spans, first + batch)):
            span_id = chosen.randbytes(8)
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


def _send(url: str, bodies: list[bytes]) -> None:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    for body in bodies:
        connection.request("POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf"})
        answer = connection.getresponse()
        if answer.status != 200 or answer.read():
            raise RuntimeError(f"refused with {answer.status}")
    connection.close()


def main() -> None:
    """Run it once and print the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--spans", type=int, default=50_000)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    options = parser.parse_args()
    if options.smoke:
        options.spans = min(options.spans, 2_000)

    bodies = _requests(options.spans, options.batch)
    with tempfile.TemporaryDirectory() as directory:
        state = Path(directory)
        settings = load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": directory}, directory=state)
        with local.running(settings, port=0, jobs_every=86_400) as server:
            began = time.perf_counter()
            with ThreadPoolExecutor(options.clients) as clients:
                shares = [bodies[start :: options.clients] for start in range(options.clients)]
                list(clients.map(_send, [server.url] * options.clients, shares))
            received = time.perf_counter() - began

            began = time.perf_counter()
            blocks = [
                traces.rows(ExportTraceServiceRequest.FromString(body)).block for body in bodies
            ]
            decoded = time.perf_counter() - began
            insert = EngineInsert(f"{state}/store", f"{store.DATABASE}.otel_traces", traces.COLUMNS)
            began = time.perf_counter()
            for block in blocks:
                insert([block])
            inserted = time.perf_counter() - began
            insert.close()

            client = store.connect(settings.store)
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
                "spans_per_second": round(options.spans / received),
                "decode_spans_per_second": round(options.spans / decoded),
                "bare_insert_spans_per_second": round(options.spans / inserted),
                "ratio_to_bare_insert": round(inserted / received, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
