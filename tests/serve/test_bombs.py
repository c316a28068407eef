"""Small bodies that come to much: refused before they take memory, and no one waits for them."""

import asyncio
import gzip
import threading

import httpx
import pytest

from otel_ai_feedback.serve.body import TooLargeError
from otel_ai_feedback.serve.limits import Admission, Limits
from otel_ai_feedback.serve.otlp import logs, traces
from otel_ai_feedback.serve.otlp.receiver import TRACES, Receiver, Signal
from otel_ai_feedback.serve.otlp.rows import Rows

from . import otlp

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}
GZIP = {"Content-Encoding": "gzip"}
MIB = 1024 * 1024


def nested(field, body):
    """A message in a field of another."""
    size, length = len(body), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([field << 3 | 2]) + length + bytes([size]) + body


def spans(body):
    return nested(1, nested(2, body))


@pytest.mark.parametrize(
    ("rows", "body"),
    [
        (traces.rows, spans(b"\x12\x00" * (2 * MIB))),
        (traces.rows, b"\x0a\x00" * (3 * MIB)),
        (traces.rows, nested(1, b"\x12\x00" * (3 * MIB))),
        (traces.rows, spans(nested(2, b"\x4a\x00" * (3 * MIB)))),
        (traces.rows, spans(nested(2, b"\x5a\x00" * (3 * MIB)))),
        (traces.rows, spans(nested(2, b"\x6a\x00" * (3 * MIB)))),
        (logs.rows, spans(b"\x12\x00" * (2 * MIB))),
        (logs.rows, spans(nested(2, b"\x32\x00" * (3 * MIB)))),
    ],
    ids=["spans", "resources", "scopes", "attributes", "events", "links", "logs", "log attributes"],
)
def test_millions_of_empty_messages_are_refused(rows, body):
    with pytest.raises(TooLargeError, match="smaller batches"):
        rows(body)


@pytest.mark.parametrize("count", [10, 4_000])
def test_a_large_batch_is_taken_whole(count):
    span = otlp.output(1, **{f"key{number}": "value" * 5 for number in range(20)})
    body = otlp.traces(*[span] * count).SerializeToString()
    assert (len(body) > 2 * MIB) == (count == 4_000)
    assert traces.rows(body).accepted == count


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceSpans":[' + b"{}," * 500_000 + b"{}]}",
        b'{"resourceSpans":[], "more": "' + b"x" * (9 * MIB) + b'"}',
    ],
    ids=["objects", "bytes"],
)
def test_json_that_comes_to_much_is_refused(web, body):
    answer = web.post("/v1/traces", content=gzip.compress(body, 1), headers=JSON | GZIP)
    assert answer.status_code == 413
    assert "send smaller batches, or Protobuf" in answer.json()["message"]


def test_a_small_request_does_not_wait_for_large_ones():
    """They have turns of their own, however small they look."""
    over = threading.Event()

    def rows(body):
        if len(body) > MIB:
            over.wait(60)
        return Rows()

    async def run():
        signal = Signal(TRACES.request, rows, TRACES.response)
        app = Receiver(signal, Nothing(), Limits(), Admission(Limits()))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            bombs = [
                asyncio.create_task(client.post("/", content=body, headers=PROTOBUF | more))
                for body, more in ((gzip.compress(b"\0" * 2 * MIB), GZIP), (b"\0" * 2 * MIB, {}))
                * 3
            ]
            await asyncio.sleep(0.2)
            small = await asyncio.wait_for(client.post("/", content=b"", headers=PROTOBUF), 30)
            waiting = [bomb for bomb in bombs if not bomb.done()]
            over.set()
            return (
                small.status_code,
                len(waiting),
                {a.status_code for a in await asyncio.gather(*bombs)},
            )

    assert asyncio.run(run()) == (200, 6, {200})


class Nothing:
    """A writer to which nothing comes."""

    def coming(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None
