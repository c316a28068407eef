"""Pages over real HTTP, without a store."""

import contextlib
import dataclasses
import socket
import threading

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette


@contextlib.contextmanager
def serving(routes):
    """Serve routes from a thread; gives the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Starlette(routes=routes), log_config=None, lifespan="off", proxy_headers=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def client():
    """``client(routes)``: a client of these routes; each call is another browser."""
    with contextlib.ExitStack() as stack:

        def make(routes, **options):
            url = stack.enter_context(serving(routes))
            return stack.enter_context(httpx.Client(base_url=url, timeout=30, **options))

        yield make


class MemoryTable:
    """Sessions where the store keeps them, without a store."""

    def __init__(self):
        self.rows = {}

    def find(self, session_id):
        return self.rows.get(session_id)

    def of(self, person, as_of):
        found = [row for row in self.rows.values() if row.person == person or not person]
        return [row for row in found if not row.ended and row.ends_at > as_of]

    def write(self, session):
        self.rows[session.session_id] = dataclasses.replace(session)


@pytest.fixture
def table():
    return MemoryTable()
