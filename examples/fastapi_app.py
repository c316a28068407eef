"""A chat that streams its answers, on FastAPI.

Run it with ``OPENAI_API_KEY`` set: ``uvicorn --app-dir examples fastapi_app:app``.
"""

from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from openai import AsyncOpenAI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor

import otel_ai_feedback
from otel_ai_feedback.web import script_tag
from otel_ai_feedback.web.asgi import FeedbackMiddleware

otel_ai_feedback.instrument()
OpenAIInstrumentor().instrument()

app = FastAPI()
app.add_middleware(FeedbackMiddleware)
FastAPIInstrumentor.instrument_app(app)

PAGE = Path(__file__).with_name("templates").joinpath("chat.html").read_text()


@app.get("/")
def page() -> HTMLResponse:
    """The page, with the script."""
    return HTMLResponse(PAGE.replace("{{ ai_feedback_script }}", script_tag()))


@app.post("/chat")
async def chat(request: Request) -> StreamingResponse:
    """Answer a question."""
    return StreamingResponse(answer((await request.body()).decode()), media_type="text/plain")


async def answer(question: str) -> AsyncIterator[str]:
    """The parts of an answer, as the model makes them."""
    stream = await AsyncOpenAI().chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": question}], stream=True
    )
    async with stream:
        async for chunk in stream:
            if chunk.choices:
                yield chunk.choices[0].delta.content or ""
