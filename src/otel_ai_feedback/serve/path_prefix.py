"""The server under a path of a shared address, as in ``https://tools.example.com/feedback``.

Every part answers and links from the root. This is the one place that knows of the path: it takes
it off requests, where the proxy did not, and puts it before every address of ours that an answer
names: redirects, links and forms of pages, cookies. Scripts and style sheets name no address from
the root.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from otel_ai_feedback.config import ConfigError

HEADER: Final = "X-Forwarded-Prefix"
_SEGMENT: Final = r"/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+"
_PATH: Final = re.compile(f"(?:{_SEGMENT})+")
# Templates write attributes in double quotes and escape them in everything else.
_ADDRESS: Final = re.compile(
    rb'( (?:href|src|action|formaction)="| http-equiv="refresh" content="0;url=)(?=/(?!/))'
)

_COOKIE_PATH: Final = re.compile(r"(; path=)(?:/(?=;|$)|(/[^;]*))", re.IGNORECASE)


class PathPrefix:
    """Middleware that serves an application under a path.

    With ``url`` its path is the one, and a browser that comes under another gets 421. Without it, a
    request's ``X-Forwarded-Prefix`` counts for its answer.

    Args:
        app: The application, which answers from the root.
        url: Address by which people reach it, where it is set.
        routes: Those of the application.

    Raises:
        ConfigError: The path has characters that addresses should not have, or begins like a page.
    """

    def __init__(self, app: ASGIApp, url: str | None, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._url = url
        self._path = urlsplit(url).path.rstrip("/") if url else ""
        if self._path and not _PATH.fullmatch(self._path):
            raise ConfigError(
                [f"OTEL_AI_FEEDBACK_URL: the path {self._path!r} must consist of letters, digits, "
                 "'-', '.', '_' and '~', as in https://tools.example.com/feedback"]
            )  # fmt: skip
        own = {_first(route.path) for route in routes if isinstance(route, Route)} - {""}
        if (first := _first(self._path)) in own:
            raise ConfigError(
                [f"OTEL_AI_FEEDBACK_URL: /{first} is an address of serve itself, so its path "
                 "cannot begin with it; choose another, as in https://tools.example.com/feedback"]
            )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(HEADER, "").rstrip("/")
        if self._url is None:
            path = given if _PATH.fullmatch(given) else ""
        elif given and given != self._path and "text/html" in headers.get("accept", ""):
            # Half of the links would lead elsewhere: those of messages or those of pages.
            await self._other_path(given)(scope, receive, send)
            return
        else:
            path = self._path
        if not path:
            await self._app(scope, receive, send)
            return
        asked: str = scope["path"]
        if asked == path or asked.startswith(path + "/"):
            scope = {**scope, "path": asked[len(path) :] or "/", "raw_path": None}
        await self._app(scope, receive, _Prefixed(send, path))

    def _other_path(self, given: str) -> PlainTextResponse:
        return PlainTextResponse(
            f"{HEADER} is {given!r}, and OTEL_AI_FEEDBACK_URL is {self._url!r}: set it to the "
            "whole address by which people come, with the path that the proxy takes off.\n",
            421,
        )


class _Prefixed:
    """Sends an answer with a path before its addresses. A page is sent when it is whole."""

    def __init__(self, send: Send, path: str) -> None:
        self._send = send
        self._path = path
        self._page: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message.get("headers", ())))
            self._address(headers)
            message = {**message, "headers": headers.raw}
            if headers.get("content-type", "").startswith("text/html"):
                self._page = message
                return
        elif self._page is not None:
            self._body += message.get("body", b"")
            if message.get("more_body", False):
                return
            body = _ADDRESS.sub(rb"\1" + self._path.encode(), bytes(self._body))
            headers = MutableHeaders(raw=self._page["headers"])
            if "content-length" in headers and self._body:
                headers["content-length"] = str(len(body))
            await self._send({**self._page, "headers": headers.raw})
            message = {**message, "body": body}
        await self._send(message)

    def _address(self, headers: MutableHeaders) -> None:
        location = headers.get("location", "")
        if location.startswith("/") and not location.startswith("//"):
            headers["location"] = self._path + location
        cookies = headers.getlist("set-cookie")
        if cookies:
            del headers["set-cookie"]
        for cookie in cookies:
            # For this server alone, not for its neighbours at the same address.
            headers.append("set-cookie", _COOKIE_PATH.sub(rf"\1{self._path}\2", cookie))


def _first(path: str) -> str:
    return path.split("/")[1] if path.startswith("/") else ""
