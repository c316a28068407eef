"""Requests over HTTP, and in words what is wrong when there is no answer."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final, Literal
from urllib.parse import urlsplit

Trouble = Literal["refused", "unknown host", "late", "tls", "not http", "unreachable"]

_MOST_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP, whatever its status.

    Attributes:
        url: Where it came from, after redirects.
        status: Its status.
        headers: Its headers by lower-case name; several of one name are joined by a comma.
        body: Its body, of up to 4 MiB.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


class NoAnswerError(Exception):
    """There is no answer.

    Args:
        trouble: What kind of trouble.
        detail: In words.
    """

    def __init__(self, trouble: Trouble, detail: str) -> None:
        super().__init__(detail)
        self.trouble: Final = trouble


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Hand redirects on as they are."""


def request(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float,
    certificate: str | None = None,
    redirects: bool = True,
) -> Answer:
    """Send one request.

    Args:
        url: An http or https address.
        method: The method.
        headers: Its headers.
        body: Its body.
        timeout: Seconds for each step.
        certificate: File of certificates to trust instead of the system's.
        redirects: Whether to follow them.

    Raises:
        NoAnswerError: There is none.
    """
    asked = urllib.request.Request(  # noqa: S310 - callers give http and https only
        url, data=body, method=method, headers={"User-Agent": "otel-ai-feedback", **(headers or {})}
    )
    handlers: list[urllib.request.BaseHandler] = [] if redirects else [_Redirects()]
    if urlsplit(url).scheme == "https":
        context = ssl.create_default_context(cafile=certificate or None)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    try:
        with urllib.request.build_opener(*handlers).open(asked, timeout=timeout) as answer:
            return _answer(answer.url, answer.status, answer.headers, answer.read(_MOST_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            return _answer(url, error.code, error.headers, error.read(_MOST_BYTES))
    except urllib.error.URLError as error:
        raise _trouble(error.reason if isinstance(error.reason, Exception) else error) from error
    except (OSError, http.client.HTTPException) as error:
        raise _trouble(error) from error


def is_open(host: str, port: int, timeout: float) -> bool:
    """Whether something listens there."""
    try:
        socket.create_connection((host, port), timeout).close()
    except OSError:
        return False
    return True


def _answer(url: str, status: int, headers: Message[str, str], body: bytes) -> Answer:
    found: dict[str, str] = {}
    for name, value in headers.items():
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return Answer(url, status, found, body)


def _trouble(error: Exception) -> NoAnswerError:
    if isinstance(error, ssl.SSLError):
        return NoAnswerError("tls", f"TLS failed: {error.reason or error}")
    if isinstance(error, socket.gaierror):
        return NoAnswerError(
            "unknown host", f"the name of the host is not known ({error.strerror})"
        )
    if isinstance(error, ConnectionRefusedError):
        return NoAnswerError("refused", "nothing listens there (connection refused)")
    if isinstance(error, TimeoutError):
        return NoAnswerError("late", "there was no answer in time")
    if isinstance(error, (http.client.HTTPException, ConnectionResetError, BrokenPipeError)):
        return NoAnswerError(
            "not http", f"what listens there does not speak HTTP/1 ({_name(error)})"
        )
    said = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    return NoAnswerError("unreachable", said or _name(error))


def _name(error: Exception) -> str:
    return type(error).__name__
