"""The installed program as a user runs it: subprocesses, real data, real signals."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("otel-ai-feedback")
_SHARED = Path(__file__).parents[2] / "../shared/data"
DATA = Path(os.environ.get("OTEL_AI_FEEDBACK_TEST_DATA", _SHARED)) / "llmonitor"


@dataclass(frozen=True)
class Program:
    """The command line over one store."""

    directory: Path

    @property
    def store(self):
        return f"chdb://{self.directory}/store"

    def start(self, *arguments):
        ours = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
        settings = {
            "OTEL_AI_FEEDBACK_STATE_DIR": str(self.directory / "state"),
            "OTEL_AI_FEEDBACK_HASH": "plain",
            "OTEL_AI_FEEDBACK_HASH_MIN_LENGTH": "0",
        }
        return subprocess.Popen(
            [PROGRAM, *arguments, "--store", self.store],
            env=ours | settings,
            cwd=self.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # What a shell started in the background hands on is that nobody hears Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *arguments):
        process = self.start(*arguments)
        out, err = process.communicate(timeout=240)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def query(self, sql):
        done = self.run("query", sql, "--format", "JSONCompact")
        assert done.returncode == 0, done.stderr
        return [tuple(row) for row in json.loads(done.stdout)["data"]]

    def replay(self):
        # Over few days: each is counted and sampled by itself, which takes seconds.
        return self.start("demo", "--replay", str(DATA), "--once", "--json", "--days", "2")


def finished(process):
    """The JSON document of a demo that must have succeeded."""
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err + out
    return json.loads(out)


@pytest.fixture(scope="session")
def replayed(tmp_path_factory):
    """A store after one undisturbed replay, and what the program said about it."""
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is not there; set OTEL_AI_FEEDBACK_TEST_DATA")
    program = Program(tmp_path_factory.mktemp("replayed"))
    return program, finished(program.replay())
