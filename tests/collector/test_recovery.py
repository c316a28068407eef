"""What was acknowledged is there, once, whatever is killed and for how long the store is away.

``KILLS=100 pytest -m collector tests/collector/test_recovery.py`` kills a hundred times; ``SEED``
chooses when and what.
"""

import os
import random
import threading
import time

import httpx
import pytest

from serve import otlp

from .processes import PROTOBUF, Collector, Serve, eventually

pytestmark = [pytest.mark.collector, pytest.mark.timeout(900)]

KILLS = int(os.environ.get("KILLS", "12"))
SEED = int(os.environ.get("SEED", "1"))
ACTIONS = 2
PAUSE = 0.03


class Sender(threading.Thread):
    """Sends outputs with their actions, each until it is accepted, as an OTLP exporter does."""

    def __init__(self, url, numbers):
        super().__init__(daemon=True)
        self._url = url
        self._numbers = numbers
        self._enough = threading.Event()
        self.accepted = []
        self.refused = 0

    def run(self):
        with httpx.Client(base_url=self._url, timeout=20) as client:
            for number in self._numbers:
                if self._enough.is_set():
                    return
                if self._deliver(client, _batch(number)):
                    self.accepted.append(number)
                time.sleep(PAUSE)

    def _deliver(self, client, content):
        # The last one is delivered too, or it would be unknown whether it is there.
        while True:
            try:
                if client.post("/v1/traces", content=content, headers=PROTOBUF).is_success:
                    return True
            except httpx.HTTPError:
                pass
            self.refused += 1
            time.sleep(0.1)

    def finish(self):
        self._enough.set()
        self.join(120)
        assert not self.is_alive()


def _batch(number):
    target = otlp.output(number * 10, start=1_795_464_000_000_000_000)
    actions = [otlp.action(number * 10 + n, target, "copy", amount=1.0) for n in range(ACTIONS)]
    return otlp.traces(target, *actions).SerializeToString()


@pytest.fixture
def pipeline(binary, users, to_serve, tmp_path):
    """A ``serve`` and a Collector in front of it, with nothing in either."""
    store = Serve(tmp_path, users).start()
    collector = Collector(binary, "single-host", tmp_path / "collector", **to_serve(store)).start()
    yield store, collector
    collector.stop()
    store.stop()


def _check(store, senders):
    """Wait until all that was accepted is there, and see that it is there once."""
    accepted = sorted(number for sender in senders for number in sender.accepted)
    assert accepted
    arrived = "select uniqExact(SpanId) from otel_traces"
    expected = [(len(accepted) * (1 + ACTIONS),)]
    eventually(lambda: store.ask(arrived) == expected, f"{expected[0][0]} spans", seconds=120)
    ids = [(f"{number * 10:032x}-{number * 10:016x}",) for number in accepted]
    listing = "select output_id from outputs order by output_id"
    eventually(lambda: store.ask(listing) == ids, "the outputs", seconds=120)
    acted = "select count() from actions"
    eventually(lambda: store.ask(acted) == [(len(accepted) * ACTIONS,)], "actions", seconds=120)
    assert store.ask("select count(), uniqExact(output_id), countIf(value = 1) from actions") == [
        (len(accepted) * ACTIONS, len(accepted), len(accepted) * ACTIONS)
    ]
    return store.ask("select count() - uniqExact(SpanId) from otel_traces")[0][0]


def test_killed_again_and_again(pipeline):
    """SIGKILL to the Collector, to ``serve``, or to both, at random moments."""
    store, collector = pipeline
    chance = random.Random(SEED)
    senders = [
        Sender(collector.url, range(1, 1_000_000)),
        Sender(collector.url, range(1_000_001, 2_000_000)),
        Sender(store.url, range(2_000_001, 3_000_000)),
    ]
    for sender in senders:
        sender.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0, 0.8))
        victims = chance.choice([[collector], [collector], [store], [collector, store]])
        for victim in victims:
            victim.kill()
        time.sleep(chance.choice([0, 0, chance.uniform(0, 1)]))
        for victim in reversed(victims):
            victim.start()
    for sender in senders:
        sender.finish()
    repeated = _check(store, senders)
    accepted = sum(len(sender.accepted) for sender in senders)
    print(f"{KILLS} kills, {accepted} requests accepted, {repeated} spans stored repeatedly")
    assert sum(sender.refused for sender in senders), "nothing was ever killed in the middle"


def test_an_outage_of_the_store(pipeline):
    """The queue takes everything meanwhile, also over a kill of the Collector."""
    store, collector = pipeline
    sender = Sender(collector.url, range(1, 1_000_000))
    sender.start()
    eventually(lambda: store.ask("select 1 from otel_traces limit 1"), "the first span")
    store.kill()
    before = len(sender.accepted)
    eventually(lambda: len(sender.accepted) > before + 20, "twenty more accepted")
    collector.kill()
    collector.start()
    eventually(lambda: len(sender.accepted) > before + 40, "forty more accepted")
    store.start()
    sender.finish()
    _check(store, [sender])


def test_what_a_span_takes_in_the_queue(binary, to_serve, users, tmp_path):
    """The figure in docs/collector.md: about 2.5 kB with a text of 2 kB, about .5 kB without."""
    store = Serve(tmp_path, users)
    collector = Collector(binary, "single-host", tmp_path / "collector", **to_serve(store)).start()
    try:
        sizes = []
        for number, attributes in enumerate(({}, {"gen_ai.output.messages": "x" * 2000})):
            spans = [otlp.output(1000 * number + n, **attributes) for n in range(1, 201)]
            before = collector.metric("otelcol_exporter_queue_size")
            assert collector.send(otlp.traces(*spans))
            sizes.append((collector.metric("otelcol_exporter_queue_size") - before) / len(spans))
        assert 300 < sizes[0] < 700, sizes
        assert 2300 < sizes[1] < 2700, sizes
    finally:
        collector.stop()


def test_a_full_queue_refuses_instead_of_forgetting(binary, users, to_serve, tmp_path):
    """The sender hears of it and keeps its data; nothing that was accepted is dropped."""
    store = Serve(tmp_path, users)
    small = {"OTEL_AI_FEEDBACK_QUEUE_BYTES": "40000"}
    collector = Collector(
        binary, "single-host", tmp_path / "collector", **to_serve(store), **small
    ).start()
    try:
        sender = Sender(collector.url, range(1, 1_000_000))
        sender.start()
        eventually(lambda: sender.refused, "a refusal")
        store.start()
        eventually(lambda: len(sender.accepted) > 60, "sixty accepted")
        sender.finish()
        _check(store, [sender])
    finally:
        collector.stop()
        store.stop()
