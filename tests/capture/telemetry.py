"""What the application's providers received, and short ways to make LLM spans."""

import json
from dataclasses import dataclass, field

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import otel_ai_feedback

KEY = "a key that only the tests know"
NOW = 1_795_464_000
SECOND = 1_000_000_000


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self):
        self.now = NOW * SECOND

    def __call__(self):
        return self.now

    def forward(self, seconds):
        self.now += int(seconds * SECOND)


def messages(text, role="assistant"):
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}])


@dataclass
class Telemetry:
    """What the application's providers received, and short ways to make LLM spans."""

    provider: TracerProvider
    loggers: LoggerProvider
    clock: Clock
    exporter: InMemorySpanExporter
    log_exporter: InMemoryLogRecordExporter
    before: dict = field(default_factory=otel_ai_feedback.stats)

    @property
    def tracer(self):
        return self.provider.get_tracer("test")

    def chat(self, text="Paris.", ask=None, *, end=True, **attributes):
        """An LLM span as the GenAI conventions have it; ``__`` in a name stands for a dot."""
        attributes = {name.replace("__", "."): value for name, value in attributes.items()}
        span = self.tracer.start_span(
            "chat m", attributes={"gen_ai.operation.name": "chat"}, start_time=self.clock.now
        )
        if text is not None:
            span.set_attribute("gen_ai.output.messages", messages(text))
        if ask is not None:
            span.set_attribute("gen_ai.input.messages", messages(ask, "user"))
        span.set_attributes(attributes)
        if end:
            span.end(self.clock.now)
        return span

    def request(self, name="POST /chat"):
        """A span around what the test does, started by the test's clock."""
        return self.tracer.start_as_current_span(name, start_time=self.clock.now)

    @property
    def spans(self):
        return list(self.exporter.get_finished_spans())

    @property
    def outputs(self):
        return [dict(s.attributes) for s in self.spans if "gen_ai.operation.name" in s.attributes]

    @property
    def actions(self):
        return [s for s in self.spans if s.name.startswith("ai_feedback ")]

    @property
    def events(self):
        assert self.provider.force_flush()
        return [record.log_record for record in self.log_exporter.get_finished_logs()]

    @property
    def delivered(self):
        """What says that a handle has left: spans, and events about those that were read before."""
        kind = "ai_feedback.handle.kind"
        events = [event for event in self.events if kind in event.attributes]
        return [output for output in self.outputs if kind in output] + events

    @property
    def counted(self):
        """What was counted since the test began."""
        now = otel_ai_feedback.stats()
        return {k: v - self.before.get(k, 0) for k, v in now.items() if v != self.before.get(k, 0)}
