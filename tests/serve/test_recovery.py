"""``serve`` as a process of its own: what it acknowledged is there, whatever happened to it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest

from announced import announced
from otel_ai_feedback.store import server_file

from . import otlp

PROGRAM = [sys.executable, "-c", "from otel_ai_feedback.cli import main; raise SystemExit(main())"]
HEADERS = {"Content-Type": "application/x-protobuf"}


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def serve(directory):
    """Start ``serve``; stop it in the end if it still runs."""
    processes = []

    def serve():
        process = subprocess.Popen(
            [*PROGRAM, "serve", "--json", "--store", f"chdb://{directory}",
             "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        processes.append(process)
        return process, announced(process)

    yield serve
    for process in processes:
        process.kill()
        process.communicate()


def _command(directory, *arguments):
    return subprocess.run(
        [*PROGRAM, *arguments, "--store", f"chdb://{directory}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def _batch(number):
    target = otlp.output(10 * number, start=1_795_464_000_000_000_000)
    actions = [otlp.action(10 * number + n, target, "copy", amount=1.0) for n in range(3)]
    return otlp.traces(target, *actions).SerializeToString()


@pytest.mark.long
def test_killed_while_it_takes_data_in_and_started_again(serve, directory):
    process, started = serve()
    acknowledged, failed = [], []
    enough = threading.Event()

    def send(worker):
        with httpx.Client(base_url=started["url"], timeout=10) as client:
            for number in range(worker, 3000, 4):
                try:
                    answer = client.post("/v1/traces", content=_batch(number), headers=HEADERS)
                except httpx.HTTPError:
                    failed.append(number)
                    return
                if answer.status_code == 200:
                    acknowledged.append(number)
                if len(acknowledged) >= 60:
                    enough.set()

    senders = [threading.Thread(target=send, args=(worker,)) for worker in range(1, 5)]
    for sender in senders:
        sender.start()
    assert enough.wait(60)
    process.kill()
    process.wait()
    for sender in senders:
        sender.join()
    assert failed
    assert server_file.read(directory) is None, "the file of a dead process is not believed"

    _, again = serve()
    with httpx.Client(base_url=again["url"], timeout=30) as client:
        # What was not acknowledged is sent again, and so is some of what was.
        for number in {*failed, *acknowledged[:20]}:
            assert client.post("/v1/traces", content=_batch(number), headers=HEADERS).is_success
    expected = len({*failed, *acknowledged})
    counting = (
        "select count(), countIf(class = 'used'), "
        "(select count() from actions), (select uniqExact(SpanId) from otel_traces) from outputs"
    )
    counts = [str(expected), str(expected), str(3 * expected), str(4 * expected)]
    assert _eventually(directory, counting, lambda said: said.split() == counts)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_ends_it_cleanly(serve, directory, number):
    process, started = serve()
    assert started["store"] == f"chdb://{directory}"
    assert oct(os.stat(directory / server_file.FILE_NAME).st_mode & 0o777) == "0o600"
    httpx.post(f"{started['url']}/v1/traces", content=_batch(1), headers=HEADERS)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    # What the jobs say of a draw without text may stand there, when they came to run.
    said = [line for line in errors.splitlines() if "have no text in the store" not in line]
    assert (process.returncode, said) == (0, [])
    assert not (directory / server_file.FILE_NAME).exists()
    counting = "select count() from output_state where tagged and started is not null"
    answer = _command(directory, "query", counting, "--format", "TSV")
    assert answer.stdout == "1\n"


@pytest.mark.slow
def test_other_commands_beside_it(serve, directory):
    _, started = serve()
    httpx.post(f"{started['url']}/v1/traces", content=_batch(1), headers=HEADERS)
    assert _eventually(directory, "select class from outputs", lambda said: said == "used\n")
    answer = _command(directory, "query", "select class from outputs", "--json")
    assert json.loads(answer.stdout)["data"] == [{"class": "used"}]
    assert "READONLY" in _command(directory, "query", "drop table otel_traces").stderr
    assert json.loads(_command(directory, "migrate", "--json").stdout)["applied"] == []
    second = _command(directory, "serve", "--listen", "127.0.0.1:0")
    assert second.returncode == 1
    assert f"already served by another process at {started['url']}" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.slow
def test_an_address_that_is_taken(serve, tmp_path):
    _, started = serve()
    taken = started["url"].removeprefix("http://")
    second = _command(tmp_path / "other", "serve", "--listen", taken)
    assert second.returncode == 1
    assert "--listen" in second.stderr
    assert taken in second.stderr


def _eventually(directory, sql, is_right):
    """Whether a question has the right answer once the jobs have taken in what arrived."""
    for _ in range(120):
        if is_right(_command(directory, "query", sql, "--format", "TSV").stdout):
            return True
        time.sleep(0.5)
    return False
