"""One real server over the run's store, and set-ups to break."""

import os
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from otel_ai_feedback import doctor, serve
from otel_ai_feedback.store import server_file

NEVER = 3600


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path):
    """No variable of OpenTelemetry or of ours, and no file of ours in the working directory."""
    for name in list(os.environ):
        if name.startswith("OTEL_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="package")
def server(engine, settings):
    with pytest.MonkeyPatch.context() as patched:
        # Its own beats would come between those that tests write.
        patched.setattr("otel_ai_feedback.serve.server.WRITE_EVERY_SECONDS", NEVER)
        with serve.running(settings, port=0, jobs_every=None) as running:
            yield running


@pytest.fixture
def address(server, settings):
    """The same store as a ClickHouse server: its address with the password, without a database."""
    announced = server_file.read(settings.store.removeprefix("chdb://"))
    return announced.url.replace("://", f"://local:{announced.token}@")


@pytest.fixture
def sends_to_serve(server, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.url)


@pytest.fixture
def ask(settings):
    """``ask("key", "store", page=...)``: what areas find, by the name of the check."""

    def found(*areas, only=settings, **given):
        visit = doctor.Visit(only, **{"wait_seconds": 3.0, "timeout": 5.0, **given})
        try:
            return {
                finding.check: finding
                for area in areas or doctor.AREAS
                for finding in doctor.AREAS[area](visit)
            }
        finally:
            if visit.client is not None:
                visit.client.close()

    return found


@contextmanager
def answering(respond):
    """A local HTTP server; ``respond(method, path, headers, body)`` gives status, headers, body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, answer = respond(self.command, self.path, self.headers, body)
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_OPTIONS = _any  # noqa: N815

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()


@pytest.fixture
def seen_by_all():
    """A folder that every user may see, and only its owner change."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@contextmanager
def nobody():
    """As a user without any right: root may do everything, and so finds nothing."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def environment(tmp_path):
    """``environment("openai 3.0")``: where nothing but these packages is installed."""

    def made(*packages):
        folder = tmp_path / "site-packages"
        for package in packages:
            name, _, version = package.partition(" ")
            info = folder / f"{name.replace('-', '_')}-{version or '1.0'}.dist-info"
            info.mkdir(parents=True)
            (info / "METADATA").write_text(
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version or '1.0'}\n"
            )
        return [str(folder)]

    return made
