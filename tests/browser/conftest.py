"""The whole chain: Chromium, script, middleware, OTLP, receiver, embedded engine."""

import contextlib
import dataclasses
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from otel_ai_feedback import serve

from .chain import Chain, Tab

HERE = Path(__file__).parent
CHAT = HERE.parents[1] / "examples/chat"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.contextmanager
def serving(directory, application, python=sys.executable, **environment):
    """uvicorn in a process of its own; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    ours = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    process = subprocess.Popen(
        [
            *(python, "-m", "uvicorn", "--app-dir", directory, application),
            *("--port", str(port), "--log-level", "warning", "--timeout-graceful-shutdown", "2"),
        ],
        env=ours | environment,
    )
    try:
        until(lambda: process.poll() is not None or answers(url), 60)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def answers(url):
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url)
    return None


def until(found, seconds=60):
    """What is found, as soon as there is any."""
    end = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)
    return result


@pytest.fixture(scope="package")
def receiver(engine, settings):
    told = dataclasses.replace(settings, person_header="X-Reviewer")
    with serve.running(told, port=0, jobs_every=None) as running:
        yield running.url


@pytest.fixture(scope="package")
def service(receiver, tmp_path_factory):
    """Settings of a service that reports to the receiver."""
    return {
        "OTEL_SERVICE_NAME": "site",
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path_factory.mktemp("state")),
        "OPENAI_API_KEY": "none",
    }


@pytest.fixture(scope="package")
def files(tmp_path_factory):
    """Directory that the site serves under /files."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="package")
def model():
    with serving(HERE, "model:app") as url:
        yield f"{url}/v1"


@pytest.fixture(scope="package")
def site(service, model, files):
    settings = service | {"OPENAI_BASE_URL": model, "FILES": str(files)}
    with serving(HERE, "served:app", **settings) as url:
        yield url


@pytest.fixture(scope="package")
def chat(service):
    """The example, as its own documentation starts it."""
    with (
        serving(CHAT, "model:app", PAUSE="0.005") as model,
        serving(CHAT, "app:app", **service, OPENAI_BASE_URL=f"{model}/v1") as url,
    ):
        yield url


@pytest.fixture(scope="package")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; install it, or name it in CHROMIUM")
    with playwright.sync_playwright() as running:
        # Playwright switches the back/forward cache off; people have it.
        browser = running.chromium.launch(
            executable_path=CHROMIUM,
            args=FLAGS,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium):
    """A window of its own; nothing may be thrown on any of its pages."""
    thrown = []
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.on("weberror", lambda error: thrown.append(str(error.error)))
    yield context
    context.close()
    assert thrown == []


@pytest.fixture
def chain(site, request):
    # What the test before has left behind must arrive before the store is emptied.
    httpx.post(f"{site}/flush", timeout=60)
    return Chain(site, request.getfixturevalue("clean"))


@pytest.fixture
def tab(context, chain):
    """A page with nothing on it yet."""
    return Tab(context.new_page(), chain)
