"""A model server that speaks OpenAI's protocol and needs no key, to try the chat page with.

It answers every question with the same text, word by word; ``PAUSE`` is the time between two words
in seconds, .03 by default.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
import uuid
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

ANSWER = (
    "Plan the move backwards from the day you hand over the keys. Eight weeks before it, ask "
    "three movers for a price and give notice to your landlord.\n\n"
    "Four weeks before it, tell the post office, the bank and the insurance your new address, and "
    "sort out what you do not want to carry. One week before it, pack what you rarely use, and "
    "mark each box with its room.\n\n"
    "On the day itself keep papers, medicine and chargers with you, and read the meters in both "
    "homes before you leave."
)


async def completions(request: Request) -> Response:
    """Answer, streamed or whole."""
    asked = await request.json()
    envelope = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "created": int(time.time()),
        "model": asked["model"],
    }
    if not asked.get("stream"):
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": ANSWER},
            "finish_reason": "stop",
        }
        return JSONResponse(envelope | {"object": "chat.completion", "choices": [choice]})

    async def events() -> AsyncIterator[str]:
        for piece in re.findall(r"\S+\s*", ANSWER):
            yield event({"index": 0, "delta": {"content": piece}, "finish_reason": None})
            await asyncio.sleep(float(os.environ.get("PAUSE", "0.03")))
        yield event({"index": 0, "delta": {}, "finish_reason": "stop"})
        yield "data: [DONE]\n\n"

    def event(choice: dict[str, object]) -> str:
        chunk = envelope | {"object": "chat.completion.chunk", "choices": [choice]}
        return f"data: {json.dumps(chunk)}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


app = Starlette(routes=[Route("/v1/chat/completions", completions, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=8001, log_level="warning")
