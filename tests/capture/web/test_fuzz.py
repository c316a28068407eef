"""What strangers send: no crash, no forged or expired handle accepted, no memory kept.

``OTEL_AI_FEEDBACK_TEST_BEACONS=1000000 pytest -m long tests/capture/web`` sends a million.
"""

import json
import os
import random
import time

import pytest
from opentelemetry.sdk.trace import TracerProvider

from otel_ai_feedback.attributes import ACTION_NAMES
from otel_ai_feedback.capture.actions import record
from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.linking.handles import LIFETIME_SECONDS, Handle, mint
from otel_ai_feedback.capture.web.endpoint import Endpoint, HttpRequest
from otel_ai_feedback.capture.web.rates import Rates
from otel_ai_feedback.config import load

from ..telemetry import KEY, NOW, Clock

BEACONS = int(os.environ.get("OTEL_AI_FEEDBACK_TEST_BEACONS", "250000"))
STATUSES = {200, 204, 304, 400, 403, 404, 405, 413, 415, 429, 503}
ODD = [
    None, True, False, 0, -1, 1, 0.5, 1e308, -1e308, 10**400, "", "x", "\ud800", "é" * 200, [], {},
    [[]], {"a": 1}, 30, 900, 31, "copy", NOW * 1000, (NOW + 1e9) * 1000,
]  # fmt: skip
RAW = [
    b"",
    b"{",
    b"[" * 60_000,
    b'{"sent":1e999,"actions":[]}',
    b"\xff\xfe",
    b'{"sent":' + b"9" * 9000,
]
METHODS = ["POST"] * 12 + ["GET", "OPTIONS", "PUT", ""]
PATHS = ["/actions"] * 12 + ["/feedback.js", "/", "/actions/", "/../x"]
HEADERS = {
    "content-type": ["text/plain", "application/json; charset=utf-8", "", "text/html", "\xff"],
    "origin": ["null", "https://app.example", "https://[", "x", "http://host"],
    "host": ["app.example", "host", ""],
    "content-length": ["0", "-1", "9" * 5000, "x", "70000", "²"],
    "content-encoding": ["gzip", "identity"],
    "x-forwarded-for": ["", ",", "1.2.3.4, ::1", "a" * 9000, "::ffff:1.2.3.4%1", "[", ":"],
    "sec-fetch-site": ["same-origin", "cross-site"],
    "if-none-match": ["*", '"x"'],
}  # fmt: skip


class Stranger:
    """Sends anything, from a seed."""

    def __init__(self, seed, valid, invalid):
        self.random = random.Random(seed)
        self.valid, self.invalid = valid, invalid

    def request(self):
        pick, chance = self.random.choice, self.random.random
        headers = {name: pick(values) for name, values in HEADERS.items() if chance() < 0.1}
        if chance() < 0.9:
            headers["content-type"] = "text/plain"
        peer = f"10.0.{self.random.randrange(256)}.{self.random.randrange(256)}"
        return HttpRequest(pick(METHODS), pick(PATHS), "", headers, peer)

    def body(self):
        kind = self.random.random()
        if kind < 0.1:
            return self.random.randbytes(self.random.randrange(200))
        if kind < 0.12:
            return self.random.choice(RAW)
        body = json.dumps(self.content()).encode()
        if kind < 0.4:
            body = bytearray(body)
            for _ in range(self.random.randrange(1, 4)):
                body[self.random.randrange(len(body))] = self.random.randrange(256)
        return bytes(body)

    def content(self):
        sent = NOW * 1000 + self.random.randrange(-(10**9), 10**9)
        return self.odd({"sent": sent, "actions": [self.entry(sent) for _ in range(2)]})

    def entry(self, sent):
        handle = self.random.choice(self.valid + self.invalid)
        if self.random.random() < 0.3:
            place = self.random.randrange(68)
            handle = handle[:place] + self.random.choice("AZaz09-_=. é") + handle[place + 1 :]
        found = {
            "action_id": f"{self.random.randrange(10**9)}",
            "handle": handle,
            "action": self.random.choice(ACTION_NAMES),
            "value": self.random.choice([None, 0, 0.5, 1]),
            "time": sent - self.random.randrange(10**8),
        }
        if self.random.random() < 0.3:
            found |= {"kept_share": 0.5, "checkpoint": 30, "method": "button"}
        return self.odd(found)

    def odd(self, found):
        while self.random.random() < 0.1:
            name = self.random.choice([*found, "kept_share", "checkpoint", "method", "other"])
            found[name] = self.random.choice(ODD)
        return found


def handle(number, time=NOW, key=None, kind="output"):
    return mint(Handle(kind, number + 1, number + 1, time, True), key)


def attack(times, seed, tmp_path):
    """Send that many beacons; how many actions were recorded, and how memory grew."""
    names = {"OTEL_AI_FEEDBACK_KEY": KEY, "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path)}
    capture = Capture(load(environ=names, directory=tmp_path), Clock(), None, Guard())
    provider = TracerProvider(shutdown_on_exit=False)
    key, own = capture.handle_key, list(range(20))
    valid = [handle(n, key=key, kind=("output", "request")[n % 2]) for n in own]
    invalid = [handle(n, NOW - LIFETIME_SECONDS - 1, key) for n in own[:10]]
    invalid += [handle(n, NOW + 400, key) for n in own[:10]]
    invalid += [handle(n, key=os.urandom(32)) for n in own[:10]]
    recorded = 0

    def take(beacon):
        nonlocal recorded
        for given, action in beacon.reported:
            assert NOW - LIFETIME_SECONDS <= action.time_ns / 1e9 <= NOW
            if record(capture, provider, action, given, None, None, None):
                assert given in valid
                recorded += 1
        return True

    rates = Rates(burst=10**6, per_second=10**6, max_clients=1000)
    endpoint = Endpoint(
        take,
        capture.opt_out.of_request,
        capture.clock,
        allowed_origins=["https://app.example"],
        trusted_proxies=2,
        rates=rates,
        action_rates=Rates(burst=10**9, per_second=10**6, max_clients=1000),
    )
    stranger = Stranger(seed, valid, invalid)
    statuses, resident = set(), 0
    for number in range(times):
        request = stranger.request()
        answer = endpoint.before_body(request) or endpoint.take(request, stranger.body())
        statuses.add(answer.status)
        if number == times // 10:
            resident = _resident()
    assert statuses <= STATUSES
    assert statuses >= {204, 400, 403, 404, 405, 413, 415}
    assert len(rates) <= 1000
    assert len(capture.outputs) == 0
    return recorded, _resident() - resident


def _resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_twenty_thousand_beacons(tmp_path):
    recorded, _ = attack(20_000, 1, tmp_path)
    assert recorded > 1000


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_flood_of_beacons(tmp_path):
    began = time.monotonic()
    recorded, grown = attack(BEACONS, 2, tmp_path)
    print(json.dumps({"recorded": recorded, "grown": grown, "s": time.monotonic() - began}))
    assert recorded > 1000  # more of the same on the same answers are repeats
    assert grown < 32 * BEACONS  # bytes each
