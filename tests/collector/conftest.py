"""One built Collector for all tests, and what they start it with."""

import os
import secrets
import shutil
import subprocess
import sys

import pytest

from .processes import CONFIGURATIONS, Collector, Serve


@pytest.fixture(scope="session")
def binary():
    """The Collector of collector-config/builder.yaml; built the first time."""
    if shutil.which("go") is None and not os.environ.get("CI"):
        pytest.skip("building the Collector needs Go (https://go.dev/dl)")
    build = subprocess.run(
        [sys.executable, CONFIGURATIONS / "build.py"], capture_output=True, text=True, check=False
    )
    assert build.returncode == 0, build.stderr
    return build.stdout.strip()


@pytest.fixture(scope="session")
def passwords():
    return {name: secrets.token_urlsafe(24) for name in ("collector", "grafana")}


@pytest.fixture(scope="session")
def users(tmp_path_factory, passwords):
    """The file of users: the Collector writes, Grafana reads."""
    path = tmp_path_factory.mktemp("users") / "users.toml"
    path.touch(0o600)
    path.write_text(
        f"""
        [collector]
        role = "writer"
        password = "{passwords["collector"]}"

        [grafana]
        role = "reader"
        password = "{passwords["grafana"]}"
        """
    )
    return path


@pytest.fixture(scope="package")
def serve(tmp_path_factory, users):
    """One ``serve`` that runs throughout; tests are told apart by the names of their services."""
    running = Serve(tmp_path_factory.mktemp("serve"), users).start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def to_serve(passwords):
    """What the Collector must know of a ``serve``."""

    def to_serve(serve):
        return {
            "OTEL_AI_FEEDBACK_CLICKHOUSE": serve.url,
            "OTEL_AI_FEEDBACK_CLICKHOUSE_PASSWORD": passwords["collector"],
        }

    return to_serve


@pytest.fixture(scope="module")
def collector(binary, tmp_path_factory, serve, to_serve):
    """Start a Collector of the single host in front of ``serve``, with other settings."""
    started = []

    def start(**environment):
        settings = to_serve(serve) | environment
        one = Collector(binary, "single-host", tmp_path_factory.mktemp("collector"), **settings)
        started.append(one.start())
        return one

    yield start
    for one in started:
        one.stop()
