"""A server that plays responses of a model's API, in the shapes that its makers document."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from with_capture import REPORT


def whole(document):
    """A response that comes at once."""
    return "application/json", json.dumps(document).encode()


def streamed(*events, last=b""):
    """A response as server-sent events, each named after its type where it has one."""
    lines = [
        (f"event: {event['type']}\n" if "type" in event else "") + f"data: {json.dumps(event)}\n\n"
        for event in events
    ]
    return "text/event-stream", "".join(lines).encode() + last


@contextmanager
def playing(kind, body):
    """The address of a server that answers every request so."""

    class Player(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Player)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        REPORT.answered(200, body)
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
