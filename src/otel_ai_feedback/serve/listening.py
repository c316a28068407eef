"""Where ``serve`` listens, and the thread that answers there."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from otel_ai_feedback.serve.connection import BoundedProtocol
from otel_ai_feedback.serve.limits import Limits

_SHUTDOWN_SECONDS = 10
_STARTING_SECONDS = 0.005


class ListenError(OSError):
    """The address cannot be listened on; the message says what to do."""


def free(address: str) -> str:
    """An address for gRPC, whose library says only later, and not why, that it cannot listen."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    found = listen(host, int(port), "OTEL_AI_FEEDBACK_GRPC_LISTEN (none turns gRPC off)")
    with found:
        return f"{address.rpartition(':')[0]}:{found.getsockname()[1]}"


def listen(
    host: str, port: int, setting: str = "--listen HOST:PORT or OTEL_AI_FEEDBACK_LISTEN"
) -> socket.socket:
    """A socket that listens.

    Args:
        host: Name or address.
        port: 0 lets the system choose.
        setting: What its operator would change.

    Raises:
        ListenError: The address is taken or not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise ListenError(
            f"cannot listen on {host}:{port} ({error.strerror}); "
            f"choose another address with {setting}"
        ) from error
    # asyncio does this only for sockets made with an explicit protocol, and an answer in two writes
    # (head, body) then waits 40 ms for the client's delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url_of(host: str, port: int) -> str:
    """The address of a server, for people on this machine."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - printed for people, who need a name that works
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def serving(application: ASGIApp, listener: socket.socket, limits: Limits) -> Iterator[None]:
    """Answer requests from a thread; on leaving, those in work are answered first."""
    config = uvicorn.Config(
        application,
        # A class is asked for, and only called.
        http=partial(BoundedProtocol, limits=limits, held=Counter()),  # type: ignore[arg-type]
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        proxy_headers=False,
        # Exporters send every 5 s; the usual 5 s here would close the connection under their hands.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="http", daemon=True
    )
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise ListenError("the server did not start; the log says why")
        time.sleep(_STARTING_SECONDS)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
