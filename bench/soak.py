"""Does `serve` with the embedded engine stay as it is under hours of mixed load?

Starts `serve` in a process of its own and does, at a steady rate, all that people and services do:
outputs and actions over OTLP by a real SDK with capture, beacons, pages, charts, verdicts on the
review page, and `check`; the jobs run as they always do. In the middle `serve` is stopped and
started again. Prints one JSON line: memory and its slope, file handles, latency by kind, growth on
disk beside docs/sizing.md, and whether all that was sent is there, once; if not, exits with 1.

    python bench/soak.py --minutes 20

One file, although it is long: it can be carried to the machine that is to be tried.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

import otel_ai_feedback
from otel_ai_feedback import store
from otel_ai_feedback.attributes import BACKFILL
from otel_ai_feedback.config import Settings, load

PROGRAM = [
    sys.executable, "-c", "from otel_ai_feedback.cli import main; raise SystemExit(main())",
]  # fmt: skip
STARTS = 60  # how often `serve` is started again when it ends at once
PAGES = ("/", "/outputs", "/charts", "/charts/signals", "/health", "/triage", "/review")
DAY_NS = 86_400_000_000_000
# docs/sizing.md: bytes of a raw span without text, of an output and of an action.
RAW_SPAN, OUTPUT, ACTION = 100, 108, 95


class Measured:
    """Latencies by kind, and what went wrong. Any thread may add."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._milliseconds: defaultdict[str, list[float]] = defaultdict(list)
        self.troubles: Counter[str] = Counter()
        # While it is being restarted, refused requests are what one expects.
        self.restarting = False
        self.while_restarting = 0

    def of(self, kind: str, call: Callable[[], Any]) -> Any:
        """Make a call and keep how long it took."""
        began, during = time.perf_counter(), self.restarting
        try:
            result = call()
        except (httpx.HTTPError, subprocess.SubprocessError, OSError) as error:
            with self._lock:
                if during or self.restarting:
                    self.while_restarting += 1
                else:
                    self.troubles[f"{kind}: {type(error).__name__}: {str(error)[:80]}"] += 1
            return None
        with self._lock:
            if not (during or self.restarting):
                self._milliseconds[kind].append((time.perf_counter() - began) * 1000)
        return result

    def summary(self) -> dict[str, dict[str, float]]:
        """Count and percentiles by kind, in milliseconds."""
        found = {}
        for kind, values in sorted(self._milliseconds.items()):
            cuts = statistics.quantiles(values, n=100) if len(values) > 1 else values * 99
            found[kind] = {
                "n": len(values),
                **{f"p{p}": round(cuts[p - 1], 1) for p in (50, 95, 99)},
                "max": round(max(values), 1),
            }
        return found


class TimedExporter(OTLPSpanExporter):
    """The exporter of a service, and how long each of its exports took."""

    def __init__(self, measured: Measured, endpoint: str) -> None:
        super().__init__(endpoint=endpoint, timeout=120)
        self._measured = measured

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export, measured."""
        parent = super().export
        result: SpanExportResult = self._measured.of("otlp", lambda: parent(spans))
        return result


class Process:
    """`serve` as a process, and what the system says of it."""

    def __init__(self, environment: dict[str, str], port: int) -> None:
        self._environment, self._port = environment, port
        self.process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        for _ in range(STARTS):
            started = subprocess.Popen(
                [*PROGRAM, "serve", "--json", "--listen", f"127.0.0.1:{self._port}"],
                env=self._environment, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert started.stdout is not None
            said = ""
            for line in started.stdout:
                said += line
                if line == "}\n":
                    self._port = int(json.loads(said)["url"].rpartition(":")[2])
                    return started
            # As a service manager does. A `check` that found nobody serving has the store open.
            started.wait()
            time.sleep(1)
        raise SystemExit("serve does not start")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    def stop(self) -> float:
        """Stop it as Ctrl-C does; how many seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        # It answers what is in work first, and a rule that is being evaluated on a busy machine
        # takes its time.
        self.process.wait(900)
        return time.monotonic() - began

    def restart(self) -> tuple[float, float]:
        """Stop it and start it on the same port; how many seconds each took."""
        stopped = self.stop()
        began = time.monotonic()
        self.process = self._start()
        return stopped, time.monotonic() - began

    def sample(self) -> tuple[float, int, int]:
        """Resident memory in MiB, open files, threads."""
        folder = Path(f"/proc/{self.process.pid}")
        status = (folder / "status").read_text()
        rss, threads = (
            int(re.findall(rf"{name}:\s+(\d+)", status)[0]) for name in ("VmRSS", "Threads")
        )
        return rss / 1024, len(os.listdir(folder / "fd")), threads


class Traffic:
    """What services and people do."""

    def __init__(self, settings: Settings, url: str, measured: Measured) -> None:
        self._measured = measured
        self._exporter = BatchSpanProcessor(TimedExporter(measured, f"{url}/v1/traces"))
        self._provider = TracerProvider(
            resource=Resource.create(
                {
                    "service.name": "soak",
                    "deployment.environment.name": "production",
                    # So that the outputs of days ago mature as they would have then.
                    BACKFILL: True,
                }
            )
        )
        self._provider.add_span_processor(self._exporter)
        otel_ai_feedback.instrument(self._provider, settings=settings)
        self._tracer = self._provider.get_tracer("soak")
        self._web = httpx.Client(base_url=url, timeout=120)
        self._handles: list[str] = []
        self._lock = threading.Lock()
        self.outputs = self.server_actions = self.beacon_actions = self.verdicts = 0

    def output(self, *, at: int | None = None) -> None:
        """A question, an answer, and perhaps what the server saw of its use."""
        started = at or time.time_ns()
        number = self.outputs
        text = f"Answer {number}: {secrets.token_hex(200)}"
        conversation, person = f"c{number // 4}", f"person-{number % 500}"
        with otel_ai_feedback.conversation(conversation, subject=person):
            span = self._tracer.start_span("chat small", start_time=started)
            span.set_attributes(
                {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.request.model": f"model-{number % 3}",
                    "gen_ai.response.id": secrets.token_hex(8),
                    "gen_ai.usage.input_tokens": 300,
                    "gen_ai.usage.output_tokens": 120,
                    "gen_ai.input.messages": _message("user", f"Question {number}"),
                    "gen_ai.output.messages": _message("assistant", text),
                }
            )
            span.end(started + 2_000_000_000)
            self.outputs += 1
            handle = otel_ai_feedback.output_handle(span)
            if handle is None or at is not None:
                return
            if number % 5 == 0 and otel_ai_feedback.record_action(handle, "accept"):
                self.server_actions += 1
        with self._lock:
            self._handles = [*self._handles[-200:], handle]

    def beacon(self) -> None:
        """A page that says what was seen and done."""
        with self._lock:
            handle = secrets.choice(self._handles) if self._handles else None
        if handle is None:
            return
        now = int(time.time() * 1000)
        actions = [
            {"action_id": secrets.token_hex(8), "handle": handle, "action": name, "time": now}
            for name in ("seen", "copy", "dwell")
        ]
        actions[1]["value"], actions[2]["value"] = 0.7, 12.5  # type: ignore[assignment]
        body = json.dumps({"sent": now, "actions": actions})
        answer = self._measured.of(
            "beacon", lambda: self._checked("POST", "/_ai_feedback/actions", content=body)
        )
        if answer is not None:
            self.beacon_actions += len(actions)

    def page(self) -> None:
        """Someone looks at a page."""
        path = secrets.choice(PAGES)
        self._measured.of(f"page {path}", lambda: self._checked("GET", path))

    def verdict(self) -> None:
        """Someone reads an output and says what it is."""
        shown = self._measured.of("page /review", lambda: self._checked("GET", "/review"))
        if shown is None:
            return
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown.text))
        if "lease" not in fields:
            return
        fields["verdict"] = secrets.choice(["good", "good", "bad"])
        said = self._measured.of(
            "verdict", lambda: self._checked("POST", "/review/labels", data=fields)
        )
        if said is not None:
            self.verdicts += 1

    def _checked(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Content-Type": "text/plain"} if "content" in options else {}
        answer = self._web.request(method, path, headers=headers, **options)
        if answer.status_code >= 400:
            raise httpx.HTTPStatusError(
                f"{answer.status_code}", request=answer.request, response=answer
            )
        return answer

    def flush(self) -> None:
        """Send what is waiting."""
        self._provider.force_flush(120_000)

    def close(self) -> None:
        """Send what is waiting, and stop."""
        self.flush()
        otel_ai_feedback.uninstrument()
        self._provider.shutdown()
        self._web.close()


def _message(role: str, text: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}])


@contextmanager
def _every(seconds: float, call: Callable[[], None], stopped: threading.Event) -> Iterator[None]:
    """Call again and again from a thread of its own, at a steady rate as long as it keeps up."""

    def turn() -> None:
        due = time.monotonic()
        while not stopped.is_set():
            call()
            due = max(due + seconds, time.monotonic())
            stopped.wait(due - time.monotonic())

    thread = threading.Thread(target=turn, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(150)


def _slope(samples: Sequence[tuple[float, float]]) -> float:
    """MiB an hour by least squares over the second half: the first is warming up."""
    later = samples[len(samples) // 2 :]
    if len(later) < 3:
        return 0.0
    fitted = statistics.linear_regression([at for at, _ in later], [rss for _, rss in later])
    return round(fitted.slope * 3600, 1)


def _size(directory: Path) -> int:
    found = 0
    for file in directory.rglob("*"):
        try:
            found += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:
            continue  # the engine has merged it away meanwhile
    return found


def main() -> int:
    """Run it once and print the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=5.0, help="outputs a second")
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    options = parser.parse_args()
    if options.smoke:
        options.minutes = 0.1
    seconds = options.minutes * 60
    with tempfile.TemporaryDirectory() as directory:
        state = Path(directory)
        (state / "triage.yaml").write_text(
            "owner: Ana <ana@example.org>\nnotify: json://127.0.0.1:9/x\n"
        )
        given = {
            "OTEL_AI_FEEDBACK_STATE_DIR": directory,
            "OTEL_AI_FEEDBACK_TRIAGE": f"{directory}/triage.yaml",
            # Text would decide the size on disk, and everyone's is another.
            "OTEL_AI_FEEDBACK_REVIEW_TEXT": "off",
        }
        environment = {**os.environ, **given}
        settings = load(environ=given, directory=state)
        measured = Measured()
        serve = Process(environment, 0)
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = serve.url
        traffic = Traffic(settings, serve.url, measured)
        try:
            result = _soak(options, seconds, environment, serve, traffic, measured)
        finally:
            traffic.close()
            stopped = serve.stop()
        result["stop_seconds"].append(round(stopped, 1))
        result |= _stored(settings, traffic, state)
    result |= {"latency_ms": measured.summary(), "troubles": dict(measured.troubles)}
    print(json.dumps(result))
    return 0 if result["complete"] and not measured.troubles else 1


def _soak(
    options: argparse.Namespace,
    seconds: float,
    environment: dict[str, str],
    serve: Process,
    traffic: Traffic,
    measured: Measured,
) -> dict[str, Any]:
    # Outputs of a day that has closed, to be read.
    for number in range(10 if options.smoke else 300):
        traffic.output(at=time.time_ns() - 3 * DAY_NS + number * 1_000_000_000)
    traffic.flush()
    subprocess.run([*PROGRAM, "draw"], env=environment, check=True, stdout=subprocess.DEVNULL)

    def check() -> None:
        measured.of(
            "check",
            lambda: subprocess.run(
                [*PROGRAM, "check"], env=environment, capture_output=True, timeout=300, check=False
            ),
        )

    tasks = [
        (1 / options.rate, traffic.output),
        (2 / options.rate, traffic.beacon),
        (10 / options.rate, traffic.page),
        (50 / options.rate, traffic.verdict),
    ]
    if not options.smoke:
        tasks.append((300.0, check))
    phases: list[list[tuple[float, float, int, int]]] = [[], []]
    began = time.monotonic()
    stopping = starting = 0.0
    stopped = threading.Event()
    threads = [_every(every, call, stopped) for every, call in tasks]
    for thread in threads:
        thread.__enter__()
    try:
        for phase, samples in enumerate(phases):
            until = began + seconds * (phase + 1) / 2
            while time.monotonic() < until:
                samples.append((time.monotonic() - began, *serve.sample()))
                time.sleep(min(5.0, max(seconds / 40, 0.2)))
            if phase == 0:
                measured.restarting = True
                stopping, starting = serve.restart()
                time.sleep(1)
                measured.restarting = False
    finally:
        stopped.set()
        for thread in threads:
            thread.__exit__(None, None, None)
    return {
        "bench": "soak",
        "minutes": options.minutes,
        "outputs_a_second": options.rate,
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "cores": os.cpu_count(),
        "stop_seconds": [round(stopping, 1)],
        "start_seconds": round(starting, 1),
        "refused_while_restarting": measured.while_restarting,
        "phases": [
            {
                "rss_mib": [round(s[1]) for s in samples[:: max(len(samples) // 10, 1)]],
                "rss_mib_an_hour": _slope([(s[0], s[1]) for s in samples]),
                "files": [min(s[2] for s in samples), max(s[2] for s in samples), samples[-1][2]],
                "threads": [min(s[3] for s in samples), max(s[3] for s in samples)],
            }
            for samples in phases
            if samples
        ],
    }


def _stored(settings: Settings, traffic: Traffic, state: Path) -> dict[str, Any]:
    """What is in the store once `serve` is down, beside what was sent."""
    folder = _size(state / "store")
    client = store.connect(settings.store)
    outputs, actions, spans = client.query(
        "select (select uniqExact(trace_id, span_id) from output_state where tagged = 1), "
        "(select uniqExact(action_id) from action_state), (select count() from otel_traces)"
    ).result_rows[0]
    labels = client.query("select count() from reviews").result_rows[0][0]
    tables = ("otel_traces", "output_state", "action_state")
    for table in tables:
        client.command(f"optimize table {table} final")
    parts = client.query(
        "select table, sum(data_compressed_bytes) from system.parts where active "
        "and database = currentDatabase() group by table"
    ).result_rows
    seen: dict[str, int] = {row[0]: row[1] for row in parts}
    client.close()
    sent = traffic.server_actions + traffic.beacon_actions
    return {
        "outputs": {"sent": traffic.outputs, "stored": outputs},
        # A beacon that was not answered while serve restarted may have been taken.
        "actions": {"sent": sent, "stored": actions},
        "verdicts": {"sent": traffic.verdicts, "stored": labels},
        "complete": outputs == traffic.outputs and actions >= sent and labels >= traffic.verdicts,
        "bytes": {
            "predicted": spans * RAW_SPAN + outputs * OUTPUT + actions * ACTION,
            "seen": sum(seen.get(table, 0) for table in tables),
            "all_tables": sum(seen.values()),
            "folder": folder,
        },
    }


if __name__ == "__main__":
    raise SystemExit(main())
