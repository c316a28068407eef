"""Do health and ingestion go on while readers of the store and senders of telemetry are hostile?

Starts `serve` in a process of its own under a limit of memory. Four readers keep eight statements
running that want all the machine has (CPU, memory, a long text, a deep one, large answers), and
senders send small bodies that unpack to 64 MiB each, over and over. Meanwhile `/healthz` is asked
and one span is sent, again and again. Prints one JSON line: how long each took, what was answered,
and the memory before, at most and after; exits with 1 when `/healthz` took more than a second,
ingestion more than three, or the memory did not return. With `--smoke` it ends with 1 only where
`serve` did not live through it or refused what is honest.

    python bench/hostile.py --seconds 60
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import resource
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PROGRAM = [
    sys.executable, "-c", "from otel_ai_feedback.cli import main; raise SystemExit(main())",
]  # fmt: skip
MIB = 1 << 20
READERS = ("one", "two", "three", "four")
PROTOBUF = {"Content-Type": "application/x-protobuf"}
GOALS = {"healthz": 1.0, "ingestion": 3.0}
# What the memory may keep of it all: allocators give back late, and caches fill.
KEPT_MIB = 256

STATEMENTS = {
    "cpu": "select sum(sipHash64(number)) from numbers(1000000000000)",
    "group": "select groupArray(number) from numbers(1000000000)",
    "sort": "select number from numbers(1000000000) order by sipHash64(number)",
    "join": "select count() from outputs a cross join numbers(100000000) b order by rand()",
    "answer": "select repeat('x', 1000000) from numbers(1000)",
    "long": "select " + ",".join("1" for _ in range(125_000)),
    "deep": "select " + "(" * 100_000 + "1" + ")" * 100_000,
    "text": "select '" + "x" * 250_000 + "'",
    "doubled": "with 1 as a0, "
    + ", ".join(f"a{n} + a{n} as a{n + 1}" for n in range(24))
    + " select a24",
}


def bombs() -> dict[str, tuple[str, bytes, dict[str, str]]]:
    """Small bodies that unpack to the most that is taken: path, body, headers."""
    request = ExportTraceServiceRequest()
    span = (
        request.resource_spans.add()
        .scope_spans.add()
        .spans.add(
            trace_id=b"1" * 16, span_id=b"1" * 8, start_time_unix_nano=1, end_time_unix_nano=2
        )
    )
    span.attributes.add(key="a").value.string_value = "a" * (60 * MIB)
    zipped = PROTOBUF | {"Content-Encoding": "gzip"}
    as_json = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    zeros, filler = b"\0" * (64 * MIB), b"a" * (63 * MIB)
    return {
        "zeros": ("/v1/traces", gzip.compress(zeros), zipped),
        "attribute": ("/v1/traces", gzip.compress(request.SerializeToString()), zipped),
        "spans": (
            "/v1/traces", gzip.compress(nested(1, nested(2, b"\x12\x00" * (31 * MIB)))), zipped,
        ),
        "refused": (
            "/v1/traces", gzip.compress(nested(1, nested(2, b"\x12\x00" * 500_000))), zipped,
        ),
        "objects": (
            "/v1/traces",
            gzip.compress(b'{"resourceSpans":[' + b"{}," * (20 * MIB) + b"{}]}"),
            as_json,
        ),
        "statement": ("/", gzip.compress(b"select 1 -- " + filler), {"Content-Encoding": "gzip"}),
    }  # fmt: skip


def nested(field: int, body: bytes) -> bytes:
    """A message in a field of another, in Protobuf."""
    size, length = len(body), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([field << 3 | 2]) + length + bytes([size]) + body


def one_span(number: int) -> bytes:
    """A request as an honest sender makes it."""
    request = ExportTraceServiceRequest()
    now = time.time_ns()
    request.resource_spans.add().scope_spans.add().spans.add(
        name="chat", trace_id=secrets.token_bytes(16), span_id=number.to_bytes(8, "big"),
        start_time_unix_nano=now - 10**9, end_time_unix_nano=now,
    )  # fmt: skip
    return request.SerializeToString()


class Served:
    """`serve` under a limit of memory."""

    def __init__(self, directory: Path, limit: int) -> None:
        self.passwords = {name: secrets.token_urlsafe(24) for name in READERS}
        users = directory / "users.toml"
        users.touch(0o600)
        users.write_text(
            "".join(
                f'[{name}]\nrole = "reader"\npassword = "{password}"\n'
                for name, password in self.passwords.items()
            )
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        ours = {name: v for name, v in os.environ.items() if not name.startswith("OTEL_")}
        self.process = subprocess.Popen(
            [*PROGRAM, "serve", "--json", "--listen", f"127.0.0.1:{port}"],
            env=ours
            | {
                "OTEL_AI_FEEDBACK_STORE": f"chdb://{directory}/store",
                "OTEL_AI_FEEDBACK_STATE_DIR": str(directory),
                "OTEL_AI_FEEDBACK_USERS": str(users),
            },
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
        )
        assert self.process.stdout
        while (line := self.process.stdout.readline()) != "}\n":
            if not line:
                raise SystemExit("serve ended at once")

    def memory_mib(self) -> float:
        """What it holds of the machine's memory; -1 when it has ended."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return -1
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def stop(self) -> None:
        """End it as an operator would."""
        self.process.terminate()
        self.process.communicate()


class Load:
    """Threads that do something again and again until it is enough."""

    def __init__(self) -> None:
        self.enough = threading.Event()
        self.answers: Counter[str] = Counter()
        self._threads: list[threading.Thread] = []

    def keep(self, name: str, do: Callable[[], httpx.Response]) -> None:
        """Do it from a thread, and count what is answered."""

        def run() -> None:
            while not self.enough.is_set():
                try:
                    answer = str(do().status_code)
                except httpx.HTTPError as error:
                    answer = type(error).__name__
                self.answers[f"{name} {answer}"] += 1

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def end(self) -> None:
        """Begin nothing more, and wait for what runs."""
        self.enough.set()
        for thread in self._threads:
            thread.join(120)


def timed(seconds: list[float], do: Callable[[], httpx.Response], wrong: Counter[str]) -> None:
    """Add how long it took, or why it was not done."""
    began = time.monotonic()
    try:
        answer = do()
        if answer.status_code != 200:
            wrong[str(answer.status_code)] += 1
            return
    except httpx.HTTPError as error:
        wrong[type(error).__name__] += 1
    seconds.append(time.monotonic() - began)


def measure(served: Served, seconds: float, only: set[str]) -> dict[str, Any]:
    """Ask an honest server's questions while the others do what they can."""
    before = served.memory_mib()
    most = [before]
    load = Load()
    web = httpx.Client(base_url=served.url, timeout=120, limits=httpx.Limits(max_connections=64))
    chosen = {name: sql for name, sql in STATEMENTS.items() if not only or name in only}
    for reader in READERS * 2:
        turns: Iterator[str] = itertools.cycle(sorted(chosen, key=lambda _: secrets.randbits(32)))

        def ask(reader: str = reader, turns: Iterator[str] = turns) -> httpx.Response:
            return web.post(
                "/",
                content=chosen[next(turns)].encode(),
                params={"max_execution_time": "10"},
                auth=(reader, served.passwords[reader]),
            )

        if chosen:
            load.keep("statement", ask)
    for name, (path, body, headers) in bombs().items():
        auth = ("one", served.passwords["one"]) if path == "/" else None

        def send(
            path: str = path,
            body: bytes = body,
            headers: dict[str, str] = headers,
            auth: Any = auth,
        ) -> httpx.Response:
            return web.post(path, content=body, headers=headers, auth=auth)

        if not only or name in only:
            load.keep(f"bomb {name}", send)
    times: dict[str, list[float]] = {name: [] for name in GOALS}
    wrong: dict[str, Counter[str]] = {name: Counter() for name in GOALS}
    numbers = itertools.count(1)
    with httpx.Client(base_url=served.url, timeout=120) as own:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            timed(times["healthz"], lambda: own.get("/healthz"), wrong["healthz"])
            timed(
                times["ingestion"],
                lambda: own.post("/v1/traces", content=one_span(next(numbers)), headers=PROTOBUF),
                wrong["ingestion"],
            )
            most.append(served.memory_mib())
            time.sleep(0.1)
    load.end()
    web.close()
    time.sleep(5)
    after = served.memory_mib()
    return {
        **{
            f"{name}_seconds": {
                "median": round(statistics.median(taken), 3),
                "worst": round(max(taken), 3),
                "times": len(taken),
                "refused": dict(wrong[name]),
            }
            for name, taken in times.items()
        },
        "answers": dict(sorted(load.answers.items())),
        "memory_mib": {"before": round(before), "most": round(max(most)), "after": round(after)},
        "alive": served.process.poll() is None,
        "load": os.getloadavg()[0],
    }


def main() -> int:
    """Measure, print, and compare with the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--limit-mib", type=int, default=1536)
    parser.add_argument("--only", nargs="*", default=[], help="kinds of statements and bombs")
    parser.add_argument("--smoke", action="store_true", help="a few seconds, held to no figure")
    options = parser.parse_args()
    seconds = min(options.seconds, 5) if options.smoke else options.seconds
    with tempfile.TemporaryDirectory() as directory:
        served = Served(Path(directory), options.limit_mib * MIB)
        try:
            found = measure(served, seconds, set(options.only))
        finally:
            served.stop()
    print(json.dumps(found))
    if options.smoke:
        return int(not found["alive"] or any(found[f"{name}_seconds"]["refused"] for name in GOALS))
    slow = [name for name, goal in GOALS.items() if found[f"{name}_seconds"]["worst"] > goal]
    memory = found["memory_mib"]
    returned = memory["after"] - memory["before"] <= KEPT_MIB
    return int(bool(slow) or not returned or not found["alive"])


if __name__ == "__main__":
    raise SystemExit(main())
