"""The Collector and ``serve`` as processes of their own, for tests to start, kill and ask."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from otel_ai_feedback import store

ROOT = Path(__file__).parents[2]
CONFIGURATIONS = ROOT / "collector-config"
PROGRAM = [sys.executable, "-c", "from otel_ai_feedback.cli import main; raise SystemExit(main())"]
PROTOBUF = {"Content-Type": "application/x-protobuf"}
PATIENCE = 120


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def eventually(condition, what, seconds=PATIENCE):
    """Wait until the condition gives something true, and give it."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"{what}: not within {seconds} s"
        time.sleep(0.05)
    return found


class Process:
    """A program that says when it is ready, and whose output is kept."""

    def __init__(self, log):
        self._log = log
        self._process = None

    def launch(self, command, environment):
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=os.environ | environment, stdout=log, stderr=subprocess.STDOUT
            )

    @property
    def running(self):
        return self._process is not None and self._process.poll() is None

    @property
    def log(self):
        return self._log.read_text(errors="replace")

    def kill(self):
        """SIGKILL: no chance to put anything right."""
        self._end(signal.SIGKILL)

    def stop(self):
        self._end(signal.SIGTERM)

    def _end(self, number):
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
            self._process.wait(PATIENCE)

    def await_answer(self, url):
        def answers():
            assert self.running, self.log
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(url, timeout=5).is_success
            return False

        eventually(answers, url)


class Serve(Process):
    """``otel-ai-feedback serve`` with its users, on a port that stays the same."""

    def __init__(self, directory, users, state=None):
        super().__init__(directory / "serve.log")
        self.store = f"chdb://{state or directory / 'store'}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._users = users

    def start(self):
        self.launch(
            [*PROGRAM, "serve", "--store", self.store, "--listen", f"127.0.0.1:{self.port}"],
            {"OTEL_AI_FEEDBACK_USERS": str(self._users)},
        )
        self.await_answer(f"{self.url}/healthz")
        return self

    def ask(self, sql):
        """Rows of a statement, asked as the owner."""
        client = store.connect(self.store, read_only=True)
        try:
            return client.query(sql).result_rows
        finally:
            client.close()


class Collector(Process):
    """A Collector with one of our configurations, every address on a free port."""

    def __init__(self, binary, configuration, directory, **environment):
        directory.mkdir(exist_ok=True)
        super().__init__(directory / "collector.log")
        self._binary = binary
        self._configuration = configuration
        grpc, http, health, metrics = (free_port() for _ in range(4))
        self.grpc = f"127.0.0.1:{grpc}"
        self.url = f"http://127.0.0.1:{http}"
        self._health = f"http://127.0.0.1:{health}/"
        self._metrics = f"http://127.0.0.1:{metrics}/metrics"
        self.environment = {
            "OTEL_AI_FEEDBACK_OTLP_GRPC": self.grpc,
            "OTEL_AI_FEEDBACK_OTLP_HTTP": f"127.0.0.1:{http}",
            "OTEL_AI_FEEDBACK_HEALTH": f"127.0.0.1:{health}",
            "OTEL_AI_FEEDBACK_METRICS_PORT": str(metrics),
            "OTEL_AI_FEEDBACK_QUEUE_DIR": str(directory / "queue"),
            **environment,
        }

    def start(self):
        self.launch(
            [
                self._binary,
                "--config", CONFIGURATIONS / "feedback.yaml",
                "--config", CONFIGURATIONS / f"{self._configuration}.yaml",
            ],
            self.environment,
        )  # fmt: skip
        self.await_answer(self._health)
        return self

    def send(self, request, signal="traces", timeout=30):
        """Send one OTLP request; True when it was accepted."""
        answer = httpx.post(
            f"{self.url}/v1/{signal}",
            content=request.SerializeToString(),
            headers=PROTOBUF,
            timeout=timeout,
        )
        return answer.is_success

    def metric(self, name):
        """Sum of one of its own metrics over all labels."""
        lines = httpx.get(self._metrics, timeout=5).text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def dump(value):
    return json.dumps(value, ensure_ascii=False)
