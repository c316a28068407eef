"""Four workers under a real gunicorn: one host, one key."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

pytest.importorskip("gunicorn")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="gunicorn needs fork")

WORKERS = 4
TEXT = "Paris is the capital of France."


class Service:
    """The service of wsgi.py, on loopback."""

    def __init__(self, state_dir, *arguments, **settings):
        # Listening from now on: what comes before the workers are up waits.
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        ours = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
        self.log = Path(state_dir, "gunicorn.log")
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "--workers", str(WORKERS), "--no-control-socket",
                "--bind", f"fd://{self.socket.fileno()}", *arguments, "wsgi:application",
            ],
            cwd=Path(__file__).parent,
            env=ours | {"OTEL_AI_FEEDBACK_STATE_DIR": str(state_dir), **settings},
            pass_fds=[self.socket.fileno()],
            stderr=self.log.open("w"),
        )  # fmt: skip

    def _get(self, path, parameters):
        address = f"{self.address}{path}?{urlencode(parameters)}"
        with urllib.request.urlopen(address, timeout=60) as answer:
            return json.load(answer)

    def all_workers(self, path, **parameters):
        """The answer of each worker to the same request, by its process id."""
        answers = {}
        with ThreadPoolExecutor(WORKERS) as pool:
            while len(answers) < WORKERS:
                assert self.process.poll() is None, self.log.read_text()
                for answer in pool.map(lambda _: self._get(path, parameters), range(WORKERS)):
                    answers[answer.pop("worker")] = answer
        return answers

    def close(self):
        self.process.terminate()
        self.process.wait(60)
        self.socket.close()


@pytest.fixture(params=["each worker loads the service", "the service is loaded, then forked"])
def service(request, tmp_path):
    preload = ["--preload"] if "then forked" in request.param else []
    service = Service(tmp_path, *preload)
    yield service
    service.close()


def test_without_a_setting_all_share_the_key_of_the_host(service, tmp_path):
    answers = service.all_workers("/chat", text=TEXT, user="ann")
    assert len({answer["hash"] for answer in answers.values()}) == 1
    assert len({answer["subject"] for answer in answers.values()}) == 1
    assert next(iter(answers.values()))["hash"].startswith("hmac-sha256:")
    handle = next(iter(answers.values()))["handle"]
    actions = service.all_workers("/act", handle=handle)
    assert all(answer["taken"] for answer in actions.values())
    # Told by four workers, it is one action on one output.
    assert len({json.dumps(answer["found"]) for answer in actions.values()}) == 1
    for answer in actions.values():
        assert not {"handle_foreign", "errors", "key"} & set(answer["stats"])
    files = [file for file in tmp_path.iterdir() if file.name != "gunicorn.log"]
    assert [file.name for file in files] == ["key"]
    assert files[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_a_handle_of_another_host_is_refused_by_all(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for directory in (here, there):
        directory.mkdir()
    one, other = Service(here), Service(there)
    try:
        handle = next(iter(one.all_workers("/chat", text=TEXT, user="ann").values()))["handle"]
        for answer in other.all_workers("/act", handle=handle).values():
            assert not answer["taken"]
            assert answer["stats"]["handle_foreign"] >= 1
    finally:
        one.close()
        other.close()


@pytest.mark.slow
def test_two_hosts_with_one_key_accept_each_others_handles(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for directory in (here, there):
        directory.mkdir()
    key = {"OTEL_AI_FEEDBACK_KEY": "a key that both hosts have"}
    one, other = Service(here, **key), Service(there, **key)
    try:
        made = one.all_workers("/chat", text=TEXT, user="ann")
        again = other.all_workers("/chat", text=TEXT, user="ann")
        hashes = {answer["hash"] for answer in [*made.values(), *again.values()]}
        assert len(hashes) == 1
        handle = next(iter(made.values()))["handle"]
        assert all(each["taken"] for each in other.all_workers("/act", handle=handle).values())
    finally:
        one.close()
        other.close()
