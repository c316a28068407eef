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
from collections import defaultdict
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
    """Runs work against one provider and keeps the results of each round by name."""

    def __init__(self, provider: TracerProvider, hook: FeedbackHook | None) -> None:
        tracer = provider.get_tracer("bench")
        assert isinstance(tracer, Tracer)
        self.tracer = tracer
        self.provider = provider
        self.hook = hook
        self.thread_us: dict[str, list[float]] = defaultdict(list)
        self.background_us: dict[str, list[float]] = defaultdict(list)

    def run(self, name: str, work: Callable[[], object]) -> None:
        """Measure one round of one kind of work."""
        process, thread = time.process_time_ns(), time.thread_time_ns()
        for _ in range(SPANS):
            work()
        mine = time.thread_time_ns() - thread
        # The worker pauses before it begins, so it does not disturb the loop; its work belongs to
        # the round all the same.
        self.provider.force_flush()
        self.thread_us[name].append(mine / SPANS / 1000)
        self.background_us[name].append((time.process_time_ns() - process - mine) / SPANS / 1000)

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
    """Measure without capture and with it, in turns."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    rounds = 1 if parser.parse_args().smoke else ROUNDS
    # Built before capture is switched on and not global, so capture does not reach it.
    bare = Bench(TracerProvider(shutdown_on_exit=False), None)
    with tempfile.TemporaryDirectory() as state:
        settings = load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": state}, directory=Path(state))
        provider = TracerProvider(shutdown_on_exit=False)
        otel_ai_feedback.instrument(provider, LoggerProvider(shutdown_on_exit=False), settings)
        captured = Bench(provider, FeedbackHook())
        for _ in range(rounds):
            # Side by side, because the machine's speed changes in the course of a run.
            bare.spans()
            captured.spans()
            captured.calls()
        dropped = otel_ai_feedback.stats().get("queue_full", 0)
        otel_ai_feedback.uninstrument()

    def medians(values: dict[str, list[float]]) -> dict[str, float]:
        return {name: round(statistics.median(rounds), 2) for name, rounds in values.items()}

    base = bare.thread_us["other_span"]
    nothing = [0.0] * rounds
    # In units of the bare span of the same round: comparable between machines.
    added = {
        name: [
            (with_capture - without) / one
            for with_capture, without, one in zip(
                times, bare.thread_us.get(name, nothing), base, strict=True
            )
        ]
        for name, times in captured.thread_us.items()
    }
    result = {
        "bench": "overhead",
        "python": platform.python_version(),
        "sdk": sdk_version,
        "bare_us": medians(bare.thread_us),
        "captured_us": medians(captured.thread_us),
        "background_us": medians(captured.background_us),
        "added_in_bare_spans": medians(added),
        "queue_full": dropped,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
