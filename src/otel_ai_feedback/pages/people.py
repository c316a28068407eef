"""Who a request is from and what they may do, and pages that only people who are known may see.

A person is known by a header that a proxy sets, by a session that they signed in for, or, where
nothing is configured and only this machine can connect, as :mod:`.local_person` says.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import anyio.to_thread
from clickhouse_connect.driver.exceptions import ClickHouseError
from starlette.datastructures import ImmutableMultiDict, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from otel_ai_feedback.config import ConfigError, Settings
from otel_ai_feedback.pages import tokens
from otel_ai_feedback.pages.local_person import FIELD, LocalPerson
from otel_ai_feedback.pages.render import Pages, shown_to
from otel_ai_feedback.pages.requests import Form, form_of, here, is_https, same_origin
from otel_ai_feedback.pages.roles import EVERYONE, USUAL, Need, complete, granted
from otel_ai_feedback.pages.routes import page
from otel_ai_feedback.pages.sessions import COOKIE, Session, Sessions, Table
from otel_ai_feedback.setting_values import ROLES, Role

if TYPE_CHECKING:
    from otel_ai_feedback.pages.provider import Provider

_logger = logging.getLogger(__name__)

# Headers that a proxy adds: behind one, the neighbour on loopback is not the one who asks.
_OF_PROXIES: Final = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
_KNOWN: Final = "otel_ai_feedback.identity"


@dataclass(frozen=True)
class Identity:
    """Someone who is known.

    Attributes:
        person: Their name.
        roles: What they may do.
        session: Their session, where they signed in here.
    """

    person: str
    roles: frozenset[Role]
    session: Session | None = None


@dataclass(frozen=True)
class Visit:
    """A request of someone who is known.

    Attributes:
        request: The request.
        person: Their name, as their labels keep it.
        csrf: What a form on the page must send as ``csrf``.
        form: The fields that were sent by POST.
        session: Their session, where they signed in here.
        roles: What they may do.
        must_choose: Whether they have yet to say which person of the triage file they are.
    """

    request: Request
    person: str
    csrf: str
    form: Form = field(default_factory=lambda: ImmutableMultiDict([]))
    session: Session | None = None
    roles: frozenset[Role] = frozenset()
    must_choose: bool = False


PersonPage = Callable[[Visit], Awaitable[Response]]


class People:
    """Says who a request is from, and makes the routes that need to know.

    Args:
        settings: ``person_header``, ``person_proxies``, ``people``, ``roles`` and ``oidc_issuer``.
        pages: Renders.
        secret: Signs forms and attempts to sign in; shared by all servers of one store.
        only_this_machine: Whether no one else can connect.
        sessions: Keeps who is signed in.
        url: Address by which browsers reach this server.
        owners: The people of the triage file.

    Raises:
        ConfigError: The file of people is wrong, or settings do not belong together.
    """

    def __init__(
        self,
        settings: Settings,
        pages: Pages,
        *,
        secret: bytes,
        only_this_machine: bool,
        sessions: Table,
        url: str,
        owners: Sequence[str] = (),
    ) -> None:
        self._header = settings.person_header
        self._proxies = settings.person_proxies
        self.tokens = tokens.read(settings.people) if settings.people else tokens.Tokens({})
        self.provider = _provider(settings, url, secret, only_this_machine=only_this_machine)
        self.sessions = Sessions(sessions)
        if settings.people and not (self.can_sign_in or self._header):
            raise ConfigError(
                [f"{settings.people}: no one has a token; add one, or set "
                 "OTEL_AI_FEEDBACK_OIDC_ISSUER or OTEL_AI_FEEDBACK_PERSON_HEADER"]
            )  # fmt: skip
        self._groups = settings.roles or ({EVERYONE: USUAL} if self._header else {})
        self._pages = pages
        self._secret = secret
        configured = self._header is not None or self.can_sign_in
        self._local = LocalPerson(owners) if only_this_machine and not configured else None

    @property
    def can_sign_in(self) -> bool:
        """Whether there is a way to sign in here."""
        return bool(self.tokens) or self.provider is not None

    def roles(self, name: str, groups: frozenset[str]) -> frozenset[Role]:
        """What someone may do whom a proxy or provider names."""
        return granted(name, groups, self.tokens.roles, self._groups)

    def proof(self, session: Session) -> str | None:
        """What a session must rest on to go on; ``None`` when nothing does."""
        if session.source == "token":
            return self.tokens.proof(session.person)
        return self.provider.proof if self.provider else None

    async def of(self, request: Request) -> Identity | None:
        """Who a request is from; ``None`` for a stranger."""
        if _KNOWN not in request.scope:
            request.scope[_KNOWN] = await self._identity(request)
        known: Identity | None = request.scope[_KNOWN]
        return known

    def guard(self, routes: Sequence[BaseRoute], needs: Mapping[str, Need]) -> list[BaseRoute]:
        """The same routes for those who may use them.

        Args:
            routes: Of the whole server.
            needs: What each path needs; one that is missing here is a mistake of ours.

        Raises:
            LookupError: A route's path is not in ``needs``.
        """
        guarded: list[BaseRoute] = []
        for route in routes:
            if not isinstance(route, Route) or route.path not in needs:
                raise LookupError(f"no role is given for {route}")
            need = needs[route.path]
            if need.roles:
                app = _Guarded(self, self._pages, route.app, need)
                methods = sorted(route.methods) if route.methods else None
                guarded.append(Route(route.path, app, methods=methods))
            else:
                guarded.append(route)
        return guarded

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
            known = await self.of(request)
            if known is None:
                return self.refuse(request)
            visit = self.visit(request, known)
            if request.method not in ("GET", "HEAD"):
                form = await form_of(request)
                if form is None:
                    return self._pages.render("people/form.html", 413, visit=visit)
                if not (same_origin(request) and _same(form.get("csrf", ""), visit.csrf)):
                    return self._pages.render("people/csrf.html", 403, visit=visit)
                visit = self.visit(request, known, form)
                if self._local is not None and visit.must_choose:
                    return await self._chosen(self._local, visit, show)
            return await show(visit)

        return page(self._pages, path, answer, methods=methods)

    async def _chosen(self, local: LocalPerson, visit: Visit, show: PersonPage) -> Response:
        """Answer a form of someone who has said who they are, or ask them."""
        person = visit.form.get(FIELD, "")
        if person not in local.names:
            fields = [(name, value) for name, value in visit.form.multi_items() if name != "csrf"]
            return self._pages.render(
                "people/who.html",
                visit=visit,
                names=local.names,
                field=FIELD,
                fields=fields,
                path=here(visit.request),
            )
        response = await show(replace(visit, person=person, must_choose=False))
        local.remember(response, person)
        return response

    def visit(self, request: Request, known: Identity, form: Form | None = None) -> Visit:
        """A request of someone who is known, with the code of their forms."""
        # Of the session, whose secret changes while a form is open.
        session_id = known.session.session_id if known.session else ""
        csrf = hmac.digest(self._secret, f"csrf:{session_id}:{known.person}".encode(), "sha256")
        return Visit(
            request,
            known.person,
            csrf.hex(),
            form if form is not None else ImmutableMultiDict([]),
            session=known.session,
            roles=known.roles,
            must_choose=self._local is not None and self._local.must_choose(known.person),
        )

    def refuse(self, request: Request) -> Response:
        """The answer to a stranger: how to sign in here, or what to configure."""
        reading = request.method in ("GET", "HEAD")
        if not self.can_sign_in:
            return self._pages.render(
                "people/unknown.html", 401 if self._header else 403, header=self._header or ""
            )
        if reading and request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            # After a link in a mail the cookie was not sent (SameSite=Strict); it is from our page.
            return self._pages.render("people/again.html", 401, next=here(request))
        return self.sign_in_form(401, here(request) if reading else "/")

    def sign_in_form(self, status: int, next_: str, *, mistake: str = "") -> Response:
        """The page to sign in on.

        Args:
            status: Of the answer.
            next_: The page to show afterwards.
            mistake: What was wrong the last time.
        """
        return self._pages.render(
            "people/sign_in.html",
            status,
            next=next_,
            mistake=mistake,
            by_token=bool(self.tokens),
            provider=self.provider.host if self.provider else "",
        )

    def secure(self, request: Request) -> bool:
        """Whether cookies are for HTTPS only."""
        return self.provider.secure(request) if self.provider else is_https(request)

    def set_cookie(self, request: Request, response: Response, cookie: str, seconds: int) -> None:
        """Give a browser the cookie of its session."""
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=seconds,
            httponly=True,
            samesite="strict",
            secure=self.secure(request),
        )

    async def changed_cookie(self, request: Request, known: Identity) -> str | None:
        """The header of a session whose secret was just changed, once an hour."""
        if known.session is None:
            return None
        cookie = request.cookies.get(COOKIE, "")
        change = await anyio.to_thread.run_sync(self.sessions.changed, known.session, cookie)
        if change is None:
            return None
        carrier = Response()
        self.set_cookie(request, carrier, *change)
        return carrier.headers["set-cookie"]

    async def _identity(self, request: Request) -> Identity | None:
        if self._header is not None:
            named = self._named_by_proxy(request, self._header)
            if named is not None:
                return Identity(named, self.roles(named, frozenset()))
        if self.can_sign_in:
            return await self._signed_in(request.cookies.get(COOKIE, ""))
        if self._local is not None and not any(name in request.headers for name in _OF_PROXIES):
            return Identity(self._local.of(request), frozenset(ROLES))
        return None

    async def _signed_in(self, cookie: str) -> Identity | None:
        if not cookie:
            return None
        session = await anyio.to_thread.run_sync(self.sessions.find, cookie)
        if session is None or session.proof != self.proof(session):
            return None
        if session.source == "token":
            roles = complete(self.tokens.roles.get(session.person, USUAL))
        else:
            roles = self.roles(session.person, frozenset(session.groups))
        return Identity(session.person, roles, session)

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


class _Guarded:
    """A route behind the role that it needs."""

    def __init__(self, people: People, pages: Pages, app: ASGIApp, need: Need) -> None:
        self._people = people
        self._pages = pages
        self._app = app
        self._need = need

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            known = await self._people.of(request)
            if known is None:
                await self._people.refuse(request)(scope, receive, send)
                return
            cookie = await self._people.changed_cookie(request, known)
        except ClickHouseError as error:
            _logger.exception("who asks for %s cannot be looked up", request.url.path)
            why = str(error).partition("\n")[0]
            await self._pages.render("trouble.html", 503, why=why)(scope, receive, send)
            return

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and cookie is not None:
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        visit = self._people.visit(request, known)
        with shown_to(visit if known.session is not None else None):
            if not self._need.roles & known.roles:
                lacking = self._pages.render(
                    "people/no_role.html",
                    403,
                    visit=visit,
                    needed=[role for role in ROLES if role in self._need.roles],
                )
                await lacking(scope, receive, with_cookie)
            else:
                await self._app(scope, receive, with_cookie)


def _provider(
    settings: Settings, url: str, secret: bytes, *, only_this_machine: bool
) -> Provider | None:
    if settings.oidc_issuer is None:
        return None
    if settings.url is None and not only_this_machine:
        raise ConfigError(
            ["OTEL_AI_FEEDBACK_OIDC_ISSUER needs OTEL_AI_FEEDBACK_URL: the address to which the "
             "provider sends people back, such as https://feedback.example.com"]
        )  # fmt: skip
    try:
        from otel_ai_feedback.pages.provider import Provider
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("authlib", "httpx2", "joserfc"):
            raise
        raise ConfigError(
            ["OTEL_AI_FEEDBACK_OIDC_ISSUER needs authlib; run:\n"
             "  pip install 'otel-ai-feedback[serve,oidc]'"]
        ) from None  # fmt: skip
    return Provider(settings, settings.url or url, secret)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
