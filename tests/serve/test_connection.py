"""What a connection may cost: real sockets against a real server with small bounds."""

import contextlib
import socket
import threading
import time
from collections import Counter
from functools import partial

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from otel_ai_feedback.serve.connection import BoundedProtocol
from otel_ai_feedback.serve.headers import SafeHeaders
from otel_ai_feedback.serve.limits import Limits

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n%b\r\n"


async def _echo(scope, receive, send):
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{len(body)}")(scope, receive, send)


@contextlib.contextmanager
def _serving(**limits):
    """Port of a server with these bounds, and its connections by address."""
    held = Counter()
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        SafeHeaders(_echo),
        http=partial(BoundedProtocol, limits=Limits(**limits), held=held),
        ws="none",
        lifespan="off",
        log_config=None,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1], held
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _ask(port, *parts, pause=0.0):
    """All that is answered until the server closes, or has answered once."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        with contextlib.suppress(ConnectionError):
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
        return _read(connection)


def _read(connection):
    answer = b""
    with contextlib.suppress(ConnectionError):
        while chunk := connection.recv(65536):
            answer += chunk
            head, end, body = answer.partition(b"\r\n\r\n")
            if end and b"content-length: %d\r\n" % len(body) in head.lower() + b"\r\n":
                break
    return answer


def test_what_is_within_bounds_is_answered():
    with _serving(head_seconds=5, head_bytes=1000, header_lines=20) as (port, _):
        lines = b"".join(b"X-%d: y\r\n" % n for n in range(19))
        assert _ask(port, REQUEST % lines).startswith(b"HTTP/1.1 200")
        body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
        assert _ask(port, body).endswith(b"\r\n\r\n300000")
        chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunks = [b"%x\r\n%b\r\n" % (5000, b"x" * 5000)] * 50
        assert _ask(port, chunked, *chunks, b"0\r\n\r\n").endswith(b"\r\n\r\n250000")


def test_a_connection_serves_several_requests_one_after_the_other_and_at_once():
    with _serving() as (port, held):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            for _ in range(3):
                connection.sendall(REQUEST % b"")
                assert _read(connection).startswith(b"HTTP/1.1 200")
            assert held == {"127.0.0.1": 1}
            connection.sendall((REQUEST % b"") * 2)
            answers = b""
            while answers.count(b"HTTP/1.1 200") < 2:
                answers += connection.recv(65536)
        _until(lambda: not held)


@pytest.mark.parametrize(
    "parts",
    [
        (b"",),
        (b"GET / HT",),
        (b"GET / HTTP/1.1\r\nHost: x\r\n",),
        (b"\r\n" * 10,),
    ],
)
def test_a_head_that_does_not_come_ends_the_connection(parts):
    with _serving(head_seconds=0.2) as (port, _):
        assert _ask(port, *parts).startswith(b"HTTP/1.1 408")


def test_a_head_in_drops_ends_as_well():
    with _serving(head_seconds=0.3) as (port, _):
        answer = _ask(port, *[b"%c" % byte for byte in REQUEST % b""], pause=0.05)
        assert answer.startswith(b"HTTP/1.1 408")


def test_a_body_that_does_not_come_ends_the_connection():
    with _serving(request_seconds=0.2) as (port, _):
        answer = _ask(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
        # It was being read, so there is nothing to answer any more.
        assert not answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "endless",
    [
        b"X: " + b"y" * 2_000_000,
        b"".join(b"X-%d: y\r\n" % n for n in range(1000)),
        b"X" * 2_000_000,
    ],
)
def test_an_endless_head_is_refused(endless):
    with _serving(head_bytes=10_000, header_lines=100) as (port, _):
        assert _ask(port, b"GET / HTTP/1.1\r\nHost: x\r\n", endless).startswith(b"HTTP/1.1 431")


def test_an_endless_address_is_refused():
    with _serving(head_bytes=10_000) as (port, _):
        answer = _ask(port, b"GET /", b"y" * 2_000_000)
        assert answer[:12] in (b"HTTP/1.1 431", b"HTTP/1.1 400")


def test_a_body_that_is_all_framing_is_refused():
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with _serving(head_bytes=10_000) as (port, _):
        for part in (b"1\r\nx\r\n" * 100_000, b"1;" + b"e" * 1_000_000, b"0\r\nX: " + b"t" * 10**6):
            assert b"HTTP/1.1 200" not in _ask(port, head, part)


def test_connections_beyond_those_of_one_address_and_of_all_are_refused():
    for bounds in ({"connections_per_client": 2}, {"connections": 2}):
        with _serving(**bounds) as (port, held), contextlib.ExitStack() as stack:
            for _ in range(2):
                connection = socket.create_connection(("127.0.0.1", port), timeout=20)
                stack.enter_context(connection)
            _until(lambda held=held: held["127.0.0.1"] == 2)
            assert _ask(port, REQUEST % b"").startswith(b"HTTP/1.1 503")
            stack.close()
            _until(lambda held=held: not held["127.0.0.1"])
            assert _ask(port, REQUEST % b"").startswith(b"HTTP/1.1 200")


def test_every_answer_of_the_server_has_safe_headers(web):
    for path in ("/", "/healthz", "/nothing", "/style.css", "/_ai_feedback/feedback.js",
                 "/_ai_feedback/x", "/?query=select+1", "/ping", "/review", "/sign-in",
                 "/triage/triage.js", "/v1/traces", "/outputs/<script>"):  # fmt: skip
        headers = web.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin", path
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path


def _until(true):
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
