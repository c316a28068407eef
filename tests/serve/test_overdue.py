"""A statement that no limit ends is ended, and what was acknowledged is there."""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from announced import announced
from otel_ai_feedback.serve.clickhouse.overdue import FILE_NAME, Overdue

from . import otlp

PASSWORD = "p" * 32
# As if a function had got on the allow-list that is deaf to its limit.
PROGRAM = """
from otel_ai_feedback.serve.clickhouse import overdue
from otel_ai_feedback.store.gate import functions
functions._ENDLESS = frozenset()
overdue.Overdue.__init__.__defaults__ = (None, 2.0)
from otel_ai_feedback.cli import main
raise SystemExit(main())
"""
DEAF = (
    "select sum(hasAny(range(100000), arrayMap(x -> x + number + 200000, range(100000)))) "
    "from numbers(50)"
)


@pytest.fixture
def overdue(tmp_path):
    return Overdue(tmp_path, grace=0.0)


def test_a_statement_within_its_limit_is_left_alone(overdue):
    with overdue.running("grafana", 60):
        overdue.check()
    assert overdue.refused_seconds("grafana") == 0


def test_one_that_ended_late_is_forgiven(overdue):
    with overdue.running("grafana", 0):
        time.sleep(0.01)
    overdue.check()
    assert overdue.refused_seconds("grafana") == 0


def test_one_that_goes_on_costs_its_user_an_hour_and_no_other(overdue, tmp_path, caplog):
    with overdue.running("grafana", 0), overdue.running("ops", 60):
        time.sleep(0.01)
        overdue.check()
        overdue.check()
    assert 3500 < overdue.refused_seconds("grafana") <= 3600
    assert overdue.refused_seconds("ops") == 0
    assert len([r for r in caplog.records if r.levelno == logging.ERROR]) == 1
    assert "only a restart ends it" in caplog.text
    assert Overdue(tmp_path).refused_seconds("grafana") > 3500, "it outlives the process"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": "x"}', '{"a": null}'])
def test_a_damaged_file_refuses_no_one(tmp_path, text):
    (tmp_path / FILE_NAME).write_text(text)
    assert Overdue(tmp_path).refused_seconds("a") == 0


@pytest.mark.slow
def test_serve_starts_again_to_end_a_statement_that_nothing_ends(tmp_path):
    users = tmp_path / "users.toml"
    users.touch(0o600)
    users.write_text(
        f'[grafana]\nrole = "reader"\npassword = "{PASSWORD}"\n'
        f'[other]\nrole = "reader"\npassword = "{PASSWORD}2"\n'
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    ours = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "serve", "--json", "--listen", f"127.0.0.1:{port}",
         "--store", f"chdb://{tmp_path}/store"],
        env=ours | {"OTEL_AI_FEEDBACK_USERS": str(users),
                    "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    answers = []

    def ask():
        try:
            answers.append(
                httpx.post(url, params={"max_execution_time": "1"}, content=DEAF, timeout=120,
                           auth=("grafana", PASSWORD)).status_code
            )  # fmt: skip
        except httpx.HTTPError as error:
            answers.append(type(error).__name__)

    try:
        first = announced(process)
        body = otlp.traces(otlp.output(1, start=time.time_ns())).SerializeToString()
        headers = {"Content-Type": "application/x-protobuf"}
        assert httpx.post(f"{url}/v1/traces", content=body, headers=headers).status_code == 200
        asking = threading.Thread(target=ask)
        asking.start()
        again = announced(process)
        asking.join(60)
        assert again["pid"] == first["pid"] == process.pid
        assert again["url"] == url
        assert answers, "the client was told"
        assert answers[0] not in (200, 408, "ReadTimeout")
        refused = httpx.post(url, content="select 1", auth=("grafana", PASSWORD), timeout=60)
        assert refused.status_code == 429
        assert "ignored its limit; try again in" in refused.text
        kept = httpx.post(
            url, content="select count() from output_spans", auth=("other", PASSWORD + "2"),
            timeout=60,
        )  # fmt: skip
        assert kept.status_code == 200, kept.text
        (refused_users,) = json.loads((tmp_path / "store" / FILE_NAME).read_text())
        assert refused_users == "grafana"
    finally:
        process.kill()
        _, errors = process.communicate()
    assert "a statement of grafana runs on" in errors
