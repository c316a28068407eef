"""What failed in a thread is freed when it has been answered, without a garbage collection."""

import asyncio
import contextlib
import gc
import logging
import threading
import time
import weakref

import httpx
import pytest

from otel_ai_feedback.serve.in_thread import in_thread
from otel_ai_feedback.serve.limits import Admission, Limits
from otel_ai_feedback.serve.otlp.receiver import TRACES, Receiver
from otel_ai_feedback.serve.writer import Writer

from . import otlp


class Big:
    """Stands for a body."""


def gone(seen):
    """Whether all is free; the thread lets go a moment after its answer is there."""
    until = time.monotonic() + 10
    while any(ref() is not None for ref in seen) and time.monotonic() < until:
        time.sleep(0.01)
    return seen and all(ref() is None for ref in seen)


@pytest.fixture
def no_collection():
    gc.collect()
    gc.disable()
    # A captured log holds the exceptions that were logged.
    logging.disable()
    yield
    logging.disable(logging.NOTSET)
    gc.enable()


def test_what_it_worked_on_is_free(no_collection):
    seen = []

    def work():
        big = Big()
        seen.append(weakref.ref(big))
        raise ValueError("why")

    async def run():
        with contextlib.suppress(ValueError):
            await in_thread(work)

    asyncio.run(run())
    assert gone(seen)


def test_it_still_says_where_it_failed():
    def work():
        raise ValueError("why")

    async def run():
        with pytest.raises(ValueError, match="why") as raised:
            await in_thread(work)
        return [str(entry.name) for entry in raised.traceback]

    assert "work" in asyncio.run(run())


def test_no_memory_for_a_thread(monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    async def run():
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", start)
            with pytest.raises(MemoryError, match="thread"):
                await in_thread(lambda: None)

    asyncio.run(run())


def test_rows_that_were_not_stored_are_free(no_collection):
    class Blocks(list):
        """As a list, and can be referred to."""

    seen = []

    def insert(blocks):
        kept = Blocks(blocks)
        seen.append(weakref.ref(kept))
        raise RuntimeError("Code: 243. DB::Exception: no space")

    writer = Writer(insert, "t")
    app = Receiver(TRACES, writer, Limits(), Admission(Limits()))
    body = otlp.traces(otlp.output()).SerializeToString()
    headers = {"Content-Type": "application/x-protobuf"}

    async def run():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as web:
            return await web.post("/", content=body, headers=headers)

    assert asyncio.run(run()).status_code == 503
    writer.close()
    assert gone(seen)
