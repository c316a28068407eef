"""What the tests of triage share: a file, alerts, incidents on the emptied store."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from otel_ai_feedback.triage import file
from otel_ai_feedback.triage.incidents import Incidents

# The raw rows that these tests write are those of the store's tests.
sys.path += [str(Path(__file__).parents[1] / "store"), str(Path(__file__).parent)]

from .notifications import FILE


@pytest.fixture
def triage():
    """Ana, Ben and Cleo take turns."""
    return file.parse(FILE, [])


@pytest.fixture
def incidents(clean, triage):
    """The incidents of the emptied store."""
    return Incidents(clean, triage)


@pytest.fixture
def target():
    """Where messages go: an HTTP server, and the list of what it got: path, title, message."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append((self.path.strip("/"), body["title"], body["message"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"json://127.0.0.1:{server.server_address[1]}", got
    server.shutdown()
    thread.join()
    server.server_close()
