"""What is answered under the prefix: the script files, and the beacons that they send.

A pure core: it knows no server. :mod:`asgi` and :mod:`wsgi` bring it requests and carry away its
answers, and ``otel-ai-feedback serve`` uses it for pages whose service is not written in Python.

=========================================================  ==========================
case                                                       answer
=========================================================  ==========================
a beacon, whatever becomes of the actions in it            204
no beacon at all                                           400
a page of an origin that is not allowed                    403
another address under the prefix                           404
another method                                             405
over 64 KiB, or over 100 actions                           413
a body that is neither text/plain nor application/json     415
more beacons or actions than one client may send           429 with Retry-After
capture is off, shutting down or cannot keep up            503 with Retry-After
=========================================================  ==========================
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple

from otel_ai_feedback.capture.automated import kind_of_user_agent
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.web import beacon as beacons
from otel_ai_feedback.capture.web.beacon import Beacon
from otel_ai_feedback.capture.web.browsers import name_of
from otel_ai_feedback.capture.web.origins import Origins
from otel_ai_feedback.capture.web.rates import ACTIONS_BURST, ACTIONS_PER_SECOND, Rates
from otel_ai_feedback.capture.web.repeats import Repeats
from otel_ai_feedback.capture.web.script_files import DIRECTORY, script_files

PREFIX: Final = "/_ai_feedback"
_ACTIONS: Final = "/actions"
_TYPES: Final = frozenset({"text/plain", "application/json"})
_RETRY_SECONDS: Final = "30"
_COUNTED: Final = {
    400: "beacon_malformed",
    403: "beacon_origin",
    405: "beacon_method",
    413: "beacon_too_large",
    415: "beacon_type",
    429: "beacon_rate",
    503: "beacon_unavailable",
}


class HttpRequest(NamedTuple):
    """A request as the core sees it.

    Attributes:
        method: In upper case.
        path: Below the prefix, with its leading slash.
        query: Query string.
        headers: By lower-case name.
        peer: Address of the other end of the connection.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    peer: str


class HttpAnswer(NamedTuple):
    """What is sent back.

    Attributes:
        status: Status code.
        headers: With ``Content-Length``.
        body: Never for HEAD.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def reason(self) -> str:
        """Status code and its phrase, as WSGI wants it."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


class Endpoint:
    """Everything under the prefix.

    Args:
        record: Takes a beacon and says whether it is safe: stored, or in a queue that keeps it.
        opted_out: Told how to look up a request header, says whether the browser that sent the
            request asks not to be observed.
        clock: Nanoseconds since the epoch.
        own_reasons: The reasons that pages may give beside those of the list.
        prefix: Path under which it answers.
        allowed_origins: Origins whose pages may send beacons, beside the application's own.
        trusted_proxies: How many proxies in front of the application add to ``X-Forwarded-For``.
        rates: How often one client may send.
        action_rates: How many actions one client may report.
        scripts: Directory of the script files.

    Raises:
        ValueError: If one of these cannot be; the message names it.
    """

    def __init__(
        self,
        record: Callable[[Beacon], bool],
        opted_out: Callable[[Callable[[str], str | None]], bool],
        clock: Callable[[], int],
        *,
        own_reasons: Callable[[], frozenset[str]] = frozenset,
        prefix: str = PREFIX,
        allowed_origins: Iterable[str] = (),
        trusted_proxies: int = 0,
        rates: Rates | None = None,
        action_rates: Rates | None = None,
        scripts: Path = DIRECTORY,
    ) -> None:
        if not prefix.startswith("/") or prefix.endswith("/"):
            raise ValueError(
                f"prefix: {prefix!r} must begin with a slash and not end with one, as in {PREFIX!r}"
            )
        if trusted_proxies < 0:
            raise ValueError(f"trusted_proxies: {trusted_proxies} must be 0 or more")
        self.prefix: Final = prefix
        self._record = record
        self._opted_out = opted_out
        self._clock = clock
        self._own_reasons = own_reasons
        self._origins = Origins(allowed_origins)
        self._trusted_proxies = trusted_proxies
        self._rates = Rates() if rates is None else rates
        self._repeats = Repeats()
        self._action_rates = (
            Rates(ACTIONS_BURST, ACTIONS_PER_SECOND) if action_rates is None else action_rates
        )
        self._scripts = script_files(scripts)

    def path_below(self, path: str) -> str | None:
        """The part of a path below the prefix, or ``None`` if it is the application's."""
        below = path.removeprefix(self.prefix)
        return below if below != path and below.startswith("/") else None

    def before_body(self, request: HttpRequest) -> HttpAnswer | None:
        """The answer, or ``None`` when it takes the body to know it.

        Args:
            request: The request, of which no body needs to have been read.
        """
        if request.path == _ACTIONS:
            return self._before_beacon(request)
        script = self._scripts.get(request.path[1:])
        if script is None:
            return _text(404, f"there is nothing at {request.path} under {self.prefix}")
        if request.method not in ("GET", "HEAD"):
            return _text(405, "use GET", [("Allow", "GET, HEAD")])
        status, headers, body = script.answer(request.headers, request.query)
        return _answer(status, headers, body, request.method)

    def _before_beacon(self, request: HttpRequest) -> HttpAnswer | None:
        headers = request.headers
        if not self._origins.allow(headers):
            return self._refuse(
                request,
                403,
                f"pages of {headers.get('origin', '')[:200]!r} are not allowed; add it to "
                "allowed_origins",
            )
        if request.method == "OPTIONS":
            return _answer(204, self._origins.preflight(headers))
        if request.method != "POST":
            return self._refuse(request, 405, "use POST", [("Allow", "POST, OPTIONS")])
        given = headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in _TYPES:
            return self._refuse(
                request, 415, f"Content-Type {given[:100]!r} is not text/plain or application/json"
            )
        if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            return self._refuse(request, 415, "the body must not be compressed")
        length = headers.get("content-length", "0").strip()
        if not (length.isascii() and length.isdigit()):
            return self._refuse(request, 400, "Content-Length is not a number")
        if len(length) > 9 or int(length) > beacons.MAX_BYTES:
            return self.too_large(request)
        wait = self._rates.take(self._client(request), time.monotonic_ns())
        if wait:
            return self._refuse(
                request, 429, "too many beacons of one client", [("Retry-After", str(wait))]
            )
        return None

    def too_large(self, request: HttpRequest) -> HttpAnswer:
        """The answer to a body of more than 64 KiB."""
        return self._refuse(request, 413, f"a beacon takes up to {beacons.MAX_BYTES} bytes")

    def take(self, request: HttpRequest, body: bytes) -> HttpAnswer:
        """The answer to a request for which :meth:`before_body` gave none.

        Args:
            request: The request.
            body: Its whole body.
        """
        if len(body) > beacons.MAX_BYTES:
            return self.too_large(request)
        headers = request.headers
        # Only browsers say from where a request comes, and they say it with every POST.
        source = "browser" if "origin" in headers or "sec-fetch-site" in headers else "api"
        try:
            browser = name_of(headers.get("user-agent", "")) if source == "browser" else None
            beacon = beacons.read(body, self._clock(), source, browser, self._own_reasons())
        except beacons.MalformedBeaconError as error:
            return self._refuse(request, 400, str(error))
        except beacons.TooManyActionsError as error:
            return self._refuse(request, 413, str(error))
        beacon = self._repeats.within(beacon)
        if kind_of_user_agent(headers.get("user-agent", "")):
            beacon = beacons.of_no_user(beacon)
        wait = self._action_rates.take(
            self._client(request), time.monotonic_ns(), len(beacon.reported)
        )
        if wait:
            return self._refuse(
                request, 429, "too many actions of one client", [("Retry-After", str(wait))]
            )
        if self._opted_out(headers.get):
            GUARD.counts.add("opted_out", len(beacon.reported))
        elif beacon.reported and not self._record(beacon):
            return self._refuse(
                request,
                503,
                "beacons cannot be accepted now",
                [("Retry-After", _RETRY_SECONDS)],
            )
        GUARD.counts.add("beacons")
        for reason in beacon.refused:
            GUARD.counts.add(reason)
        return _answer(204, self._origins.answer(headers))

    def _client(self, request: HttpRequest) -> str:
        """Address of the client, as far as it can be known.

        Each trusted proxy appends the address that it was called from, so that the client's is that
        many entries from the end; what stands before them is the client's own claim.
        """
        if not self._trusted_proxies:
            return request.peer
        hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",")]
        return hops[-min(self._trusted_proxies, len(hops))] or request.peer

    def _refuse(
        self,
        request: HttpRequest,
        status: int,
        why: str,
        headers: Iterable[tuple[str, str]] = (),
    ) -> HttpAnswer:
        GUARD.counts.add(_COUNTED[status])
        return _text(status, why, [*headers, *self._origins.answer(request.headers)])


def _text(status: int, why: str, headers: Iterable[tuple[str, str]] = ()) -> HttpAnswer:
    body = json.dumps({"error": why}).encode() + b"\n"
    return _answer(status, [*headers, ("Content-Type", "application/json")], body)


def _answer(
    status: int, headers: list[tuple[str, str]], body: bytes = b"", method: str = ""
) -> HttpAnswer:
    found = [*headers, ("X-Content-Type-Options", "nosniff")]
    if status not in (204, 304):
        found.append(("Content-Length", str(len(body))))
    return HttpAnswer(status, found, b"" if method == "HEAD" else body)
