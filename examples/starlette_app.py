"""A chat that streams its answers as server-sent events, on Starlette.

Run it with ``OPENAI_API_KEY`` set: ``uvicorn --app-dir examples starlette_app:app``.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path

from openai import AsyncOpenAI
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.templating import Jinja2Templates

import otel_ai_feedback
from otel_ai_feedback.web import script_tag
from otel_ai_feedback.web.asgi import FeedbackMiddleware

otel_ai_feedback.instrument()
OpenAIInstrumentor().instrument()

templates = Jinja2Templates(Path(__file__).with_name("templates"))
templates.env.globals["ai_feedback_script"] = script_tag()


def page(request: Request) -> Response:
    """The page, with the script."""
    return templates.TemplateResponse(request, "chat.html")


async def chat(request: Request) -> StreamingResponse:
    """Answer a question."""
    return StreamingResponse(
        answer((await request.body()).decode()), media_type="text/event-stream"
    )


async def answer(question: str) -> AsyncIterator[str]:
    """The parts of an answer, as the model makes them."""
    stream = await AsyncOpenAI().chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": question}], stream=True
    )
    async with stream:
        async for chunk in stream:
            if chunk.choices:
                yield f"data: {json.dumps(chunk.choices[0].delta.content or '')}\n\n"


app = Starlette(
    routes=[Route("/", page), Route("/chat", chat, methods=["POST"])],
    middleware=[Middleware(FeedbackMiddleware), Middleware(OpenTelemetryMiddleware)],
)
