"""A model server that speaks OpenAI's chat completions protocol and answers by the book.

What a request is answered with is looked up by its ``X-Client-Request-Id``. Instead of sleeping
it moves the demo clock by the time the answer takes.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from otel_ai_feedback.demo.clock import DemoClock
from otel_ai_feedback.demo.corpus import Answer
from otel_ai_feedback.demo.identifiers import derived_id

REQUEST_ID_HEADER: Final = "X-Client-Request-Id"
_CHUNKS: Final = 8
_CHARACTERS_PER_TOKEN: Final = 4


def response_id(request_id: str) -> str:
    """Id of the answer to this request; the same whenever it is asked."""
    return f"chatcmpl-{derived_id(request_id)}"


class ModelServer:
    """The app and what it answers.

    Args:
        answers: By request id.
        clock: Moved on by each answer's duration.
    """

    def __init__(self, answers: Mapping[str, Answer], clock: DemoClock) -> None:
        self._answers = answers
        self._clock = clock
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._chat, methods=["POST"])])

    async def _chat(self, request: Request) -> Response:
        body = await request.json()
        request_id = request.headers.get(REQUEST_ID_HEADER, "")
        answer = self._answers.get(request_id)
        if answer is None:
            return _error(404, f"no answer for {REQUEST_ID_HEADER} {request_id!r}")
        if answer.status != 200:
            self._clock.advance(answer.duration_ns)
            return _error(answer.status, "the model is overloaded")
        if body.get("stream"):
            return StreamingResponse(
                self._stream(request_id, body, answer), media_type="text/event-stream"
            )
        self._clock.advance(answer.duration_ns)
        message = {"role": "assistant", "content": answer.text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return JSONResponse(
            self._envelope(request_id, body, "chat.completion")
            | {"choices": [choice], "usage": usage(_asked(body), answer)}
        )

    async def _stream(
        self, request_id: str, body: dict[str, Any], answer: Answer
    ) -> AsyncIterator[bytes]:
        """Server-sent events: the role, the text in pieces, the reason it ended, the usage."""
        envelope = self._envelope(request_id, body, "chat.completion.chunk")
        size = max(1, -(-len(answer.text) // _CHUNKS))
        pieces = [answer.text[i : i + size] for i in range(0, len(answer.text), size)]
        deltas = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
        passed_ns = 0
        for place, delta in enumerate(deltas, start=1):
            # Adds up to the duration exactly: when a demo is run again its times are the same.
            due_ns = answer.duration_ns * place // len(deltas)
            self._clock.advance(due_ns - passed_ns)
            passed_ns = due_ns
            choice = {"index": 0, "delta": delta, "finish_reason": None}
            yield _event(envelope | {"choices": [choice]})
        yield _event(envelope | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if (body.get("stream_options") or {}).get("include_usage"):
            yield _event(envelope | {"choices": [], "usage": usage(_asked(body), answer)})
        yield b"data: [DONE]\n\n"

    def _envelope(self, request_id: str, body: dict[str, Any], kind: str) -> dict[str, Any]:
        return {
            "id": response_id(request_id),
            "object": kind,
            "created": self._clock.time_ns() // 1_000_000_000,
            "model": body["model"],
        }


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def _asked(body: dict[str, Any]) -> str:
    return "".join(str(message.get("content") or "") for message in body["messages"])


def usage(asked: str, answer: Answer) -> dict[str, int]:
    """How many tokens a question and its answer are said to have."""
    prompt_tokens = len(asked) // _CHARACTERS_PER_TOKEN
    completion_tokens = len(answer.text) // _CHARACTERS_PER_TOKEN
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def _error(status: int, message: str) -> JSONResponse:
    error = {"message": message, "type": "server_error", "param": None, "code": None}
    return JSONResponse({"error": error}, status)
