"""What capture costs, as ratios to the same span without it in one run; prints one JSON line.

A bare span is start and end with typical attributes, beneath the span of a request, through

- ``noop``: a provider with a processor that does nothing, the least that a provider has;
- ``batch``: the SDK's BatchSpanProcessor, whose exporter encodes OTLP and sends it nowhere.

``times`` are medians over rounds of CPU microseconds of the application's own thread for one span,
after some that do not count: what ran before has left its own data in the processor's caches, and
after captured spans that was the worker with its sketches. Bare spans end by the SDK's own method,
as if capture had never been loaded.
``ratio`` is a span with capture to the same span without it, ``added`` what capture adds in units
of the bare LLM span of 2 kB (behind the same processor): what "one bare span" means here.
``hash_and_handle`` is an LLM span of 2 kB and then the first handle for it, together; ``stages_us``
are the parts of it that have to be done on the application's thread, each alone in a tight loop.
``no_sketch`` is capture without a key that other processes share, which leaves the user turn alone.
``wall`` is wall time with 8 coroutines and with 4 threads, with capture to without: it has the
worker's share of the interpreter lock in it. ``worker_us`` is CPU of the background thread for one
span of 2 kB, question and answer: the sketch, the fingerprints of the answer (made where there is a
conversation), and the rest. The registry's memory is measured by ``bench/registry.py``.

    python bench/overhead.py
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.version import __version__ as sdk_version

import otel_ai_feedback
from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.install.completion_hook import FeedbackHook
from otel_ai_feedback.capture.install.switch import SWITCH
from otel_ai_feedback.capture.late import MOST_LATE
from otel_ai_feedback.capture.linking.handles import Handle, mint
from otel_ai_feedback.capture.processor import OutputProcessor
from otel_ai_feedback.capture.sampling import Sampling
from otel_ai_feedback.capture.sources.messages import answer_of
from otel_ai_feedback.capture.span_attributes import add as add_attributes
from otel_ai_feedback.capture.span_attributes import writable
from otel_ai_feedback.capture.text.fragments import fingerprints
from otel_ai_feedback.capture.text.hashing import hash_normalised
from otel_ai_feedback.capture.text.normalise import normalise
from otel_ai_feedback.capture.text.sketch import sketch
from otel_ai_feedback.config import load

ROUNDS = 7
SPANS = 100
HASH_AND_HANDLE = "hash_and_handle"
SIZES = {"200B": 200, "2kB": 2_000, "20kB": 20_000, "200kB": 200_000}
OTHER: dict[str, Any] = {f"http.{name}": name for name in ("method", "scheme", "route", "host")}
CALL: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "server.address": "api.openai.com",
    "server.port": 443,
}
# Set one by one when the answer is there, as instrumentations do.
RESPONSE: dict[str, Any] = {
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.finish_reasons": ("stop",),
    "gen_ai.usage.input_tokens": 400,
    "gen_ai.usage.output_tokens": 500,
}
WORDS = [
    "".join(random.Random(seed).choices("etaoinshrdlu", k=2 + seed % 7)) for seed in range(500)
]


class Noop(SpanProcessor):
    """Does nothing."""

    def on_start(self, span: Any, parent_context: Context | None = None) -> None:
        """Nothing."""


class Encoder(SpanExporter):
    """Encodes and sends nowhere."""

    def export(self, spans: Any) -> SpanExportResult:
        """Encode a batch as it would go over the wire."""
        encode_spans(spans).SerializeToString()
        return SpanExportResult.SUCCESS


def text_of(characters: int) -> str:
    """Prose with a blank line after each six sentences, as models write it."""
    dice = random.Random(characters)
    sentences: list[str] = []
    while len(sentences) * 40 < characters or sum(len(one) for one in sentences) < characters:
        sentence = " ".join(dice.choices(WORDS, k=12)).capitalize() + "."
        sentences.append(sentence + ("\n\n" if len(sentences) % 6 == 5 else " "))
    return "".join(sentences)[:characters]


def messages(text: str, role: str) -> list[dict[str, Any]]:
    """One message as the GenAI conventions have it."""
    return [{"role": role, "parts": [{"type": "text", "content": text}]}]


class Service:
    """One provider, with capture or without, and the spans of a service.

    Built before capture is switched on and not global, so capture reaches it by :meth:`start` only.
    """

    def __init__(self, processor: SpanProcessor) -> None:
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(processor)
        self.tracer = self.provider.get_tracer("bench")

    def start(self, capture: Capture | None) -> None:
        """Begin the request that all spans are beneath, with this capture."""
        if capture is not None:
            sampling = Sampling.of(self.provider)
            self.provider.add_span_processor(OutputProcessor(capture, sampling=sampling))
        self.request = self.tracer.start_span("POST /chat")
        self.context = trace.set_span_in_context(self.request, Context())

    def other(self) -> None:
        """A span that is no model call."""
        self.tracer.start_span("GET /", attributes=OTHER, context=self.context).end()

    def llm(self, size: str) -> Callable[[], Any]:
        """A model call with a question and an answer of that size."""
        text = text_of(SIZES[size])
        content = {
            "gen_ai.input.messages": json.dumps(messages(text, "user")),
            "gen_ai.output.messages": json.dumps(messages(text, "assistant")),
        }

        def call() -> ReadableSpan:
            span: Any = self.tracer.start_span("chat", attributes=CALL, context=self.context)
            for name, value in RESPONSE.items():
                span.set_attribute(name, value)
            span.set_attributes(content)
            span.end()
            return span  # type: ignore[no-any-return]

        return call

    def hooked(self) -> None:
        """A model call of 2 kB with content capture off."""
        span = self.tracer.start_span("chat", attributes=CALL, context=self.context)
        for name, value in RESPONSE.items():
            span.set_attribute(name, value)
        HOOK.on_completion(inputs=INPUTS, outputs=OUTPUTS, span=span)
        span.end()


PROCESSORS: dict[str, Callable[[], SpanProcessor]] = {
    "noop": Noop,
    "batch": lambda: BatchSpanProcessor(Encoder()),
}
SERVICES = [
    ("noop", "bare"),
    ("batch", "bare"),
    ("noop", "captured"),
    ("batch", "captured"),
    ("noop", "no_sketch"),
]
HOOK = FeedbackHook()
INPUTS, OUTPUTS = messages(text_of(2_000), "user"), messages(text_of(2_000), "assistant")


def handed_out(call: Callable[[], Any]) -> Callable[[], object]:
    """A model call and the handle for its answer, which is its first and so delivers it."""
    return lambda: otel_ai_feedback.output_handle(call())


def cpu_us(work: Callable[[], object], count: int) -> float:
    """CPU time of the calling thread for one call, after some that do not count."""
    for _ in range(count // 4):
        work()
    start = time.thread_time_ns()
    for _ in range(count):
        work()
    return (time.thread_time_ns() - start) / count / 1000


def wall_async(work: Callable[[], object], count: int) -> float:
    """Wall time for one call among 8 coroutines, each of which waits between its calls."""

    async def one() -> None:
        for _ in range(count // 8):
            work()
            await asyncio.sleep(0)

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(8)))

    start = time.perf_counter_ns()
    asyncio.run(all_of_them())
    return (time.perf_counter_ns() - start) / count / 1000


def wall_threads(work: Callable[[], object], count: int) -> float:
    """Wall time for one call among 4 threads."""

    def one() -> None:
        for _ in range(count // 4):
            work()

    threads = [threading.Thread(target=one) for _ in range(4)]
    start = time.perf_counter_ns()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter_ns() - start) / count / 1000


def capture_in(state: Path) -> Capture:
    """Capture with its key in that directory; without a shared key where that is a file."""
    settings = load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": str(state)}, directory=Path("/"))
    return Capture(settings, time.time_ns, LoggerProvider(shutdown_on_exit=False), GUARD)


def worker_us(service: Service, capture: Capture, count: int) -> dict[str, float]:
    """CPU of the background thread for one span of 2 kB, by part."""
    text, key = text_of(2_000), b"k" * 32
    parts = {
        "sketch": cpu_us(lambda: sketch(text, key), count),
        "fingerprints": cpu_us(lambda: fingerprints(text, key), count),
    }
    call = service.llm("2kB")
    process, mine = time.process_time_ns(), time.thread_time_ns()
    for _ in range(count):
        call()
    capture.flush(20_000)
    theirs = time.process_time_ns() - process - (time.thread_time_ns() - mine)
    parts["rest"] = max(0.0, theirs / count / 1000 - parts["sketch"])
    return {name: round(value, 1) for name, value in parts.items()}


def stages_us(tracer: trace.Tracer, count: int) -> dict[str, float]:
    """CPU of the parts of hash and handle that no way of writing it gets around, each alone."""
    text, key = text_of(2_000), b"k" * 32
    recorded = json.dumps(messages(text, "assistant"))
    normalised = normalise(text)
    handle = Handle("output", 1 << 127, 1 << 63, 1_700_000_000, True)
    own: dict[str, Any] = {
        names.OUTPUT_TIME: 1_700_000_000,
        names.REQUEST_SPAN_ID: "8000000000000000",
        names.REQUEST_SEQ: 1,
        names.SAMPLING_RATIO: 1.0,
        names.OUTPUT_LENGTH: 2_000,
        names.OUTPUT_HASH: hash_normalised(normalised, key),
    }
    span: Any = tracer.start_span("chat", attributes=CALL, context=Context())
    parts: dict[str, Callable[[], object]] = {
        "decode": lambda: answer_of(recorded, None),
        "normalise": lambda: normalise(text),
        "hash": lambda: hash_normalised(normalised, key),
        "set_attributes": lambda: add_attributes(span, own, writable(span), MOST_LATE),
        "mint": lambda: mint(handle, key),
    }
    return {
        name: round(statistics.median(cpu_us(part, count) for _ in range(ROUNDS)), 2)
        for name, part in parts.items()
    }


def main() -> None:
    """Measure without capture and with it, in turns."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    smoke = parser.parse_args().smoke
    rounds, spans = (1, 16) if smoke else (ROUNDS, SPANS)
    with tempfile.TemporaryDirectory() as directory:
        state, unusable = Path(directory, "state"), Path(directory, "file")
        unusable.touch()
        services = {(base, kind): Service(PROCESSORS[base]()) for base, kind in SERVICES}
        background = Service(Noop())
        otel_ai_feedback.instrument(
            TracerProvider(shutdown_on_exit=False),
            LoggerProvider(shutdown_on_exit=False),
            load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": str(state)}, directory=Path("/")),
        )
        with_sketch, without = SWITCH.capture, capture_in(unusable)
        assert with_sketch is not None
        captures = {"bare": None, "captured": with_sketch, "no_sketch": without}
        for (_, kind), service in services.items():
            service.start(captures[kind])
        background.start(with_sketch)
        works: dict[tuple[str, str, str], Callable[[], object]] = {}
        for (base, kind), service in services.items():
            works[base, kind, "other"] = service.other
            for size in SIZES:
                works[base, kind, f"llm_{size}"] = service.llm(size)
            works[base, kind, "llm_2kB_content_off"] = service.hooked
            if kind == "captured":
                works[base, kind, HASH_AND_HANDLE] = handed_out(service.llm("2kB"))
        answered = services["noop", "captured"].llm("2kB")()
        works["noop", "captured", "output_handle"] = lambda: otel_ai_feedback.output_handle(
            answered
        )
        handle = otel_ai_feedback.output_handle(answered)
        works["noop", "captured", "record_action"] = lambda: otel_ai_feedback.record_action(
            handle, "copy", 0.5, action_id="1"
        )

        ends = dict.fromkeys(captures, Span.end)
        ends["bare"] = Span.end.__wrapped__  # type: ignore[attr-defined]
        found: dict[tuple[str, str, str], list[float]] = {name: [] for name in works}
        wall: dict[tuple[str, str], list[float]] = {}
        for _ in range(rounds):
            # Side by side, because the machine's speed changes in the course of a run.
            for name, work in works.items():
                long = "200kB" in name[2]
                Span.end = ends[name[1]]  # type: ignore[method-assign]
                found[name].append(cpu_us(work, max(8, spans // 10) if long else spans))
                # What waits in the background is not to fall into the next measurement.
                for service in services.values():
                    service.provider.force_flush()
            for how, measure in (("async", wall_async), ("threads", wall_threads)):
                for kind in ("bare", "captured"):
                    Span.end = ends[kind]  # type: ignore[method-assign]
                    took = measure(works["batch", kind, "llm_2kB"], spans)
                    wall.setdefault((how, kind), []).append(took)
                    services["batch", kind].provider.force_flush()
        stages = stages_us(services["noop", "bare"].tracer, spans)
        worker = worker_us(background, with_sketch, spans)
        dropped = otel_ai_feedback.stats().get("queue_full", 0)
        otel_ai_feedback.uninstrument()

    def ratio(over: list[float], under: list[float]) -> float:
        return round(statistics.median(a / b for a, b in zip(over, under, strict=True)), 2)

    ratios: dict[str, float] = {}
    added: dict[str, float] = {}
    for (base, kind, what), times in found.items():
        if kind == "bare":
            continue
        label = f"{base} {what}" if kind == "captured" else f"{base} {what} {kind}"
        bare = found.get((base, "bare", "llm_2kB" if what == HASH_AND_HANDLE else what))
        if bare is not None:
            ratios[label] = ratio(times, bare)
        more = [a - b for a, b in zip(times, bare or [0.0] * rounds, strict=True)]
        added[label] = ratio(more, found[base, "bare", "llm_2kB"])
    result = {
        "bench": "overhead",
        "python": platform.python_version(),
        "sdk": sdk_version,
        "times": {" ".join(name): round(statistics.median(t), 2) for name, t in found.items()},
        "ratio": ratios,
        "added": added,
        "wall": {how: ratio(wall[how, "captured"], wall[how, "bare"]) for how, _ in wall},
        "stages_us": stages,
        "worker_us": worker,
        "queue_full": dropped,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
