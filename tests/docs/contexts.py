"""What pages take for granted: objects around their Python, files around their commands."""

_SPAN = """
import types
import otel_ai_feedback
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
otel_ai_feedback.instrument(tracer_provider=provider)
tracer = provider.get_tracer("t")

class Completions:
    def create(self, *placeholder, model="m", messages=()):
        attributes = {
            "gen_ai.operation.name": "chat", "gen_ai.request.model": model,
            "gen_ai.response.id": "r1",
            "gen_ai.output.messages": '[{"role": "assistant", "parts": '
            '[{"type": "text", "content": "The Rhine, the Nile and the Amazon."}]}]',
        }
        with tracer.start_as_current_span("chat", attributes=attributes):
            return types.SimpleNamespace(id="r1")

client = types.SimpleNamespace(chat=types.SimpleNamespace(completions=Completions()))
chat = session = message = types.SimpleNamespace(id="c1")
user = types.SimpleNamespace(id="u1", opted_out=False)
chat_id, user_id, draft = "c1", "u1", "The Rhine, the Nile and the Amazon, in this order."
messages = [{"role": "user", "content": "Name three rivers."}]
event = {"id": "e1"}
may_observe = lambda user: True
with otel_ai_feedback.conversation("c1"):
    client.chat.completions.create(model="m", messages=messages)
    handle = otel_ai_feedback.output_handle(response_id="r1")
"""
_WEB = """
import types
import flask, fastapi
from starlette.applications import Starlette
from jinja2 import Environment
from django.conf import settings
settings.configure()
from django.core.wsgi import get_wsgi_application
import otel_ai_feedback
templates = types.SimpleNamespace(env=Environment())
both = [fastapi.FastAPI(), flask.Flask("t"), None]
"""
_OPENAI = """
import sys, types
import opentelemetry.instrumentation.genai.openai

class OpenAI:
    def __init__(self):
        self.chat = client.chat

sys.modules["openai"] = types.SimpleNamespace(OpenAI=OpenAI)
opentelemetry.instrumentation.genai.openai.OpenAIInstrumentor = lambda: types.SimpleNamespace(
    instrument=lambda: None
)
"""

CONTEXTS = {
    "README.md": (_SPAN + _WEB + _OPENAI, "app = both.pop(0) if both else None"),
    "docs/capture.md": (_SPAN, ""),
    "docs/evaluations.md": ("import types\nresponse = types.SimpleNamespace(id='r1')", ""),
    "docs/linking.md": (_SPAN, ""),
    "docs/privacy.md": (_SPAN, ""),
    "docs/signals.md": (_SPAN, ""),
    "docs/store.md": ("", ""),
    "docs/tutorials/laptop.md": (_SPAN + _OPENAI, ""),
    "docs/web.md": (_WEB, "app = both.pop(0)"),
}
"""By page: what comes before its blocks, and before each of them."""

FILES = {
    "verdicts.csv": "output_id,verdict,reviewer,time\n"
    f"{'a' * 32}-{'b' * 16},good,ann,2026-11-24T08:30:00Z\n",
    "evals.jsonl": '{"prompt": "How do I reset my password?"}\n',
    "triage.yaml": "owner: Ana <ana@example.org>\nnotify: json://127.0.0.1:9/\n",
}

PREPARED = {
    "docs/cli.md": ['otel-ai-feedback modes define "gift promised" --definition d --author Ana'],
    "docs/review.md": [
        f'otel-ai-feedback modes define "{mode}" --definition d --author ann'
        for mode in ("wrong date", "wrong number")
    ],
}
"""By page: commands that have been run before."""
