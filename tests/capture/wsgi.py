"""A service as gunicorn runs it: answers, hands out handles and records actions.

Imported by the workers of test_workers.py, or by their master before it forks.
"""

import json
import os
import threading
from urllib.parse import parse_qsl

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import otel_ai_feedback

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
otel_ai_feedback.instrument(provider, LoggerProvider())


def chat(text, user):
    """Answer; the handle, and the hashes that left."""
    with otel_ai_feedback.conversation("c1", subject=user):
        span = provider.get_tracer("service").start_span("chat")
        message = {"role": "assistant", "parts": [{"type": "text", "content": text}]}
        span.set_attribute("gen_ai.operation.name", "chat")
        span.set_attribute("gen_ai.output.messages", json.dumps([message]))
        span.end()
        handle = otel_ai_feedback.output_handle(span)
    attributes = span.attributes
    return {
        "handle": handle,
        "hash": attributes["ai_feedback.output.hash"],
        "subject": attributes["ai_feedback.subject"],
    }


def act(handle):
    """Record an action; its span link and id."""
    exporter.clear()
    taken = otel_ai_feedback.record_action(handle, "copy", 0.8, action_id="click")
    actions = [span for span in exporter.get_finished_spans() if span.name == "ai_feedback copy"]
    found = [
        [hex(a.links[0].context.span_id), a.attributes["ai_feedback.action.id"]] for a in actions
    ]
    return {"taken": taken, "found": found, "stats": otel_ai_feedback.stats()}


def application(environ, start_response):
    """``/chat?text=&user=`` and ``/act?handle=``; says which process answered."""
    # Long enough that another worker takes what comes at the same time.
    threading.Event().wait(0.2)
    work = {"/chat": chat, "/act": act}[environ["PATH_INFO"]]
    answer = {"worker": os.getpid(), **work(**dict(parse_qsl(environ["QUERY_STRING"])))}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]
