"""What capture costs the application's thread, as ratios to a bare SDK span.

Prints one JSON line. Times are medians over rounds, in microseconds; the spans go to no exporter,
so a ratio compares with the least that OpenTelemetry itself costs.

    python bench/overhead.py
"""

from __future__ import annotations

import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace import Tracer, TracerProvider
from opentelemetry.sdk.version import __version__ as sdk_version

import otel_ai_feedback
from otel_ai_feedback.capture.completion_hook import FeedbackHook
from otel_ai_feedback.config import load

ROUNDS = 25
SPANS = 200
# An answer and a question of 2 kB, the size of a usual answer.
ANSWER = ("The capital of France is Paris, on the river Seine. " * 40)[:2000]
OUTPUT = json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": ANSWER}]}])
INPUT = json.dumps([{"role": "user", "parts": [{"type": "text", "content": ANSWER}]}])
REQUEST = {f"http.{name}": name for name in ("method", "scheme", "route", "host", "status")}
CALL: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.usage.input_tokens": 400,
    "gen_ai.usage.output_tokens": 500,
}


def microseconds(work: Callable[[], object]) -> float:
    """Median time of one call."""
    rounds = []
    for _ in range(ROUNDS):
        begin = time.thread_time_ns()
        for _ in range(SPANS):
            work()
        rounds.append((time.thread_time_ns() - begin) / SPANS / 1000)
        # Let the worker finish, so that its share of the interpreter is not measured as ours.
        if capture_flushes:
            capture_flushes[0]()
    return statistics.median(rounds)


capture_flushes: list[Callable[[], object]] = []


def request_span(tracer: Tracer) -> Callable[[], None]:
    """A span that is not an LLM call."""

    def work() -> None:
        tracer.start_span("GET /", attributes=REQUEST).end()

    return work


def llm_span(tracer: Tracer) -> Callable[[], None]:
    """An LLM span that carries its messages."""

    def work() -> None:
        span = tracer.start_span("chat", attributes=CALL)
        span.set_attribute("gen_ai.input.messages", INPUT)
        span.set_attribute("gen_ai.output.messages", OUTPUT)
        span.end()

    return work


def hooked_span(tracer: Tracer, hook: FeedbackHook | None) -> Callable[[], None]:
    """An LLM span whose messages only the completion hook sees."""
    outputs, inputs = json.loads(OUTPUT), json.loads(INPUT)

    def work() -> None:
        span = tracer.start_span("chat", attributes=CALL)
        if hook is not None:
            hook.on_completion(inputs=inputs, outputs=outputs, span=span)
        span.end()

    return work


def main() -> None:
    """Measure without, then with capture."""
    bare_tracer = TracerProvider(shutdown_on_exit=False).get_tracer("bench")
    assert isinstance(bare_tracer, Tracer)
    bare = {
        "request_span": microseconds(request_span(bare_tracer)),
        "llm_span_2kB": microseconds(llm_span(bare_tracer)),
        "llm_span_2kB_content_off": microseconds(hooked_span(bare_tracer, None)),
    }

    with tempfile.TemporaryDirectory() as state:
        environ = {"OTEL_AI_FEEDBACK_STATE_DIR": state}
        provider = TracerProvider(shutdown_on_exit=False)
        otel_ai_feedback.instrument(provider, settings=load(environ=environ, directory=Path(state)))
        capture_flushes.append(provider.force_flush)
        tracer = provider.get_tracer("bench")
        assert isinstance(tracer, Tracer)
        captured = {
            "request_span": microseconds(request_span(tracer)),
            "llm_span_2kB": microseconds(llm_span(tracer)),
            "llm_span_2kB_content_off": microseconds(hooked_span(tracer, FeedbackHook())),
        }
        span = tracer.start_span("chat", attributes=CALL)
        span.end()
        handle = otel_ai_feedback.output_handle(span)
        captured["output_handle"] = microseconds(lambda: otel_ai_feedback.output_handle(span))
        captured["record_action"] = microseconds(
            lambda: otel_ai_feedback.record_action(handle, "copy", 0.5, action_id="1")
        )
        dropped = otel_ai_feedback.stats().get("queue_full", 0)
        otel_ai_feedback.uninstrument()

    base = bare["request_span"]
    print(
        json.dumps(
            {
                "bench": "overhead",
                "python": platform.python_version(),
                "sdk": sdk_version,
                "bare_us": {name: round(value, 2) for name, value in bare.items()},
                "captured_us": {name: round(value, 2) for name, value in captured.items()},
                "added_us": {n: round(captured[n] - value, 2) for n, value in bare.items()},
                "ratio": {n: round(captured[n] / value, 2) for n, value in bare.items()},
                "added_per_bare_request_span": {
                    n: round((captured[n] - bare.get(n, 0)) / base, 2) for n in captured
                },
                "queue_full": dropped,
            }
        )
    )


if __name__ == "__main__":
    main()
