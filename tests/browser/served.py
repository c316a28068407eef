"""The service under test: a real client of a model, the middleware, and pages to put answers on."""

import asyncio
import functools
import json
import os
from pathlib import Path

from openai import AsyncOpenAI
from opentelemetry import trace
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

import otel_ai_feedback
from otel_ai_feedback.web import Rates
from otel_ai_feedback.web.asgi import FeedbackMiddleware

otel_ai_feedback.instrument()
OpenAIInstrumentor().instrument()

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="icon" href="data:,">{head}
<script type="module" src="{prefix}/feedback.js" {attributes}></script>
</head><body>{body}</body></html>"""
PREFIX = os.environ.get("PREFIX", "/_ai_feedback")
SSE = os.environ.get("SSE", "off")
STRICT = "default-src 'self'; img-src data:; object-src 'none'; base-uri 'none'"


@functools.cache
def client():
    return AsyncOpenAI()


async def outputs(request):
    """Have the model say each text; the handles."""

    async def say(text):
        message = {"role": "user", "content": text}
        made = await client().chat.completions.create(model="gpt-4o", messages=[message])
        return otel_ai_feedback.output_handle(response_id=made.id)

    return JSONResponse([await say(text) for text in await request.json()])


async def page(request):
    """A page under a strict content security policy; the query may add to it, or loosen it."""
    query = request.query_params
    auto = f'<script type="module" src="{PREFIX}/feedback-auto.js"></script>'
    html = PAGE.format(
        title="Page",
        prefix=PREFIX,
        head=auto if "auto" in query else "",
        attributes=query.get("attributes", ""),
        body=query.get("body", ""),
    )
    # Editors write styles into the page.
    policy = {} if "loose" in query else {"Content-Security-Policy": STRICT}
    return HTMLResponse(html, headers=policy)


async def stream(request):
    """Stream the model's answer as the query says: as text, in parts of the AI SDK, or by AG-UI.

    The model says it back to front: no answer repeats its question.
    """
    # An EventSource can only GET.
    asked = await request.json() if request.method == "POST" else request.query_params
    kind = request.query_params["as"]
    text = asked.get("text") or _said(asked["messages"][-1])
    made = await client().chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": text[::-1]}], stream=True
    )

    async def pieces():
        try:
            async for chunk in made:
                await asyncio.sleep(0.01)
                yield chunk.choices[0].delta.content or ""
        except BaseException as error:
            broken_off.append(type(error).__name__)
            raise

    async def parts():
        yield part({"type": "start"})
        yield part({"type": "text-start", "id": "t"})
        async for piece in pieces():
            if piece:
                yield part({"type": "text-delta", "id": "t", "delta": piece})
        yield part({"type": "text-end", "id": "t"})
        yield part({"type": "finish"})
        yield "data: [DONE]\n\n"

    async def events():
        run = {name: asked[name] for name in ("threadId", "runId")}
        message = {"messageId": f"answer-{asked['runId']}"}
        yield part({"type": "RUN_STARTED", **run})
        yield part({"type": "TEXT_MESSAGE_START", "role": "assistant", **message})
        async for piece in pieces():
            if piece:
                yield part({"type": "TEXT_MESSAGE_CONTENT", "delta": piece, **message})
        yield part({"type": "TEXT_MESSAGE_END", **message})
        yield part({"type": "RUN_FINISHED", **run})

    if kind == "agui":
        return StreamingResponse(events(), media_type="text/event-stream")
    if kind == "text":
        return StreamingResponse(pieces(), media_type="text/plain")
    headers = {"x-vercel-ai-ui-message-stream": "v1"}
    return StreamingResponse(parts(), media_type="text/event-stream", headers=headers)


def _said(message):
    """The text of a message, as the AI SDK or as AG-UI sends it."""
    return message["parts"][-1]["text"] if "parts" in message else message["content"]


def part(content):
    return f"data: {json.dumps(content)}\n\n"


WORKER = """
oninstall = () => skipWaiting();
onactivate = (event) => event.waitUntil(clients.claim());
let offline = false;
onmessage = ({ data, ports: [port] }) => port.postMessage((offline = data));
onfetch = (event) => {
  const isAction = event.request.url.endsWith("/actions");
  // As caching workers do, it has an answer of its own for everything while it is offline.
  event.respondWith(offline && isAction ? new Response("You are offline.") : fetch(event.request));
};
"""


async def worker(request):
    """A service worker between page and network."""
    return Response(WORKER, media_type="text/javascript")


broken_off = []  # why streams ended before their end


async def flush(request):
    """Return when everything so far has been exported; what capture counted."""
    await asyncio.to_thread(trace.get_tracer_provider().force_flush)
    return JSONResponse(otel_ai_feedback.stats() | {"broken_off": len(broken_off)})


class Busy:
    """In front of all: no beacons are taken while the test says so."""

    now = False

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if Busy.now and scope.get("path", "").endswith("/actions"):
            await Response(status_code=503)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def busy(request):
    Busy.now = await request.json()
    return Response()


app = Starlette(
    routes=[
        Route("/outputs", outputs, methods=["POST"]),
        Route("/page", page),
        Route("/stream", stream, methods=["GET", "POST"]),
        Route("/worker.js", worker),
        Route("/flush", flush, methods=["POST"]),
        Route("/busy", busy, methods=["POST"]),
        Mount("/files", StaticFiles(directory=Path(os.environ["FILES"]))),
    ],
    middleware=[
        Middleware(Busy),
        # All browsers of a test are one client.
        Middleware(FeedbackMiddleware, prefix=PREFIX, rates=Rates(burst=1_000_000), sse=SSE),
        Middleware(OpenTelemetryMiddleware),
    ],
)
