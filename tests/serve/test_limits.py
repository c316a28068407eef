"""What is refused when there is too much of it, through the application without a network."""

import asyncio
import threading

import httpx
import pytest

from otel_ai_feedback.serve.limits import Admission, Limits, OverloadedError, QuotaExceededError
from otel_ai_feedback.serve.otlp.receiver import TRACES, Receiver
from otel_ai_feedback.serve.writer import Writer

from . import otlp

HEADERS = {"Content-Type": "application/x-protobuf"}
BODY = otlp.traces(otlp.output()).SerializeToString()


class Store:
    """An insert that waits until it may go on, and fails when it is told to."""

    def __init__(self):
        self.may_go_on = threading.Event()
        self.error = None

    def __call__(self, blocks):
        self.may_go_on.wait(10)
        if self.error:
            raise self.error


@pytest.fixture
def stored():
    return Store()


@pytest.fixture
def writer(stored):
    writer = Writer(stored, "t")
    yield writer
    stored.may_go_on.set()
    writer.close()


def _client(writer, limits, address="192.0.2.1"):
    app = Receiver(TRACES, writer, limits, Admission(limits))
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


def _statuses(writer, stored, limits, bodies):
    async def run():
        async with _client(writer, limits) as client:
            posts = [client.post("/", content=body, headers=HEADERS) for body in bodies]
            tasks = [asyncio.create_task(post) for post in posts]
            # Those that are refused are answered while the others wait for the store.
            while sum(task.done() for task in tasks) < len(bodies) - 2:
                await asyncio.sleep(0.005)
            stored.may_go_on.set()
            return await asyncio.gather(*tasks)

    return asyncio.run(run())


def test_a_client_that_takes_all_places_gets_429(writer, stored):
    answers = _statuses(writer, stored, Limits(requests_per_client=2), [BODY] * 5)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429]
    assert {a.headers.get("retry-after") for a in answers if a.status_code == 429} == {"2"}


def test_more_requests_than_places_get_503(writer, stored):
    answers = _statuses(writer, stored, Limits(requests=2), [BODY] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 503, 503]
    assert {a.headers.get("retry-after") for a in answers if a.status_code == 503} == {"2"}


def test_more_bytes_than_memory_get_503(writer, stored):
    padded = otlp.traces(otlp.output(x="x" * 1_000_000)).SerializeToString()
    answers = _statuses(writer, stored, Limits(pending_bytes=2_500_000), [padded] * 6)
    # A body's memory is given back for that of its rows: two fit.
    assert sorted(answer.status_code for answer in answers) == [200, 200, 503, 503, 503, 503]


def test_a_store_that_cannot_take_data_is_503_so_that_nothing_is_lost(writer, stored):
    stored.error = RuntimeError("Code: 243. DB::Exception: Cannot reserve 1.00 MiB\nmore")

    async def run():
        async with _client(writer, Limits()) as client:
            stored.may_go_on.set()
            return await client.post("/", content=BODY, headers=HEADERS)

    answer = asyncio.run(run())
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert b"Cannot reserve 1.00 MiB" in answer.content


def test_a_body_that_does_not_come_is_408(writer):
    async def never():
        yield b"\x0a"
        await asyncio.sleep(30)

    async def run():
        async with _client(writer, Limits(body_seconds=0.05)) as client:
            return await client.post("/", content=never(), headers=HEADERS)

    assert asyncio.run(run()).status_code == 408


def test_places_are_given_back():
    admission = Admission(Limits(requests=2, requests_per_client=1, pending_bytes=10))
    with admission.request("a"):
        with pytest.raises(QuotaExceededError), admission.request("a"):
            pass
        with admission.request("b"), pytest.raises(OverloadedError), admission.request("c"):
            pass
    with admission.request("a"), admission.memory() as take:
        take(10)
        with pytest.raises(OverloadedError):
            take(1)
        take(-4)
        take(4)
        with pytest.raises(OverloadedError):
            take(1)
    with admission.memory() as take:
        take(10)


def test_where_a_token_is_set_no_one_else_sends(writer, stored):
    stored.may_go_on.set()
    token = "a-token-0123456789"

    async def run(*headers):
        limits = Limits()
        app = Receiver(TRACES, writer, limits, Admission(limits), token)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return [await client.post("/", content=BODY, headers=HEADERS | h) for h in headers]

    wrong = ("", "Bearer", "Bearer x", f"Basic {token}", f"Bearer {token}x", "Bearer \xe9")
    right = (f"Bearer {token}", f"bearer  {token}")
    answers = asyncio.run(
        run({}, *({"Authorization": a.encode("latin-1")} for a in (*wrong, *right)))
    )
    assert [a.status_code for a in answers] == [401] * 7 + [200] * 2
    assert answers[0].headers["www-authenticate"] == "Bearer"
    assert b"OTEL_AI_FEEDBACK_OTLP_TOKEN" in answers[0].content
