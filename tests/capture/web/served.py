"""Applications under test, on real servers over loopback."""

import json
import socket
import threading
import time
from contextlib import contextmanager

import httpx
import uvicorn
from werkzeug.serving import make_server


class RealClock:
    """The clock of this machine, as capture and tests ask it."""

    @property
    def now(self):
        return time.time_ns()

    def __call__(self):
        return self.now


@contextmanager
def uvicorn_serving(app):
    """An ASGI application on uvicorn, with a client for it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=3)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


def beacon(handle, action="copy", *, ago=0.0, sent=None, action_id="a1", **fields):
    """The body of a beacon with one action."""
    sent = time.time() * 1000 if sent is None else sent
    entry = {"action_id": action_id, "handle": handle, "action": action, "time": sent - ago * 1000}
    return json.dumps({"sent": sent, "actions": [entry | fields]})


def until(found, seconds=20):
    """What is found, as soon as there is any."""
    end = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
    return result


@contextmanager
def werkzeug_serving(app):
    """A WSGI application on Werkzeug's server, with a client for it."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.log = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}") as client:
            yield client
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def leave_after(client, path, text):
    """Ask for a stream and hang up as soon as a text has come."""
    with client.stream("GET", path) as response:
        for part in response.iter_text():
            if text in part:
                return response.headers
    raise AssertionError("the stream ended before the text came")
