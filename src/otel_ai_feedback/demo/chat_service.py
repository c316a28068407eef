"""A small chat service, as a team would write it: an LLM call, and feedback from the page.

What makes it a service whose quality can be watched are ``conversation``, the two handles and
``record_action``; the rest is any chat service.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import openai
from openai import AsyncOpenAI
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Tracer, TracerProvider
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

import otel_ai_feedback
from otel_ai_feedback.demo.model_server import REQUEST_ID_HEADER

HANDLE_HEADER: Final = "X-AI-Feedback-Handle"


class ChatService:
    """``POST /chat`` answers, ``POST /feedback`` takes what people did with the answer.

    Args:
        model: Client of the model server, closed with the app.
        tracer_provider: Where its own spans go.
    """

    def __init__(self, model: AsyncOpenAI, tracer_provider: TracerProvider) -> None:
        self._model = model
        self._tracer: Tracer = tracer_provider.get_tracer(__name__)
        self._messages: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        self.app = Starlette(
            routes=[
                Route("/chat", self._chat, methods=["POST"]),
                Route("/feedback", self._feedback, methods=["POST"]),
            ],
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with self._model:
            yield

    async def _chat(self, request: Request) -> Response:
        body = await request.json()
        span = self._tracer.start_span(
            "POST /chat",
            kind=SpanKind.SERVER,
            attributes={"http.request.method": "POST", "http.route": "/chat"},
        )
        self._messages[body["conversation_id"]].append({"role": "user", "content": body["message"]})
        if body["stream"]:
            # The headers leave before the model is called, so the handle names the request.
            handle = otel_ai_feedback.request_handle(span)
            headers = {HANDLE_HEADER: handle} if handle else {}
            return StreamingResponse(self._stream(span, body), 200, headers, "text/plain")
        return await self._answer(span, body)

    async def _answer(self, span: trace.Span, body: dict[str, Any]) -> Response:
        with trace.use_span(span, end_on_exit=True), self._conversation(body):
            try:
                completion = await self._model.chat.completions.create(**self._call(body))
            except openai.APIStatusError as error:
                span.set_attribute("http.response.status_code", 502)
                return JSONResponse({"error": error.message}, 502)
            text = completion.choices[0].message.content or ""
            self._remember(body, text)
            span.set_attribute("http.response.status_code", 200)
            return JSONResponse(
                {"text": text}, headers={HANDLE_HEADER: otel_ai_feedback.output_handle() or ""}
            )

    async def _stream(self, span: trace.Span, body: dict[str, Any]) -> AsyncIterator[str]:
        with trace.use_span(span, end_on_exit=True), self._conversation(body):
            text = ""
            try:
                chunks = await self._model.chat.completions.create(**self._call(body), stream=True)
                async for chunk in chunks:
                    for choice in chunk.choices:
                        if choice.delta.content:
                            text += choice.delta.content
                            yield choice.delta.content
            except openai.APIStatusError:
                span.set_attribute("error.type", "model_unavailable")
                return
            self._remember(body, text)

    async def _feedback(self, request: Request) -> Response:
        body = await request.json()
        recorded = otel_ai_feedback.record_action(
            body["handle"],
            body["action"],
            body["value"],
            action_id=body["id"],
            source="browser",
        )
        return Response(status_code=204 if recorded else 422)

    def _conversation(self, body: dict[str, Any]) -> Any:
        return otel_ai_feedback.conversation(
            body["conversation_id"], subject=body["person"], feature=body["feature"]
        )

    def _call(self, body: dict[str, Any]) -> dict[str, Any]:
        return {
            "model": body["model"],
            "messages": list(self._messages[body["conversation_id"]]),
            "extra_headers": {REQUEST_ID_HEADER: body["request_id"]},
        }

    def _remember(self, body: dict[str, Any], text: str) -> None:
        self._messages[body["conversation_id"]].append({"role": "assistant", "content": text})
