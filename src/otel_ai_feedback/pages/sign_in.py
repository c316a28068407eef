"""The pages to sign in and out, and the list of sessions."""

from __future__ import annotations

from typing import Final

import anyio.to_thread
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from otel_ai_feedback.pages.arrival import SignInError
from otel_ai_feedback.pages.guesses import Guesses
from otel_ai_feedback.pages.people import People, Visit
from otel_ai_feedback.pages.render import Pages
from otel_ai_feedback.pages.requests import client_of, form_of, local, same_origin
from otel_ai_feedback.pages.routes import page
from otel_ai_feedback.pages.sessions import COOKIE, Source

_NO_STORE: Final = {"Cache-Control": "no-store"}
_MISTAKES: Final = {
    "token": "Invalid token. Copy it again, without spaces or quotes around it.",
    "wait": "Too many failed attempts. Try again in {} seconds.",
}


class SignIn:
    """Signs people in by token and by OpenID Connect, and out again.

    Args:
        people: Know who may.
        pages: Renders.
        trusted_proxies: How many proxies of ours add to ``X-Forwarded-For``.
    """

    def __init__(self, people: People, pages: Pages, trusted_proxies: int) -> None:
        self._people = people
        self._pages = pages
        self._trusted_proxies = trusted_proxies
        self._guesses = Guesses()

    def routes(self) -> list[BaseRoute]:
        """The routes of these pages."""
        return [
            page(self._pages, "/sign-in", self._by_token, methods=("GET", "POST")),
            page(self._pages, "/sign-in/oidc", self._leave),
            page(self._pages, "/sign-in/oidc/callback", self._come_back),
            self._people.page("/sign-out", self._sign_out, methods=("POST",)),
            self._people.page("/sessions", self._listed),
            self._people.page("/sessions/end", self._end, methods=("POST",)),
        ]

    async def _by_token(self, request: Request) -> Response:
        if not self._people.can_sign_in:
            return self._people.refuse(request)
        if request.method != "POST":
            return self._people.sign_in_form(200, local(request.query_params.get("next", "/")))
        form = await form_of(request) or ImmutableMultiDict([])
        next_ = local(form.get("next", "/"))
        client = client_of(request, self._trusted_proxies)
        if wait := self._guesses.wait(client):
            return self._wait(next_, wait)
        name = self._people.tokens.owner(form.get("token", "").strip())
        proof = self._people.tokens.proof(name) if name is not None else None
        if name is None or proof is None or not same_origin(request):
            self._guesses.wrong(client)
            return self._people.sign_in_form(401, next_, mistake=_MISTAKES["token"])
        response = RedirectResponse(next_, 303, _NO_STORE)
        await self._begin(request, response, name, "token", proof)
        return response

    async def _leave(self, request: Request) -> Response:
        provider = self._people.provider
        next_ = local(request.query_params.get("next", "/"))
        if provider is None:
            return self._people.refuse(request)
        client = client_of(request, self._trusted_proxies)
        if wait := self._guesses.wait(client):
            return self._wait(next_, wait)
        try:
            return await provider.leave(request, next_)
        except SignInError as error:
            self._guesses.wrong(client)
            return self._people.sign_in_form(502, next_, mistake=str(error))

    async def _come_back(self, request: Request) -> Response:
        provider = self._people.provider
        if provider is None:
            return self._people.refuse(request)
        client = client_of(request, self._trusted_proxies)
        if wait := self._guesses.wait(client):
            return self._wait("/", wait)
        try:
            arrival = await provider.come_back(request)
        except SignInError as error:
            self._guesses.wrong(client)
            response = self._people.sign_in_form(401, "/", mistake=str(error))
            provider.forget(request, response)
            return response
        if not self._people.roles(arrival.person, arrival.groups):
            response = self._pages.render(
                "people/nobody.html",
                403,
                person=arrival.person,
                memberships=sorted(arrival.groups),
            )
        else:
            # Not a redirect: on one that began at another site, the cookie would not be sent.
            response = self._pages.render("people/again.html", next=arrival.next)
            groups = tuple(sorted(arrival.groups))
            await self._begin(request, response, arrival.person, "oidc", provider.proof, groups)
        provider.forget(request, response)
        return response

    async def _begin(
        self,
        request: Request,
        response: Response,
        person: str,
        source: Source,
        proof: str,
        groups: tuple[str, ...] = (),
    ) -> None:
        """Give the browser a session of its own, and end the one that it had."""
        before = request.cookies.get(COOKIE, "")
        sessions = self._people.sessions
        browser = request.headers.get("user-agent", "")

        def begin() -> tuple[str, int]:
            earlier = sessions.find(before)
            if earlier is not None:
                sessions.end(earlier.session_id)
            return sessions.begin(person, source, proof, groups, browser)

        self._people.set_cookie(request, response, *await anyio.to_thread.run_sync(begin))

    async def _sign_out(self, visit: Visit) -> Response:
        if visit.session is not None:
            await anyio.to_thread.run_sync(self._people.sessions.end, visit.session.session_id)
        return self._signed_out(visit)

    async def _listed(self, visit: Visit) -> Response:
        everyone = "admin" in visit.roles
        listed = self._people.sessions.listed
        found = await anyio.to_thread.run_sync(listed, "" if everyone else visit.person)
        return self._pages.render(
            "people/sessions.html", visit=visit, sessions=found, everyone=everyone
        )

    async def _end(self, visit: Visit) -> Response:
        """End one session, or all of the person."""
        session_id = visit.form.get("session_id", "")
        sessions, everyone = self._people.sessions, "admin" in visit.roles

        def end() -> None:
            if session_id == "all":
                for session in sessions.listed(visit.person):
                    sessions.end(session.session_id)
            else:
                sessions.end(session_id, None if everyone else visit.person)

        await anyio.to_thread.run_sync(end)
        own = visit.session is not None and session_id in ("all", visit.session.session_id)
        return self._signed_out(visit) if own else RedirectResponse("/sessions", 303, _NO_STORE)

    def _signed_out(self, visit: Visit) -> Response:
        response = RedirectResponse("/", 303, _NO_STORE)
        response.delete_cookie(
            COOKIE, httponly=True, samesite="strict", secure=self._people.secure(visit.request)
        )
        return response

    def _wait(self, next_: str, seconds: int) -> Response:
        refused = self._people.sign_in_form(429, next_, mistake=_MISTAKES["wait"].format(seconds))
        refused.headers["Retry-After"] = str(seconds)
        return refused
