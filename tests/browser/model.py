"""A model server that answers with the last user message, so that a test chooses the answers."""

import json
import re
import uuid

from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route


async def completions(request):
    asked = await request.json()
    text = asked["messages"][-1]["content"]
    envelope = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": 1, "model": asked["model"]}
    if not asked.get("stream"):
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return JSONResponse(envelope | {"object": "chat.completion", "choices": [choice]})

    async def events():
        for piece in re.findall(r"\s*\S+\s*", text):
            yield event({"index": 0, "delta": {"content": piece}, "finish_reason": None})
        yield event({"index": 0, "delta": {}, "finish_reason": "stop"})
        yield "data: [DONE]\n\n"

    def event(choice):
        chunk = envelope | {"object": "chat.completion.chunk", "choices": [choice]}
        return f"data: {json.dumps(chunk)}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


app = Starlette(routes=[Route("/v1/chat/completions", completions, methods=["POST"])])
