"""A disk that is full or read-only: a clear error, nothing lost, and it goes on afterwards."""

import random
import subprocess

import httpx
import pytest

from serve import otlp

from .processes import PROGRAM, PROTOBUF, Collector, Serve, eventually

pytestmark = pytest.mark.collector

MEGABYTE = 1024 * 1024
COUNT = "select uniqExact(SpanId) from otel_traces"


def _mount(*arguments):
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a disk of its own needs the right to mount: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path):
    """A small disk that holds nothing else."""
    directory = tmp_path / "disk"
    directory.mkdir()
    _mount("-t", "tmpfs", "-o", "size=96m", "tmpfs", directory)
    yield directory
    subprocess.run(["umount", "--lazy", directory], check=True)


@pytest.fixture
def start(users, to_serve, binary, tmp_path):
    started = []

    def start(kind, **environment):
        if kind == "serve":
            one = Serve(tmp_path, users, state=environment["state"])
        else:
            one = Collector(binary, "single-host", tmp_path / "collector", **environment)
        started.append(one.start())
        return one

    yield start
    for one in reversed(started):
        one.stop()


def _spans(number, service="full-store"):
    """A hundred spans with texts that do not compress to nothing."""
    chance = random.Random(number)
    spans = [
        otlp.output(100 * number + n, **{"gen_ai.output.messages": chance.randbytes(500).hex()})
        for n in range(1, 101)
    ]
    return otlp.traces(*spans, resource=otlp.RESOURCE | {"service.name": service})


def _fill(disk):
    """Leave no room."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"\0" * MEGABYTE)
        except OSError:
            pass
        while True:
            try:
                filler.write(b"\0" * 512)
            except OSError:
                return


def _post(serve, request):
    return httpx.post(
        f"{serve.url}/v1/traces", content=request.SerializeToString(), headers=PROTOBUF, timeout=60
    )


def test_the_disk_of_the_store_is_full(start, disk, to_serve):
    store = start("serve", state=disk / "store")
    collector = start("collector", **to_serve(store))
    assert _post(store, _spans(1)).status_code == 200
    number = 1
    while number < 200:  # merges that end give some room back
        _fill(disk)
        answer = _post(store, _spans(number + 1))
        if answer.status_code != 200:
            break
        number += 1
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "space" in answer.text.lower()
    assert collector.send(_spans(1000)), "the Collector's queue is on another disk"
    eventually(lambda: "space" in collector.log.lower(), "the reason in the Collector's log")
    assert httpx.get(store.url).status_code == 200, "the pages still answer"

    (disk / "filler").unlink()
    stored = 100 * (number + 1)
    eventually(lambda: store.ask(COUNT) == [(stored,)], "what the Collector kept", seconds=120)
    assert _post(store, _spans(number + 1)).status_code == 200
    assert store.ask(COUNT) == [(stored + 100,)]
    eventually(lambda: store.ask("select count() from outputs") == [(stored + 100,)], "the outputs")


def test_the_disk_of_the_queue_is_full(start, disk, serve, to_serve):
    collector = start(
        "collector",
        **to_serve(serve) | {"OTEL_AI_FEEDBACK_CLICKHOUSE": "http://127.0.0.1:9"},
        OTEL_AI_FEEDBACK_QUEUE_DIR=str(disk / "queue"),
    )
    assert collector.send(_spans(11, "full-queue"))
    _fill(disk)
    accepted, number = 1, 12
    while number < 200 and collector.send(_spans(number, "full-queue")):
        accepted, number = accepted + 1, number + 1
    assert number < 200, "a full disk took everything"
    assert collector.running, collector.log[-2000:]
    (disk / "filler").unlink()
    assert collector.send(_spans(number, "full-queue")), "there is room again"
    accepted += 1
    collector.kill()

    # What it had accepted is in the queue, and goes where it should now.
    collector.environment["OTEL_AI_FEEDBACK_CLICKHOUSE"] = serve.url
    collector.start()
    arrived = f"{COUNT} where ServiceName = 'full-queue'"
    eventually(lambda: serve.ask(arrived) == [(100 * accepted,)], f"{accepted} requests", 120)


def test_a_directory_that_cannot_be_written(disk, users):
    _mount("-o", "remount,ro", disk)
    done = subprocess.run(
        [*PROGRAM, "serve", "--store", f"chdb://{disk}/store", "--listen", "127.0.0.1:0"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert str(disk) in done.stderr
    assert "Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_whose_disk_turns_read_only(start, disk):
    store = start("serve", state=disk / "store")
    assert _post(store, _spans(21)).status_code == 200
    store.stop()
    _mount("-o", "remount,ro", disk)
    done = subprocess.run(
        [*PROGRAM, "serve", "--json", "--store", store.store, "--listen", "127.0.0.1:0"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr
    _mount("-o", "remount,rw", disk)
    store.start()
    assert store.ask(COUNT) == [(100,)]
