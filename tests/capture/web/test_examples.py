"""The examples, each on the server that it is meant for, with a model server on loopback."""

import json
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from .served import beacon, until, uvicorn_serving

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
HEADER = "AI-Feedback-Handle"
PARTS = ["The capital", " of France", " is Paris."]
UVICORN = ["uvicorn", "--app-dir", str(EXAMPLES), "--port"]
GUNICORN = ["gunicorn", "--chdir", str(EXAMPLES), "--threads", "4", "--bind"]
COMMANDS = {
    "fastapi": [*UVICORN, "{port}", "fastapi_app:app"],
    "starlette": [*UVICORN, "{port}", "starlette_app:app"],
    "flask": [*GUNICORN, "127.0.0.1:{port}", "flask_app:app"],
    "django": [*GUNICORN, "127.0.0.1:{port}", "django_app:application"],
}


class Around:
    """The model and the OTLP receiver that an example talks to."""

    def __init__(self):
        self.spans = []
        model = Route("/v1/chat/completions", self._chat, methods=["POST"])
        traces = Route("/v1/traces", self._traces, methods=["POST"])
        other = Route("/{path:path}", lambda _: Response(), methods=["POST"])
        self.app = Starlette(routes=[model, traces, other])

    async def _chat(self, request):
        def chunk(part):
            choice = {"index": 0, "delta": {"content": part}, "finish_reason": None}
            kind = {"id": "c1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
            return f"data: {json.dumps(kind | {'choices': [choice]})}\n\n"

        question = (await request.json())["messages"][0]["content"]
        slowly = "slowly" in question

        async def chunks():
            for part in PARTS * (200 if slowly else 1):
                yield chunk(part)
                await anyio.sleep(0.02 if slowly else 0)
            yield "data: [DONE]\n\n"

        return StreamingResponse(chunks(), media_type="text/event-stream")

    async def _traces(self, request):
        received = ExportTraceServiceRequest.FromString(await request.body())
        for resource in received.resource_spans:
            for scope in resource.scope_spans:
                self.spans += scope.spans
        return Response(media_type="application/x-protobuf")

    def named(self, name):
        return [span for span in self.spans if span.name.startswith(name)]


@contextmanager
def running(command, around, tmp_path):
    """An example as a program of its own, and a client for it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = os.environ | {
        "OPENAI_API_KEY": "none",
        "OPENAI_BASE_URL": f"{around}/v1",
        "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path),
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_EXPORTER_OTLP_ENDPOINT": around,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    }
    module, *rest = [part.format(port=port) for part in command]
    program = subprocess.Popen([sys.executable, "-m", module, *rest], env=env, cwd=tmp_path)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            until(lambda: program.poll() is not None or _answers(client), 60)
            assert program.poll() is None, "it ended"
            yield client
    finally:
        program.terminate()
        program.wait()


def _answers(client):
    try:
        return client.get("/").is_success
    except httpx.TransportError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_an_answer_is_streamed_and_a_copy_of_it_linked(name, tmp_path):
    around = Around()
    with (
        uvicorn_serving(around.app) as outside,
        running(COMMANDS[name], str(outside.base_url).rstrip("/"), tmp_path) as client,
    ):
        page = client.get("/")
        (source,) = re.findall(r'<script type="module" src="(/[^"]+)" integrity="sha384', page.text)
        script = client.get(source)
        assert script.headers["Content-Type"].startswith("text/javascript")
        assert "immutable" in script.headers["Cache-Control"]
        assert HEADER not in page.headers

        answer = client.post("/chat", content="What is the capital of France?")
        assert all(part in answer.text for part in PARTS)
        sent = client.post(
            "/_ai_feedback/actions",
            content=beacon(answer.headers[HEADER]),
            headers={"Content-Type": "text/plain", "Origin": str(client.base_url).rstrip("/")},
        )
        assert sent.status_code == 204
        (action,) = until(lambda: around.named("ai_feedback copy"), 30)
        (output,) = until(lambda: around.named("chat"), 30)
        assert action.links[0].span_id == output.span_id
        with client.stream("POST", "/chat", content="Tell me slowly.") as response:
            next(part for part in response.iter_text() if PARTS[0] in part)
        (close,) = until(lambda: around.named("ai_feedback close"), 30)
        (left,) = [s for s in until(lambda: around.named("chat"), 30) if s is not output]
        assert close.links[0].span_id == left.span_id

        # The model was called while the body was sent, and belongs to the request all the same.
        assert output.trace_id in {
            span.trace_id for span in until(lambda: around.named("POST"), 30)
        }
