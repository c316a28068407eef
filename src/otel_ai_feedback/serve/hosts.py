"""Refuses requests for another host: what keeps a web page from reading a store on loopback.

A page can make the browser resolve the page's own name to 127.0.0.1 (DNS rebinding) and then talk
to any local server as if it were its own. The Host header gives it away.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(address: str) -> bool:
    """Whether an address, without port, is one of this machine's loopback addresses."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class KnownHosts:
    """Middleware that answers 403 unless the Host header names this machine, or this server.

    A server that listens on other addresses has other names, which only its operator knows; there
    the middleware lets everything through until it is told them.

    Args:
        app: The application behind.
        listen: The host on which the server listens.
        names: Names under which the server is reached beside those of this machine.
    """

    def __init__(self, app: ASGIApp, listen: str, names: Iterable[str] = ()) -> None:
        self._app = app
        told = frozenset(names)
        self._checked = is_loopback(listen) or bool(told)
        self._names = _LOOPBACK_NAMES | {listen} | told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or refuse it."""
        if self._checked and scope["type"] == "http":
            given = Headers(scope=scope).get("host", "")
            if _without_port(given).lower() not in self._names:
                refusal = PlainTextResponse(
                    f"The host {given!r} is not served here; use the address that serve "
                    "printed, or name it in OTEL_AI_FEEDBACK_HOSTS.\n",
                    403,
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host
