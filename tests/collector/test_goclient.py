"""The endpoint of ``serve``, as clickhouse-go sees it: the Collector's exporter and Grafana use it.

The exporter of Collector contrib v0.161 pins clickhouse-go 2.47.0; 2.50.0 is the newest release.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .processes import eventually

pytestmark = pytest.mark.collector

SOURCES = Path(__file__).parent / "goclient"
STEPS = [
    "ping", "insert", "types", "views", "parameters", "deadline", "empty", "many", "unknown table",
    "syntax", "in the middle", "text", "file", "change", "writer reads", "stranger", "cancel",
]  # fmt: skip


@pytest.fixture(scope="module", params=["2.47.0", "2.50.0"])
def client(request, tmp_path_factory):
    """The program, built with one version of clickhouse-go."""
    if shutil.which("go") is None and not os.environ.get("CI"):
        pytest.skip("building the client needs Go (https://go.dev/dl)")
    directory = tmp_path_factory.mktemp("goclient")
    shutil.copy(SOURCES / "main.go", directory)
    for kind in ("mod", "sum"):
        shutil.copy(SOURCES / f"go-{request.param}.{kind}", directory / f"go.{kind}")
    # As the Collector is built, so that what both are made of is compiled once.
    build = subprocess.run(
        ["go", "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "."],
        cwd=directory, env=os.environ | {"CGO_ENABLED": "0"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert build.returncode == 0, build.stderr
    return directory / "goclient"


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd", "gzip"])
def test_clickhouse_go(client, serve, passwords, compression):
    service = f"go-{client.parent.name}-{compression}"
    done = subprocess.run(
        [client, serve.url.removeprefix("http://"), compression, service],
        env=os.environ | {"WRITER": passwords["collector"], "READER": passwords["grafana"]},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert [step["step"] for step in steps if not step["right"]] == [], done.stderr
    assert [step["step"] for step in steps] == STEPS, done.stderr
    (first, *_) = serve.ask(
        "select Timestamp, TraceId, SpanAttributes, Duration, Events.Name, Links.TraceId "
        f"from otel_traces where ServiceName = '{service}' order by TraceId"
    )
    assert first[1:] == (f"{1:032x}", {"k": "v", "": "ü"}, 7, ["e"], [])
    eventually(
        lambda: (
            not serve.ask(
                "select 1 from system.processes where position(query, 'cancelled') "
                "and not position(query, 'processes')"
            )
        ),
        "the end of the cancelled statement",
    )
