"""What capture costs, as ratios to the bare SDK span; prints one JSON line.

Times are CPU microseconds of the application's own thread, medians over rounds; ``background_us``
is everything else, which for an LLM span is the worker thread. The spans go to no exporter, so the
ratios compare with the least that OpenTelemetry itself costs.

    python bench/overhead.py
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.trace import Tracer, TracerProvider
from opentelemetry.sdk.version import __version__ as sdk_version

import otel_ai_feedback
from otel_ai_feedback.capture.completion_hook import FeedbackHook
from otel_ai_feedback.config import load

ROUNDS = 25
SPANS = 200
TEXT = ("The capital of France is Paris, on the river Seine. " * 40)[:2000]
OUTPUTS = [{"role": "assistant", "parts": [{"type": "text", "content": TEXT}]}]
INPUTS = [{"role": "user", "parts": [{"type": "text", "content": TEXT}]}]
CONTENT = {
    "gen_ai.input.messages": json.dumps(INPUTS),
    "gen_ai.output.messages": json.dumps(OUTPUTS),
}
REQUEST: dict[str, Any] = {f"http.{name}": name for name in ("method", "scheme", "route", "host")}
CALL: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.usage.input_tokens": 400,
    "gen_ai.usage.output_tokens": 500,
}


class Bench:
    """Runs work against one provider and keeps the results by name."""

    def __init__(self, provider: TracerProvider, hook: FeedbackHook | None, rounds: int) -> None:
        tracer = provider.get_tracer("bench")
        assert isinstance(tracer, Tracer)
        self.tracer = tracer
        self.provider = provider
        self.hook = hook
        self.rounds = rounds
        self.thread_us: dict[str, float] = {}
        self.background_us: dict[str, float] = {}

    def run(self, name: str, work: Callable[[], object]) -> None:
        """Measure one kind of work."""
        own, background = [], []
        for _ in range(self.rounds):
            process, thread = time.process_time_ns(), time.thread_time_ns()
            for _ in range(SPANS):
                work()
            mine = time.thread_time_ns() - thread
            # The worker pauses before it begins, so it does not disturb the loop; its work belongs
            # to the round all the same.
            self.provider.force_flush()
            own.append(mine / SPANS / 1000)
            background.append((time.process_time_ns() - process - mine) / SPANS / 1000)
        self.thread_us[name] = statistics.median(own)
        self.background_us[name] = statistics.median(background)

    def spans(self) -> None:
        """The three kinds of span that a service has."""
        self.run("other_span", lambda: self.tracer.start_span("GET /", attributes=REQUEST).end())
        self.run("llm_span_2kB", self._llm_span)
        self.run("llm_span_2kB_content_off", self._hooked_span)

    def _llm_span(self) -> None:
        span = self.tracer.start_span("chat", attributes=CALL)
        span.set_attributes(CONTENT)
        span.end()

    def _hooked_span(self) -> None:
        span = self.tracer.start_span("chat", attributes=CALL)
        if self.hook is not None:
            self.hook.on_completion(inputs=INPUTS, outputs=OUTPUTS, span=span)
        span.end()

    def calls(self) -> None:
        """What the application calls itself."""
        span = self.tracer.start_span("chat", attributes=CALL)
        span.end()
        handle = otel_ai_feedback.output_handle(span)
        self.run("output_handle", lambda: otel_ai_feedback.output_handle(span))
        self.run(
            "record_action",
            lambda: otel_ai_feedback.record_action(handle, "copy", 0.5, action_id="1"),
        )


def main() -> None:
    """Measure without capture, then with it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    rounds = 1 if parser.parse_args().smoke else ROUNDS
    bare = Bench(TracerProvider(shutdown_on_exit=False), None, rounds)
    bare.spans()
    with tempfile.TemporaryDirectory() as state:
        settings = load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": state}, directory=Path(state))
        provider = TracerProvider(shutdown_on_exit=False)
        otel_ai_feedback.instrument(provider, LoggerProvider(shutdown_on_exit=False), settings)
        captured = Bench(provider, FeedbackHook(), rounds)
        captured.spans()
        captured.calls()
        dropped = otel_ai_feedback.stats().get("queue_full", 0)
        otel_ai_feedback.uninstrument()

    def rounded(values: dict[str, float]) -> dict[str, float]:
        return {name: round(value, 2) for name, value in values.items()}

    base = bare.thread_us["other_span"]
    result = {
        "bench": "overhead",
        "python": platform.python_version(),
        "sdk": sdk_version,
        "bare_us": rounded(bare.thread_us),
        "captured_us": rounded(captured.thread_us),
        "background_us": rounded(captured.background_us),
        "ratio": rounded({n: captured.thread_us[n] / v for n, v in bare.thread_us.items()}),
        # In units of the bare span: comparable between machines.
        "added_in_bare_spans": rounded(
            {n: (v - bare.thread_us.get(n, 0)) / base for n, v in captured.thread_us.items()}
        ),
        "queue_full": dropped,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
