"""CPU time of the middleware beside a bare application and a bare span; prints one JSON line.

The ASGI middleware is called in turns with the application alone, in this process and without a
server. ``plain`` is a request that calls no model, ``answer`` one whose response carries a handle,
``beacon`` what the event loop does for a beacon of one action; recording it is the worker's.
Times are CPU microseconds of one request, beyond the application's own; ratios are to a bare span.

    python bench/middleware.py
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import time
from collections.abc import Callable, Coroutine, MutableMapping
from typing import Any

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.trace import TracerProvider

import otel_ai_feedback
from otel_ai_feedback.web import Rates
from otel_ai_feedback.web.asgi import FeedbackMiddleware

ANSWER = json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": "Paris. " * 40}]}])
PROVIDER = TracerProvider()
TRACER = PROVIDER.get_tracer("bench")
Message = dict[str, Any]


async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """A request with its span and, for /answer, an LLM span."""
    with TRACER.start_as_current_span("POST"):
        if scope["path"] == "/answer":
            attributes = {"gen_ai.operation.name": "chat", "gen_ai.output.messages": ANSWER}
            TRACER.start_span("chat", attributes=attributes).end()
        await receive()
        headers = [(b"content-type", b"text/html"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


def scope(path: str, method: str = "POST") -> Message:
    """A request as servers give it, with the headers of a browser."""
    headers = [
        (b"host", b"app.example"),
        (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        (b"accept", b"*/*"),
        (b"origin", b"https://app.example"),
        (b"content-type", b"text/plain;charset=UTF-8"),
        (b"cookie", b"session=0123456789abcdef"),
    ]
    client = ("192.0.2.1", 5000)
    return {"type": "http", "method": method, "path": path, "headers": headers, "client": client}


def asking(app: Any, path: str, body: bytes = b"") -> Callable[[], Coroutine[Any, Any, None]]:
    """One request to an application."""

    async def ask() -> None:
        asked: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return asked.pop() if asked else await asyncio.Future()

        await app(scope(path), receive, send)

    async def send(message: Message) -> None:
        return None

    return ask


async def cost(ask: Callable[[], Coroutine[Any, Any, None]], times: int) -> float:
    """CPU microseconds of one."""
    began = time.thread_time()
    for _ in range(times):
        await ask()
    return (time.thread_time() - began) / times * 1e6


async def measure(times: int, rounds: int) -> dict[str, float]:
    """Median of each over the rounds."""
    middleware = FeedbackMiddleware(app, rates=Rates(burst=10**9))
    handle = "x" * 68
    entry = {"action_id": "a", "handle": handle, "action": "copy", "value": 0.5, "time": 0}
    beacon = json.dumps({"sent": 0, "actions": [entry]}).encode()
    asked = {
        "plain_bare": asking(app, "/plain"),
        "plain": asking(middleware, "/plain"),
        "answer_bare": asking(app, "/answer"),
        "answer": asking(middleware, "/answer"),
        "beacon": asking(middleware, "/_ai_feedback/actions", beacon),
    }

    async def span() -> None:
        BARE.start_span("bare").end()

    asked["span"] = span
    found: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, ask in asked.items():
            found[name].append(await cost(ask, times))
        PROVIDER.force_flush()
    return {name: statistics.median(values) for name, values in found.items()}


BARE = TracerProvider().get_tracer("bare")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a second, to see that it runs")
    smoke = parser.parse_args().smoke
    otel_ai_feedback.instrument(PROVIDER, LoggerProvider())
    found = asyncio.run(measure(50 if smoke else 1000, 2 if smoke else 15))
    plain, answer = found["plain"] - found["plain_bare"], found["answer"] - found["answer_bare"]
    span = found["span"]
    print(
        json.dumps(
            {
                "bench": "middleware",
                "python": platform.python_version(),
                "span_us": round(span, 1),
                "plain_us": round(plain, 1),
                "answer_us": round(answer, 1),
                "beacon_us": round(found["beacon"], 1),
                "plain_spans": round(plain / span, 2),
                "answer_spans": round(answer / span, 2),
                "beacon_spans": round(found["beacon"] / span, 2),
            }
        )
    )
    otel_ai_feedback.uninstrument()


if __name__ == "__main__":
    main()
