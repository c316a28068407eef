"""A label that was acknowledged is in the store, however the server ends."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from reading import Reviewer, shown

ROUNDS = 3
MAIN = "import sys; from otel_ai_feedback.cli import main; sys.exit(main())"
PREPARE = """
import sys
sys.path += {paths!r}
from pathlib import Path
from otel_ai_feedback import store
from otel_ai_feedback.config import load
from reading import outputs

settings = load()
client = store.connect(settings.store)
store.migrate(client, settings)
outputs(client, 100)
"""


@pytest.fixture
def environment(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {name: v for name, v in os.environ.items() if not name.startswith("OTEL_")} | {
        "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path),
        "OTEL_AI_FEEDBACK_LISTEN": f"127.0.0.1:{port}",
        "OTEL_AI_FEEDBACK_PERSON_HEADER": "X-Reviewer",
    }


def _program(environment, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def _up(url, process):
    for _ in range(1200):
        assert process.poll() is None
        try:
            if httpx.get(f"{url}/healthz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("it never answered")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_kill_between_key_and_next_page_loses_no_acknowledged_label(environment):
    here = Path(__file__).parent
    paths = [str(here), str(here.parent / "store")]
    subprocess.run([sys.executable, "-c", PREPARE.format(paths=paths)], env=environment, check=True)
    url = f"http://{environment['OTEL_AI_FEEDBACK_LISTEN']}"
    chance = random.Random(11)
    acknowledged = {}
    for _ in range(ROUNDS):
        process = _program(environment, "serve")
        try:
            _up(url, process)
            ann = Reviewer(url, "ann")
            killer = None
            while True:
                began = time.monotonic()
                page = ann.get()
                fields = ann.fields(page) | {"verdict": "good", "note": str(len(acknowledged))}
                answer = ann.web.post("/review/labels", data=fields)
                assert answer.status_code == 303
                acknowledged[fields["form"]] = (shown(page), fields["note"])
                if killer is None:
                    # anywhere within the next two outputs, however fast this machine is
                    after = chance.uniform(0, 2 * (time.monotonic() - began))
                    killer = threading.Timer(after, process.send_signal, [signal.SIGKILL])
                    killer.start()
        except httpx.TransportError:
            assert process.wait(60) == -signal.SIGKILL
        finally:
            process.kill()
            process.wait()
    asked = _program(
        environment, "query", "--json", "select review_id, output_id, note, verdict from reviews"
    )
    out, _ = asked.communicate(timeout=120)
    assert asked.returncode == 0
    kept = {row["review_id"]: (row["output_id"], row["note"]) for row in json.loads(out)["data"]}
    assert acknowledged
    for form, label in acknowledged.items():
        assert kept.get(form) == label
    # at most the one that was on its way when the server ended was kept without an answer
    assert len(kept) - len(acknowledged) <= ROUNDS
    names = [name for name, _ in kept.values()]
    assert len(names) == len(set(names))
