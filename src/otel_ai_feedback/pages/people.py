"""Who a request is from, and pages that only people who are known may see and change.

A person is known by a header that a proxy sets, by a token that they signed in with, or, where
nothing is configured and only this machine can connect, as its operating-system user.
"""

from __future__ import annotations

import getpass
import hmac
import ipaddress
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from otel_ai_feedback.config import Settings
from otel_ai_feedback.pages import tokens
from otel_ai_feedback.pages.render import Pages
from otel_ai_feedback.pages.routes import page
from otel_ai_feedback.pages.sign_in import (
    COOKIE,
    SESSION_SECONDS,
    Guesses,
    Sessions,
    client_of,
)

_MOST_FORM_BYTES: Final = 65_536
_MOST_FIELDS: Final = 200
_FORM: Final = "application/x-www-form-urlencoded"
# Headers that a proxy adds: behind one, the neighbour on loopback is not the one who asks.
_OF_PROXIES: Final = ("x-forwarded-for", "forwarded", "x-real-ip", "via")

Form = ImmutableMultiDict[str, str]


@dataclass(frozen=True)
class Visit:
    """A request of someone who is known.

    Attributes:
        request: The request.
        person: Their name, as their labels keep it.
        csrf: What a form on the page must send as ``csrf``.
        form: The fields that were sent by POST.
        can_sign_out: Whether they came by a token.
    """

    request: Request
    person: str
    csrf: str
    form: Form = field(default_factory=lambda: ImmutableMultiDict([]))
    can_sign_out: bool = False


PersonPage = Callable[[Visit], Awaitable[Response]]


class People:
    """Says who a request is from, and makes the routes that need to know.

    Args:
        settings: ``person_header``, ``person_proxies``, ``people`` and ``trusted_proxies``.
        pages: Renders.
        secret: Signs cookies and forms; shared by all servers of one store.
        only_this_machine: Whether nobody else can connect.

    Raises:
        ConfigError: The file of people is wrong.
    """

    def __init__(
        self, settings: Settings, pages: Pages, *, secret: bytes, only_this_machine: bool
    ) -> None:
        self._header = settings.person_header
        self._proxies = settings.person_proxies
        self._trusted_proxies = settings.trusted_proxies
        self._tokens = tokens.read(settings.people) if settings.people else tokens.Tokens({})
        self._sessions = Sessions(secret, self._tokens)
        self._guesses = Guesses()
        self._pages = pages
        self._secret = secret
        configured = self._header is not None or bool(self._tokens)
        self._owner = _system_user() if only_this_machine and not configured else None

    def of(self, request: Request) -> str | None:
        """The name of who a request is from; ``None`` for a stranger."""
        if self._header is not None:
            named = self._named_by_proxy(request, self._header)
            if named is not None:
                return named
        if self._tokens:
            return self._sessions.read(request.cookies.get(COOKIE, ""))
        if self._owner is not None and not any(name in request.headers for name in _OF_PROXIES):
            return self._owner
        return None

    def page(self, path: str, show: PersonPage, *, methods: Sequence[str] = ("GET",)) -> BaseRoute:
        """A route for people who are known; strangers are asked who they are.

        A POST must come from a page of this server: it needs the field ``csrf`` of the form, and
        the browser must not say that another site sent it.

        Args:
            path: Starlette's path, from the root.
            show: Answers a visit.
            methods: HTTP methods that it answers.
        """

        async def answer(request: Request) -> Response:
            person = self.of(request)
            if person is None:
                return self._refuse(request)
            visit = self._visit(request, person)
            if request.method not in ("GET", "HEAD"):
                form = await _form(request)
                if form is None:
                    return self._pages.render("people/form.html", 413, visit=visit)
                if not (_same_origin(request) and _same(form.get("csrf", ""), visit.csrf)):
                    return self._pages.render("people/csrf.html", 403, visit=visit)
                visit = self._visit(request, person, form)
            return await show(visit)

        return page(self._pages, path, answer, methods=methods)

    def routes(self) -> list[BaseRoute]:
        """The pages to sign in and out."""
        return [
            page(self._pages, "/sign-in", self._sign_in, methods=("GET", "POST")),
            self.page("/sign-out", self._sign_out, methods=("POST",)),
        ]

    def _visit(self, request: Request, person: str, form: Form | None = None) -> Visit:
        cookie = request.cookies.get(COOKIE, "") if self._tokens else ""
        csrf = hmac.digest(self._secret, f"csrf:{cookie}:{person}".encode(), "sha256").hex()
        return Visit(
            request,
            person,
            csrf,
            form if form is not None else ImmutableMultiDict([]),
            can_sign_out=bool(cookie) and self._sessions.read(cookie) == person,
        )

    def _named_by_proxy(self, request: Request, header: str) -> str | None:
        given = request.headers.getlist(header)
        if len(given) != 1 or not (request.client and self._is_proxy(request.client.host)):
            return None
        # Headers are bytes; proxies send names as UTF-8.
        name = given[0].encode("latin-1").decode("utf-8", "replace").strip()
        return name if tokens.usable_name(name) else None

    def _is_proxy(self, address: str) -> bool:
        try:
            peer = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(peer, "ipv4_mapped", None)
        return any((mapped or peer) in network for network in self._proxies)

    def _refuse(self, request: Request) -> Response:
        reading = request.method in ("GET", "HEAD")
        if not self._tokens:
            return self._pages.render(
                "people/unknown.html", 401 if self._header else 403, header=self._header or ""
            )
        if reading and request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            # After a link in a mail the cookie was not sent (SameSite=Strict); it is from our page.
            return self._pages.render("people/again.html", 401, next=_here(request))
        return self._pages.render(
            "people/sign_in.html", 401, next=_here(request) if reading else "/", wrong="", wait=0
        )

    async def _sign_in(self, request: Request) -> Response:
        if not self._tokens:
            return self._refuse(request)
        if request.method != "POST":
            next_ = _local(request.query_params.get("next", "/"))
            return self._pages.render("people/sign_in.html", next=next_, wrong="", wait=0)
        form = await _form(request) or ImmutableMultiDict([])
        next_ = _local(form.get("next", "/"))
        client = client_of(request, self._trusted_proxies)
        wait = self._guesses.wait(client)
        if wait:
            refused = self._pages.render(
                "people/sign_in.html", 429, next=next_, wrong="wait", wait=wait
            )
            refused.headers["Retry-After"] = str(wait)
            return refused
        name = self._tokens.owner(form.get("token", "").strip())
        if name is None or not _same_origin(request):
            self._guesses.wrong(client)
            return self._pages.render("people/sign_in.html", 401, next=next_, wrong="token", wait=0)
        response = RedirectResponse(next_, 303, {"Cache-Control": "no-store"})
        response.set_cookie(
            COOKIE,
            self._sessions.make(name),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=_is_https(request),
        )
        return response

    async def _sign_out(self, visit: Visit) -> Response:
        response = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
        response.delete_cookie(
            COOKIE, httponly=True, samesite="strict", secure=_is_https(visit.request)
        )
        return response


async def _form(request: Request) -> Form | None:
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


def _same_origin(request: Request) -> bool:
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


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _is_https(request: Request) -> bool:
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"


def _here(request: Request) -> str:
    query = request.url.query
    return _local(request.url.path + (f"?{query}" if query else ""))


def _local(path: str) -> str:
    """An address on this server, whatever was asked for."""
    sound = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable()
    return path if sound and not urlsplit(path).netloc else "/"


def _system_user() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = ""
    return name if tokens.usable_name(name) else f"uid-{os.getuid()}"
