"""Pages over real HTTP, without a store."""

import contextlib
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
