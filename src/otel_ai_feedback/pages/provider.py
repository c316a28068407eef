"""Signing in by OpenID Connect: the way to the provider and back, by authlib.

The browser takes a signed cookie along that lasts ten minutes, with the state, the nonce and the
proof key (PKCE) of its attempt: only the browser that left can come back, once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from otel_ai_feedback.config import ConfigError, Settings
from otel_ai_feedback.escaping import log
from otel_ai_feedback.formats import duration
from otel_ai_feedback.pages.arrival import Arrival, SignInError
from otel_ai_feedback.pages.requests import is_https, local
from otel_ai_feedback.pages.tokens import usable_name

_logger = logging.getLogger(__name__)

START: Final = "/sign-in/oidc"
CALLBACK: Final = "/sign-in/oidc/callback"
_COOKIE: Final = "ai_feedback_sign_in"
_SECONDS: Final = 600
_TIMEOUT_SECONDS: Final = 10.0
_STATE: Final = "_state_provider_{}"
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


class Provider:
    """The sign-in provider of this server.

    Args:
        settings: ``oidc_issuer`` and its siblings.
        url: Address by which browsers reach this server.
        secret: Signs the cookie of an attempt; shared by all servers of one store.

    Raises:
        ConfigError: The settings do not belong together.
    """

    def __init__(self, settings: Settings, url: str, secret: bytes) -> None:
        issuer = settings.oidc_issuer or ""
        if not settings.oidc_client_id:
            raise ConfigError(
                ["OTEL_AI_FEEDBACK_OIDC_ISSUER needs OTEL_AI_FEEDBACK_OIDC_CLIENT_ID: the name "
                 "that the provider gave to this server"]
            )  # fmt: skip
        self.host = urlsplit(issuer).hostname or issuer
        self.proof = hashlib.sha256(f"{issuer} {settings.oidc_client_id}".encode()).hexdigest()
        self._issuer = issuer
        self._callback = url + CALLBACK
        self._secret = hmac.digest(secret, b"attempt to sign in", "sha256")
        self._name_claim = settings.oidc_name
        self._groups_claim = settings.oidc_groups
        self._client: StarletteOAuth2App = OAuth().register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=issuer.rstrip("/") + _WELL_KNOWN,
            client_kwargs={
                "scope": settings.oidc_scopes,
                "code_challenge_method": "S256",
                "timeout": _TIMEOUT_SECONDS,
            },
        )

    async def leave(self, request: Request, next_: str) -> Response:
        """Send a browser to the provider.

        Args:
            request: Of the browser.
            next_: The page of this server that it is to see in the end.

        Raises:
            SignInError: The provider does not answer, or not as one.
        """
        attempt: dict[str, Any] = {}
        request.scope["session"] = attempt
        try:
            await self._metadata()
            response: Response = await self._client.authorize_redirect(request, self._callback)
        except _FAILURES as error:
            raise self._failed(error) from None
        response.headers["Cache-Control"] = "no-store"
        response.set_cookie(
            _COOKIE,
            self._sealed({"attempt": attempt, "next": next_, "until": time.time() + _SECONDS}),
            max_age=_SECONDS,
            path=START,
            httponly=True,
            # The provider sends the browser back from another site.
            samesite="lax",
            secure=self.secure(request),
        )
        return response

    async def come_back(self, request: Request) -> Arrival:
        """Who a browser is that the provider has sent back.

        Raises:
            SignInError: It is not one that left, or the provider signed no one in.
        """
        kept = self._opened(request.cookies.get(_COOKIE, ""))
        state = request.query_params.get("state", "")
        if kept is None or _STATE.format(state) not in kept["attempt"]:
            raise SignInError(
                "This sign-in has expired, or began in another browser or tab. Try again."
            )
        # Not before the state is known to be ours: anyone can send someone to this address.
        if refused := request.query_params.get("error"):
            _logger.warning("%s refused a sign-in: %s", self._issuer, log(refused))
            raise SignInError(
                "You cancelled the sign-in, or have no access to this application at the provider."
                if refused == "access_denied"
                else f"The provider {self.host} refused the sign-in. "
                "The operator finds the cause in the log of serve."
            )
        request.scope["session"] = kept["attempt"]
        try:
            claims = await self._claims(request)
        except _FAILURES as error:
            raise self._failed(error) from None
        return Arrival(self._person(claims), self._groups(claims), local(str(kept["next"])))

    def forget(self, request: Request, response: Response) -> None:
        """Take the cookie of an attempt away: it is good for one."""
        response.delete_cookie(
            _COOKIE, path=START, httponly=True, samesite="lax", secure=self.secure(request)
        )

    def secure(self, request: Request) -> bool:
        """Whether cookies are for HTTPS only."""
        return is_https(request) or self._callback.startswith("https:")

    async def _metadata(self) -> dict[str, Any]:
        """The provider's description, as far as it is taken."""
        known: dict[str, Any] = await self._client.load_server_metadata()
        if known.get("issuer") != self._issuer:
            said = known.get("issuer")
            self._client.server_metadata.clear()
            raise ValueError(
                f"it calls itself {said!r}; OTEL_AI_FEEDBACK_OIDC_ISSUER must be the same"
            )
        signing = known.get("id_token_signing_alg_values_supported") or ["RS256"]
        # Not what anyone could sign, nor what the client's secret signs.
        known["id_token_signing_alg_values_supported"] = [
            name for name in signing if name[:2] in ("RS", "ES", "PS", "Ed")
        ]
        return known

    async def _claims(self, request: Request) -> dict[str, Any]:
        metadata = await self._metadata()
        token = await self._client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "values": [self._issuer]},
                "aud": {"essential": True, "value": self._client.client_id},
            },
        )
        claims = dict(token.get("userinfo") or {})
        if not claims.get("sub"):
            raise ValueError("it sent no id token")
        wanted = {self._name_claim, self._groups_claim}
        if not wanted <= claims.keys() and "userinfo_endpoint" in metadata:
            more = dict(await self._client.userinfo(token=token))
            if more.get("sub") != claims["sub"]:
                raise ValueError("its answer about a user is about another one")
            claims = more | claims
        return claims

    def _person(self, claims: dict[str, Any]) -> str:
        name = claims.get(self._name_claim)
        if not isinstance(name, str) or not usable_name(name):
            _logger.warning(
                "%s did not send a valid claim %s; it sent %s",
                self._issuer, self._name_claim, log(", ".join(sorted(claims))),
            )  # fmt: skip
            raise SignInError(
                f"The provider {self.host} did not send your {self._name_claim}, by which this "
                "server knows people. Its operator can choose another claim with "
                "OTEL_AI_FEEDBACK_OIDC_NAME."
            )
        if self._name_claim == "email" and claims.get("email_verified") not in (True, "true"):
            raise SignInError(
                f"The provider {self.host} does not say that the address {name} is verified. "
                "Verify it there, or ask the operator to choose another claim with "
                "OTEL_AI_FEEDBACK_OIDC_NAME."
            )
        return name

    def _groups(self, claims: dict[str, Any]) -> frozenset[str]:
        given = claims.get(self._groups_claim)
        given = [given] if isinstance(given, str) else given
        return frozenset(
            group for group in (given if isinstance(given, list) else ()) if isinstance(group, str)
        )

    def _failed(self, error: Exception) -> SignInError:
        """What a person is told of a failure at the provider; the log has the details."""
        _logger.warning(
            "sign-in by %s failed: %s", self._issuer, log(f"{type(error).__name__}: {error}")
        )
        if isinstance(error, httpx2.HTTPStatusError):
            what = f"answered with {error.response.status_code}"
        elif isinstance(error, httpx2.TimeoutException):
            what = f"did not answer within {duration(_TIMEOUT_SECONDS)}"
        elif isinstance(error, httpx2.HTTPError):
            what = "cannot be reached"
        elif isinstance(error, JoseError):
            what = "sent an answer that could not be verified"
        elif isinstance(error, AuthlibBaseError):
            what = "refused this server"
        else:
            what = "sent an answer that is not one of OpenID Connect"
        return SignInError(
            f"The provider {self.host} {what}. Try again; if it stays so, the operator finds the "
            "cause in the log of serve."
        )

    def _sealed(self, kept: dict[str, Any]) -> str:
        data = urlsafe_b64encode(json.dumps(kept, separators=(",", ":")).encode()).decode()
        return f"{data}.{hmac.new(self._secret, data.encode(), hashlib.sha256).hexdigest()}"

    def _opened(self, cookie: str) -> dict[str, Any] | None:
        data, _, signature = cookie.partition(".")
        expected = hmac.new(self._secret, data.encode("utf-8", "replace"), hashlib.sha256)
        if not hmac.compare_digest(
            expected.hexdigest().encode(), signature.encode("utf-8", "replace")
        ):
            return None
        kept: dict[str, Any] = json.loads(urlsafe_b64decode(data))
        return kept if kept["until"] > time.time() else None


# What a provider, or the way to it, can do to us.
_FAILURES: Final = (
    httpx2.HTTPError, httpx2.InvalidURL, AuthlibBaseError, JoseError,
    ValueError, KeyError, TypeError, RuntimeError,
)  # fmt: skip
