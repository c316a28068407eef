"""``serve`` on a ClickHouse that is reached over HTTP: the same schema, inserts, jobs and pages.

The ClickHouse here is the one inside another ``serve``, in a process of its own.
"""

import dataclasses
import subprocess
import sys

import httpx
import pytest

from announced import announced
from otel_ai_feedback import serve, store
from otel_ai_feedback.store import server_file

from . import otlp

HEADERS = {"Content-Type": "application/x-protobuf"}


@pytest.fixture
def address(tmp_path):
    """Address of an HTTP store with an empty database of its own."""
    process = subprocess.Popen(
        [
            sys.executable, "-c", "from otel_ai_feedback.cli import main; raise SystemExit(main())",
            "serve", "--json", "--store", f"chdb://{tmp_path}/store", "--listen", "127.0.0.1:0",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        announced(process)
        running = server_file.read(str(tmp_path / "store"))
        yield running.url.replace("://", f"://{store.LOCAL_USER}:{running.token}@") + "/elsewhere"
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.slow
def test_serves_from_a_clickhouse_over_http(address, settings):
    over_http = dataclasses.replace(settings, store=address)
    target = otlp.output(1, start=1_795_464_000_000_000_000)
    spans = otlp.traces(target, otlp.action(1, target, "copy", amount=1.0)).SerializeToString()
    with serve.running(over_http, port=0, jobs_every=None) as server:
        for _ in range(2):  # the second delivery must not count
            answer = httpx.post(
                f"{server.url}/v1/traces", content=spans, headers=HEADERS, timeout=60
            )
            assert answer.status_code == 200, answer.text
        server.run_jobs()
        assert httpx.get(f"{server.url}/", timeout=60).status_code == 200
        assert "used" in httpx.get(f"{server.url}/outputs", timeout=60).text

    client = store.connect(address, read_only=True)
    assert client.query("select count() from outputs").result_rows == [(1,)]
    assert client.query("select action, count() from actions group by all").result_rows == [
        ("copy", 1)
    ]
    assert store.migrate(store.connect(address), over_http) == []
