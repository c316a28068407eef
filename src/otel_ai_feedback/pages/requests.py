"""What a request carries: its form, origin and address, as far as they can be believed."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import ClientDisconnect, Request

_MOST_FORM_BYTES: Final = 65_536
_MOST_FIELDS: Final = 200
_FORM: Final = "application/x-www-form-urlencoded"

Form = ImmutableMultiDict[str, str]


async def form_of(request: Request) -> Form | None:
    """The fields of a form; ``None`` when it is none, or far too long."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return None
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_FORM_BYTES:
                return None
        fields = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except (ClientDisconnect, ValueError):
        return None
    return ImmutableMultiDict(fields)


def same_origin(request: Request) -> bool:
    """Whether the browser says that a page of this server sent this, or says nothing at all."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return True
    # Behind a proxy our own name may be another; no other site can make a browser send that header.
    names = (request.headers.get("host"), request.headers.get("x-forwarded-host"))
    return urlsplit(origin).netloc in [name for name in names if name]


def is_https(request: Request) -> bool:
    """Whether the browser came by HTTPS, to this server or to a proxy of ours."""
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"


def here(request: Request) -> str:
    """The address that was asked for, without the server."""
    query = request.url.query
    return local(request.url.path + (f"?{query}" if query else ""))


def local(path: str) -> str:
    """An address on this server, whatever was asked for."""
    sound = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable()
    return path if sound and not urlsplit(path).netloc else "/"


def client_of(request: Request, trusted_proxies: int) -> str:
    """Address of who asks: the one that the outermost of our own proxies saw.

    Args:
        request: The request.
        trusted_proxies: How many of ours add to ``X-Forwarded-For``.
    """
    peer = request.client.host if request.client else ""
    if trusted_proxies:
        hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",")]
        if len(hops) >= trusted_proxies and hops[-trusted_proxies]:
            peer = hops[-trusted_proxies]
    # An IPv6 host chooses from a /64.
    return ":".join(peer.split(":")[:4]) if ":" in peer else peer
