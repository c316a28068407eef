"""Real HTTP servers for small apps, inside this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve the app on a free port of the loopback address while the context is open.

    Yields:
        Its address, without a slash at the end.
    """
    config = uvicorn.Config(app, log_level="warning", access_log=False, ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listening]}, name="demo-http", daemon=True
        )
        # asyncio does this only for sockets made with an explicit protocol, and an answer in two
        # writes (head, body) then waits 40 ms for the client's delayed acknowledgement.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The socket listens already: anyone who calls early waits in its backlog.
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
