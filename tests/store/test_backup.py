"""The engine's own backups: incremental, beside a running serve, and there when the store is gone.

The engine is one a process, so each step is a command of its own.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Commands plan every view of the schema, which a busy machine takes minutes for.
pytestmark = pytest.mark.timeout(1200)

PROGRAM = [sys.executable, "-c", "from otel_ai_feedback.cli import main; raise SystemExit(main())"]
SPAN = "insert into otel_traces (Timestamp, TraceId, SpanId, ServiceName) values "


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("kept") / "store"


@pytest.fixture(scope="module")
def run(store):
    """``run(*arguments)``: what a command says on standard output; ``fails``: why it failed."""

    def run(*arguments, fails=False):
        done = subprocess.run(
            [*PROGRAM, *arguments, "--store", f"chdb://{store}"],
            capture_output=True, text=True, cwd=store.parent,
            env=os.environ | {"OTEL_AI_FEEDBACK_STATE_DIR": str(store.parent)},
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else done.stdout

    return run


def write(store, *spans):
    """Rows straight into the store, by a process of its own."""
    text = SPAN + ", ".join(f"(now64(9), '{span}', '{span}', 'chat')" for span in spans)
    code = (
        "import sys; from otel_ai_feedback import store; "
        "store.connect(sys.argv[1]).command(sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", code, f"chdb://{store}", text], check=True)


def spans(run):
    asked = run("query", "--format", "TSV", "select SpanId from otel_traces order by SpanId")
    return asked.split()


@pytest.mark.slow
def test_a_store_comes_back_after_its_directory_is_gone(store, run):
    run("migrate")
    write(store, "a", "b")
    full = json.loads(run("backup", "--json"))
    assert full["base"] is None
    write(store, "c")
    more = json.loads(run("backup", "--json"))
    assert full["backup"].endswith(more["base"])
    write(store, "lost")

    assert "has tables" in run("restore", more["backup"], fails=True)
    shutil.rmtree(store)
    said = json.loads(run("restore", more["backup"], "--json"))
    assert said["rows"]["otel_traces"] == 3
    assert spans(run) == ["a", "b", "c"]
    # as it was: nothing is left to migrate, views and incremental views answer
    assert json.loads(run("migrate", "--json"))["applied"] == []
    assert run("query", "--format", "TSV", "select count() from signal_rates").strip() == "0"


def test_a_backup_of_another_store_is_refused(store, run, tmp_path):
    run("migrate")
    copy = tmp_path / Path(json.loads(run("backup", "--json"))["backup"]).name
    copy.mkdir()
    (copy / ".backup").write_text("")
    assert "is no backup of this store" in run("restore", str(copy), fails=True)
