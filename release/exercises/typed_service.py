"""A user's program: mypy finds the mistakes in it, and no others."""

from __future__ import annotations

import otel_ai_feedback
from otel_ai_feedback.web import script_tag
from otel_ai_feedback.web.asgi import FeedbackMiddleware

otel_ai_feedback.instrument()
with otel_ai_feedback.conversation("c1", subject="ana", channel="voice"):
    handle: str | None = otel_ai_feedback.output_handle()
recorded: bool = otel_ai_feedback.record_action(handle, "copy", 0.5, source="server")
counted: dict[str, int] = otel_ai_feedback.stats()
tag: str = script_tag(nonce="abc")

otel_ai_feedback.record_action(handle, "copy", "much")  # wrong
otel_ai_feedback.output_handle(respose_id="r1")  # wrong
with otel_ai_feedback.conversation("c1", channel="fax"):  # wrong
    pass


async def app(scope: object, receive: object, send: object) -> None:
    """An application of somebody who is not strict."""


FeedbackMiddleware(app, sse="always")  # wrong
