"""What an installed instrumentation does: a real client calls a local fake, and spans are counted.

Run as a program of its own, since it switches instrumentations on::

    python -m otel_ai_feedback.doctor.client_call openai

It prints one JSON object: ``spans`` of any kind, ``tagged`` ones, and the ``error`` that the call,
or an instrumentation, raised.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from otel_ai_feedback.doctor import packages

_ANSWER: Final = "The doctor's question was answered by a server on this machine."
_USAGE: Final = {"input_tokens": 3, "output_tokens": 12}
_COMPLETION: Final = {
    "id": "chatcmpl-doctor",
    "object": "chat.completion",
    "created": 0,
    "model": "doctor",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": _ANSWER},
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 12, "total_tokens": 15},
}
_MESSAGE: Final = {
    "id": "msg_doctor",
    "type": "message",
    "role": "assistant",
    "model": "doctor",
    "content": [{"type": "text", "text": _ANSWER}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": _USAGE,
}
_QUESTION: Final = [{"role": "user", "content": "Is anyone there?"}]


def _openai(url: str) -> None:
    client = importlib.import_module("openai").OpenAI(
        base_url=f"{url}/v1", api_key="none", max_retries=0
    )
    client.chat.completions.create(model="doctor", messages=_QUESTION)


def _anthropic(url: str) -> None:
    client = importlib.import_module("anthropic").Anthropic(
        base_url=url, api_key="none", max_retries=0
    )
    client.messages.create(model="doctor", max_tokens=16, messages=_QUESTION)


CALLS: Final[dict[str, Callable[[str], None]]] = {"openai": _openai, "anthropic": _anthropic}
"""Clients that can be pointed at a server of ours, and a call of each."""


class _Fake(BaseHTTPRequestHandler):
    """Answers every request as the model would."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        document = _MESSAGE if self.path.endswith("/messages") else _COMPLETION
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Nothing: what is printed is the result."""


@contextmanager
def _serving() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Fake)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def call(client: str) -> dict[str, Any]:
    """Switch on what is installed, call the client, and count the spans.

    Args:
        client: One of ``CALLS``.
    """
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    import otel_ai_feedback
    from otel_ai_feedback import attributes as names
    from otel_ai_feedback.config import load

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    with tempfile.TemporaryDirectory() as directory, _serving() as url:
        settings = replace(load(), state_dir=Path(directory))
        otel_ai_feedback.instrument(provider, settings=settings)
        errors = [error for error in map(_switch_on, _instrumentors()) if error]
        try:
            CALLS[client](url)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
        spans = exporter.get_finished_spans()
    tagged = [span for span in spans if names.OUTPUT_TIME in (span.attributes or {})]
    return {"spans": len(spans), "tagged": len(tagged), "error": "; ".join(errors)[:300]}


def _instrumentors() -> Iterator[metadata.EntryPoint]:
    """Entry points of the instrumentations that capture knows."""
    for name, distribution in packages.installed(sys.path).items():
        if packages.instrumentations([name]):
            for entry in distribution.entry_points:
                if entry.group == "opentelemetry_instrumentor":
                    yield entry


def _switch_on(entry: metadata.EntryPoint) -> str:
    try:
        entry.load()().instrument()
    except Exception as error:
        return f"{entry.name}: {type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(call(sys.argv[1])) + "\n")
