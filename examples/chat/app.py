"""A chat page with streamed answers, whose users' actions come back as spans.

    otel-ai-feedback serve &
    python examples/chat/model.py &          # or leave it out, and set OPENAI_API_KEY
    OPENAI_BASE_URL=http://127.0.0.1:8001/v1 OPENAI_API_KEY=none \\
    OTEL_SERVICE_NAME=chat OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 \\
    OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf uvicorn --app-dir examples/chat app:app

Feedback takes three things here: instrument(), the middleware, and the script tag in the page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from openai import AsyncOpenAI
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

import otel_ai_feedback
from otel_ai_feedback.web.asgi import FeedbackMiddleware

otel_ai_feedback.instrument()
OpenAIInstrumentor().instrument()


async def chat(request: Request) -> Response:
    """Stream the answer to the conversation so far, as plain text."""
    asked = await request.json()
    stream = await AsyncOpenAI().chat.completions.create(
        model="gpt-4o-mini", messages=asked["messages"], stream=True
    )

    async def pieces() -> AsyncIterator[str]:
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content

    return StreamingResponse(pieces(), media_type="text/plain")


app = Starlette(
    routes=[
        Route("/chat", chat, methods=["POST"]),
        Mount("/", StaticFiles(directory=Path(__file__).with_name("static"), html=True)),
    ],
    middleware=[Middleware(FeedbackMiddleware), Middleware(OpenTelemetryMiddleware)],
)
