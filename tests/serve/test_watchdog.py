"""What serve records of its own parts, and the ping that must stop when one of them does."""

import dataclasses
import logging
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from otel_ai_feedback import serve
from otel_ai_feedback.serve.heartbeat import Counted, Heartbeats
from otel_ai_feedback.serve.periodic import Periodic
from otel_ai_feedback.serve.watchdog import PingError, Watchdog

from . import otlp


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Switch:
    """A watchdog, on a real port; ``answer`` says what it does with a request."""

    def __init__(self):
        self.requests = []
        self.heard = threading.Semaphore(0)
        self.answer = lambda request: request.send_response(200)
        switch = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                switch.requests.append((self.path, self.headers["User-Agent"]))
                switch.answer(self)
                self.end_headers()
                switch.heard.release()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/ping/secret-uuid"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def switch():
    switch = Switch()
    yield switch
    switch.close()


def alive(clock, *parts):
    heartbeats = Heartbeats(clock)
    for part in parts:
        heartbeats.accepted(part)
    return heartbeats


# The ping ---------------------------------------------------------------------------------------


def test_a_ping_goes_out_while_every_part_runs(switch):
    clock = Clock()
    heartbeats = alive(clock, "jobs", "draw")
    watchdog = Watchdog(switch.url, heartbeats, {"jobs": 600, "draw": 10_000})
    watchdog()
    clock.now = 600
    watchdog()
    assert [path for path, _ in switch.requests] == ["/ping/secret-uuid"] * 2
    assert switch.requests[0][1].startswith("otel-ai-feedback/")


def test_no_ping_when_a_part_has_stopped_or_never_ran(switch):
    clock = Clock()
    heartbeats = alive(clock, "jobs")
    watchdog = Watchdog(switch.url, heartbeats, {"jobs": 600, "draw": 10_000})
    with pytest.raises(PingError, match="draw has not run yet"):
        watchdog()
    heartbeats.accepted("draw")
    clock.now = 601
    with pytest.raises(PingError, match="jobs last ran 10\u202fmin ago"):
        watchdog()
    heartbeats.refused("jobs", "DatabaseError")
    with pytest.raises(PingError, match="jobs last ran"):
        watchdog()
    assert switch.requests == []
    heartbeats.accepted("jobs")
    watchdog()
    assert len(switch.requests) == 1


@pytest.mark.parametrize("status", [404, 500, 301])
def test_a_switch_that_refuses_is_an_error_without_its_secret(switch, status):
    switch.answer = lambda request: request.send_response(status)
    with pytest.raises(PingError, match=f"127.0.0.1 answered with {status}") as raised:
        Watchdog(switch.url, alive(Clock()), {})()
    assert "secret-uuid" not in str(raised.value)


def test_nobody_listens(switch):
    switch.close()
    with pytest.raises(PingError, match=r"127\.0\.0\.1 cannot be reached: ConnectError") as raised:
        Watchdog(switch.url, alive(Clock()), {})()
    assert "secret-uuid" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("dripping", [False, True])
def test_a_switch_that_does_not_answer_is_given_up(switch, dripping):
    given_up = threading.Event()

    def answer(request):
        request.send_response(200)
        if dripping:
            # Each byte comes in time, the whole never.
            request.flush_headers()
            while not given_up.wait(0.05):
                request.wfile.write(b"X-Drip: 1\r\n")
        else:
            given_up.wait()

    switch.answer = answer
    try:
        with pytest.raises(PingError, match="did not answer within 300\u202fms"):
            Watchdog(switch.url, alive(Clock()), {}, timeout=0.3)()
    finally:
        given_up.set()


def test_a_ping_that_fails_is_logged_and_tried_again(switch, caplog):
    switch.answer = lambda request: request.send_response(500)
    heartbeats = alive(Clock())
    watchdog = heartbeats.of("watchdog", Watchdog(switch.url, heartbeats, {}))
    with caplog.at_level(logging.ERROR), Periodic(watchdog, 0.01, "watchdog"):
        assert switch.heard.acquire(timeout=60)
        assert switch.heard.acquire(timeout=60)
    assert "watchdog failed" in caplog.text
    assert "answered with 500" in caplog.text


# What is counted --------------------------------------------------------------------------------


def test_turns_are_counted_and_written_once(clean):
    heartbeats = Heartbeats()
    heartbeats.of("jobs", lambda: None)()

    def broken():
        raise KeyError("no")

    for _ in range(2):
        with pytest.raises(KeyError):
            heartbeats.of("draw", broken)()
    heartbeats.refused("receiver", "503")
    heartbeats.accepted("receiver")
    heartbeats.write(clean)
    heartbeats.write(clean)
    rows = clean.query(
        "select part, accepted, refused, refusals from heartbeats order by part"
    ).result_rows
    assert rows == [
        ("draw", 0, 2, {"KeyError": 2}),
        ("jobs", 1, 0, {}),
        ("receiver", 1, 1, {"503": 1}),
    ]


def test_what_cannot_be_written_is_written_later(clean):
    heartbeats = Heartbeats()
    heartbeats.accepted("jobs")
    heartbeats.refused("jobs", "OSError")
    clean.command("rename table heartbeats to heartbeats_away")
    try:
        with pytest.raises(Exception, match="heartbeats"):
            heartbeats.write(clean)
    finally:
        clean.command("rename table heartbeats_away to heartbeats")
    heartbeats.accepted("jobs")
    heartbeats.write(clean)
    assert clean.query("select accepted, refused, refusals from heartbeats").result_rows == [
        (2, 1, {"OSError": 1})
    ]


def test_only_what_exporters_send_is_counted():
    heartbeats = Heartbeats()
    written = Counter()
    heartbeats.accepted = lambda part: written.update(["accepted"])
    heartbeats.refused = lambda part, why: written.update([why])

    async def answer(scope, receive, send):
        await send({"type": "http.response.start", "status": scope["status"], "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask():
        async def send(_):
            pass

        counted = Counted(answer, heartbeats, "receiver")
        for method, status in [("POST", 200), ("POST", 503), ("POST", 400), ("GET", 405)]:
            scope = {"type": "http", "method": method, "status": status}
            await counted(scope, None, send)

    import anyio

    anyio.run(ask)
    assert written == {"accepted": 1, "503": 1, "400": 1}


# The whole of it, in a server of its own ---------------------------------------------------------


@pytest.mark.slow
def test_serve_pings_while_it_works_and_writes_down_what_it_did(clean, settings, switch):
    watched = dataclasses.replace(settings, watchdog_url=switch.url)
    with serve.running(watched, port=0, ping_every=0.05) as server:
        # Not before the jobs and the sample have run once.
        assert switch.heard.acquire(timeout=120)
        content = otlp.traces(otlp.output(start=time.time_ns())).SerializeToString()
        headers = {"Content-Type": "application/x-protobuf"}
        for body, status in ((content, 200), (b"\xff\xff", 400)):
            answer = httpx.post(server.url + "/v1/traces", content=body, headers=headers)
            assert answer.status_code == status
    rows = clean.query(
        "select part, sum(accepted) > 0, sumMap(refusals) from heartbeats "
        "where part != 'watchdog' group by part order by part"
    ).result_rows
    assert rows == [("draw", 1, {}), ("jobs", 1, {}), ("receiver", 1, {"400": 1})]
    assert clean.query(
        "select sum(accepted) > 0 from heartbeats where part = 'watchdog'"
    ).result_rows == [(1,)]


def test_without_an_address_nothing_is_pinged(clean, settings):
    with serve.running(settings, port=0):
        pass
    assert "watchdog" not in {
        part for (part,) in clean.query("select part from heartbeats").result_rows
    }
