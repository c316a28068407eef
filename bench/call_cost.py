"""What capture adds to a real call of the ``openai`` client, in CPU time; prints one JSON line.

Each way of observing runs in a process of its own, with the real client against a local server and
an OTLP exporter that really sends. Each call is made beneath the span of a request, and with
capture its handle is taken. The processes take turns, a batch of calls each, and each batch
ends with a flush. ``process_ms`` is CPU of the whole process for a call, with all its threads and
the export; ``thread_ms`` that of the thread that calls; both are medians over the rounds.
``to_bare`` is the ratio to the bare client. ``added`` is what capture adds to the same
instrumentation without it, the median of the differences in one round.

A way whose packages are not installed is ``null``. ``--install`` has all of them: it runs in the
environment of the tests of instrumentations, made outside the repository from PyPI where it is not
there yet. The server is a process of its own, so its CPU is in no figure.

    python bench/call_cost.py --install
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ROUNDS = 5
CALLS = 80
QUESTION = 400
ANSWER = 2_000
CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
CAPTURE = " with capture"
# The package that each way needs, and its environment.
WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "bare": ("openai", {}),
    "genai-openai": ("opentelemetry.instrumentation.genai.openai", {}),
    "genai-openai, content on spans": (
        "opentelemetry.instrumentation.genai.openai",
        {CONTENT: "SPAN_ONLY"},
    ),
    "OpenInference": ("openinference.instrumentation.openai", {}),
    "OpenLLMetry": ("opentelemetry.instrumentation.openai", {}),
    "Langfuse's client": ("langfuse", {}),
}
# Those of which capture is measured on top.
OBSERVED = ("genai-openai", "genai-openai, content on spans", "OpenInference", "OpenLLMetry")
SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi wo yu tra ple sti con ver ing er ly".split()  # noqa: SIM905
# Some words come often, most seldom, as in any language.
WORDS = [
    "".join(SYLLABLES[rank * 7 % 23] for rank in (word, word // 5, word // 40)[: 1 + word % 3])
    for word in range(2_000)
]


class Model(BaseHTTPRequestHandler):
    """Answers every completion with a text of its own, and takes telemetry."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """One request."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        answer = b"{}"
        if self.path.endswith("/chat/completions"):
            asked = json.loads(body)["messages"][-1]["content"]
            number, size = map(int, asked.split(maxsplit=2)[:2])
            message = {"role": "assistant", "content": text_of(number * 2 + 1, size)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            answer = json.dumps({
                "id": f"chatcmpl-{number}", "object": "chat.completion", "created": 1,
                "model": "gpt-4o", "choices": [choice], "usage": usage,
            }).encode()  # fmt: skip
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


def text_of(number: int, characters: int) -> str:
    """Prose that differs from call to call, as answers and questions do."""
    state = number * 2_654_435_761 % 2**32
    words: list[str] = []
    length = 0
    while length < characters:
        state = (state * 1_103_515_245 + 12_345) % 2**31
        share = (state >> 8) % 10_000 / 10_000
        words.append(WORDS[int(share**3 * len(WORDS))])
        length += len(words[-1]) + 1
    return " ".join(words)[:characters]


def serve() -> None:
    """Serve until the parent goes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


def instrumented(way: str) -> Callable[[], object]:
    """Set the process up; what flushes it."""
    name = way.removesuffix(CAPTURE)
    if name == "bare":
        return lambda: None
    if name == "Langfuse's client":
        langfuse: Any = importlib.import_module("langfuse")
        return langfuse.Langfuse().flush  # type: ignore[no-any-return]
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    if way.endswith(CAPTURE):
        import otel_ai_feedback

        otel_ai_feedback.instrument()
    module: Any = importlib.import_module(WAYS[name][0])
    module.OpenAIInstrumentor().instrument(tracer_provider=provider)
    return provider.force_flush


def work(way: str, question: int, answer: int) -> None:
    """Make batches of calls, one for each line of input, and print what each took for a call."""
    flush = instrumented(way)
    if way == "Langfuse's client":
        client = importlib.import_module("langfuse.openai").openai.OpenAI()
    else:
        client = importlib.import_module("openai").OpenAI()
    request: Callable[[], AbstractContextManager[object]] = nullcontext
    if way.removesuffix(CAPTURE) in OBSERVED:
        from opentelemetry import trace

        request = partial(trace.get_tracer("bench").start_as_current_span, "POST /chat")
    handle: Callable[[], object] = lambda: None  # noqa: E731
    if way.endswith(CAPTURE):
        import otel_ai_feedback

        handle = otel_ai_feedback.output_handle
    number = 0
    for line in sys.stdin:
        calls = int(line)
        process, thread = time.process_time(), 0.0
        for _ in range(calls):
            number += 1
            asked = f"{number} {answer} {text_of(number * 2, question)}"
            messages = [{"role": "user", "content": asked}]
            before = time.thread_time()
            with request():
                client.chat.completions.create(model="gpt-4o", messages=messages)
                handle()
            thread += time.thread_time() - before
        flush()
        process = time.process_time() - process
        print(json.dumps([process / calls * 1e3, thread / calls * 1e3]), flush=True)


def measure(ways: list[str], rounds: int, calls: int, question: int, answer: int) -> dict[str, Any]:
    """All ways in turns, each in a process of its own."""
    own = [sys.executable, __file__]
    server = subprocess.Popen([*own, "--serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    address = f"http://127.0.0.1:{server.stdout.readline().strip()}"
    state = tempfile.mkdtemp()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "LANGFUSE_"))}
    kept |= {
        "OPENAI_BASE_URL": f"{address}/v1",
        "OPENAI_API_KEY": "none",
        "OTEL_EXPORTER_OTLP_ENDPOINT": address,
        "OTEL_AI_FEEDBACK_STATE_DIR": state,
        "LANGFUSE_BASE_URL": address,
        "LANGFUSE_HOST": address,
        "LANGFUSE_PUBLIC_KEY": "pk-lf-x",
        "LANGFUSE_SECRET_KEY": "sk-lf-x",
    }
    workers: dict[str, subprocess.Popen[str]] = {}
    took: dict[str, list[list[float]]] = {way: [] for way in ways}
    try:
        for way in ways:
            sizes = ["--question", str(question), "--answer", str(answer)]
            command = [*own, "--work", way, *sizes]
            workers[way] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env=kept | WAYS[way.removesuffix(CAPTURE)][1],
            )  # fmt: skip
        for number in range(rounds + 1):
            for way, worker in workers.items():
                assert worker.stdin is not None
                assert worker.stdout is not None
                worker.stdin.write(f"{calls if number else max(calls // 4, 2)}\n")
                worker.stdin.flush()
                found = json.loads(worker.stdout.readline())
                if number:
                    took[way].append(found)
    finally:
        for process in (server, *workers.values()):
            process.kill()
            process.wait()
    return summary(took)


def summary(took: dict[str, list[list[float]]]) -> dict[str, Any]:
    """Medians, ratios to the bare client, and what capture adds."""
    bare = [statistics.median(column) for column in zip(*took["bare"], strict=True)]
    found: dict[str, Any] = {}
    for way, batches in took.items():
        process, thread = (statistics.median(column) for column in zip(*batches, strict=True))
        found[way] = {
            "process_ms": round(process, 2),
            "thread_ms": round(thread, 2),
            "to_bare": [round(process / bare[0], 2), round(thread / bare[1], 2)],
        }
        without = took.get(way.removesuffix(CAPTURE))
        if way.endswith(CAPTURE) and without:
            pairs = list(zip(batches, without, strict=True))
            found[way]["added"] = {
                name: round(statistics.median(a[at] - b[at] for a, b in pairs), 3)
                for at, name in enumerate(("process_ms", "thread_ms"))
            }
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="once, a few calls")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--question", type=int, default=QUESTION, help="characters")
    parser.add_argument("--answer", type=int, default=ANSWER, help="characters")
    parser.add_argument("--only", default="", help="ways whose name begins so, and bare")
    parser.add_argument("--install", action="store_true", help="have the packages of all ways")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    if options.work:
        work(options.work, options.question, options.answer)
        return
    if options.install:
        rest = [argument for argument in sys.argv[1:] if argument != "--install"]
        python = _python_with_all()
        os.execv(python, [python, __file__, *rest])
    there = {name for name, (package, _) in WAYS.items() if _is_installed(package)}
    ways = [
        way
        for name in WAYS
        if name in there and (name == "bare" or name.startswith(options.only))
        for way in ([name, name + CAPTURE] if name in OBSERVED else [name])
    ]
    rounds, calls = (1, 4) if options.smoke else (options.rounds, options.calls)
    found: dict[str, Any] = measure(ways, rounds, calls, options.question, options.answer)
    print(json.dumps({
        "question": options.question, "answer": options.answer, "rounds": rounds, "calls": calls,
        "ways": {name: found.get(name) for name in (*WAYS, *found)},
    }))  # fmt: skip


def _python_with_all() -> str:
    """A Python with every way's packages."""
    sys.path.insert(0, str(ROOT / "tests"))
    environments: Any = importlib.import_module("instrumentations.environments")
    return str(environments.environment("current"))


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ImportError:
        return False


if __name__ == "__main__":
    main()
