"""Signing in with a token: the guesses that are refused, and the cookie that is given."""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from typing import Final

from starlette.requests import Request

from otel_ai_feedback.pages.tokens import Tokens

COOKIE: Final = "ai_feedback_session"
SESSION_SECONDS: Final = 30 * 86_400

_GUESSES: Final = 10
_SECONDS_A_GUESS: Final = 30.0
_MOST_CLIENTS: Final = 10_000


class Sessions:
    """Cookies that say who someone is, signed with what only this server and its siblings know.

    The signature takes in the hash of the person's token: who is taken out of the file, or gets
    another token, is signed out.

    Args:
        secret: Shared by all servers of one store.
        tokens: Who may sign in.
    """

    def __init__(self, secret: bytes, tokens: Tokens) -> None:
        self._secret = secret
        self._tokens = tokens

    def make(self, name: str) -> str:
        """The cookie of someone who has just shown their token."""
        until = int(time.time()) + SESSION_SECONDS
        encoded = urlsafe_b64encode(name.encode()).decode().rstrip("=")
        return f"{encoded}.{until}.{self._signature(name, until)}"

    def read(self, cookie: str) -> str | None:
        """Who a cookie says someone is; ``None`` when it is not ours, or too old."""
        encoded, _, rest = cookie.partition(".")
        until, _, signature = rest.partition(".")
        try:
            name = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
        except ValueError:
            return None
        if not (until.isascii() and until.isdigit() and len(until) < 15):
            return None
        expected = self._signature(name, int(until))
        genuine = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
        known = self._tokens.digest(name) is not None
        return name if genuine and known and int(until) > time.time() else None

    def _signature(self, name: str, until: int) -> str:
        key = hmac.digest(self._secret, b"session:" + (self._tokens.digest(name) or b""), "sha256")
        return hmac.new(key, f"{until}:{name}".encode(), hashlib.sha256).hexdigest()


class Guesses:
    """How many wrong tokens a client may send: ten at once, then one in half a minute.

    Used from the event loop only, so it needs no lock.
    """

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> int:
        """After how many seconds this client may try again; 0 for now."""
        left = self._now(client)
        return 0 if left >= 1 else math.ceil((1 - left) * _SECONDS_A_GUESS)

    def wrong(self, client: str) -> None:
        """Count a wrong token."""
        self._left[client] = (self._now(client) - 1, time.monotonic())
        self._left.move_to_end(client)
        if len(self._left) > _MOST_CLIENTS:
            self._left.popitem(last=False)

    def _now(self, client: str) -> float:
        left, since = self._left.get(client, (float(_GUESSES), time.monotonic()))
        return min(left + (time.monotonic() - since) / _SECONDS_A_GUESS, _GUESSES)


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
