import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse

from otel_ai_feedback.serve.hosts import KnownHosts, is_loopback


def _status(listen, host, names=()):
    app = KnownHosts(PlainTextResponse("through"), listen, names)

    async def run():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return (await client.get("/", headers={"Host": host})).status_code

    return asyncio.run(run())


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:4318", "127.0.0.1:4318", "[::1]:4318", "[::1]", "127.0.0.2:80"]
)
def test_names_of_this_machine_pass(host):
    assert _status("127.0.0.2", host) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:4318", "localhost.evil", "", "[::2]"]
)
def test_other_names_are_refused(host):
    assert _status("127.0.0.1", host) == 403


def test_a_server_on_other_addresses_does_not_know_its_names():
    assert _status("0.0.0.0", "chat.internal:4318") == 200


def test_names_that_it_was_told_are_the_only_ones_beside_this_machines():
    names = ("feedback.example.com", "fd00::1")
    for listen in ("127.0.0.1", "0.0.0.0"):
        for host in (*names[:1], "Feedback.Example.com:443", "[fd00::1]:80", "127.0.0.1:4318"):
            assert _status(listen, host, names) == 200, (listen, host)
        for host in ("evil.example", "feedback.example.com.evil", "", "10.0.0.7"):
            assert _status(listen, host, names) == 403, (listen, host)


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("", False)],
)
def test_is_loopback(address, expected):
    assert is_loopback(address) is expected


def test_a_page_of_another_name_reads_nothing(web):
    answer = web.get("/", headers={"Host": "rebound.example"})
    assert answer.status_code == 403
    assert "rebound.example" in answer.text
