"""One worker of a service: makes outputs and records actions as it is told, line by line.

Run as a program by test_redis.py. Each line on standard input is a JSON list of a name and its
keyword arguments; each answer is one line of JSON on standard output.
"""

import json
import logging
import sys

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import otel_ai_feedback


class Service:
    def __init__(self):
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        otel_ai_feedback.instrument(self.provider, LoggerProvider())

    def chat(self, text, key=None, **attributes):
        """Answer a request; its ids and handles."""
        tracer = self.provider.get_tracer("service")
        message = {"role": "assistant", "parts": [{"type": "text", "content": text}]}
        with tracer.start_as_current_span("POST /chat"):
            request = otel_ai_feedback.request_handle()
            span = tracer.start_span("chat", attributes={"gen_ai.operation.name": "chat"})
            span.set_attribute("gen_ai.output.messages", json.dumps([message]))
            span.set_attributes(attributes)
            span.end()
            if key is not None:
                assert otel_ai_feedback.link_key(key)
        self.provider.force_flush()
        context = span.get_span_context()
        return {"span": f"{context.trace_id:032x}-{context.span_id:016x}", "request": request}

    def act(self, target=None, **names):
        """Record an action; what it was linked to, how, and whether that was ambiguous."""
        self.exporter.clear()
        taken = otel_ai_feedback.record_action(target, "copy", **names)
        self.provider.force_flush()
        actions = [s for s in self.exporter.get_finished_spans() if s.name == "ai_feedback copy"]
        found = [
            [
                [f"{k.context.trace_id:032x}-{k.context.span_id:016x}" for k in action.links],
                action.attributes.get("ai_feedback.link.method"),
                action.attributes.get("ai_feedback.link.ambiguous", False),
            ]
            for action in actions
        ]
        return {"taken": taken, "found": found}

    def stats(self):
        return otel_ai_feedback.stats()


def main():
    logging.basicConfig(stream=sys.stderr)
    service = Service()
    for line in sys.stdin:
        name, arguments = json.loads(line)
        print(json.dumps(getattr(service, name)(**arguments)), flush=True)


if __name__ == "__main__":
    main()
