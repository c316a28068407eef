"""Who is signed in: what the cookie of a browser is worth, until when, and how it ends.

A cookie is a name and a secret of 256 bits. The store has the hash of the secret, so a copy of the
store signs nobody in. The secret is changed every hour of use, and one that was changed long ago is
a stolen one: it ends the session.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Final, Literal, Protocol

COOKIE: Final = "ai_feedback_session"

Source = Literal["token", "oidc"]

LENGTH: Final[dict[Source, timedelta]] = {
    "token": timedelta(days=30),
    # Who loses their account at the provider is out within the day.
    "oidc": timedelta(hours=12),
}
UNUSED: Final = timedelta(days=7)
CHANGE_EVERY: Final = timedelta(hours=1)
# Requests that were on their way when the secret was changed, and the answer that was lost.
_GRACE: Final = timedelta(minutes=2)
# How long a session that was ended at another server may go on at this one.
_FRESH_SECONDS: Final = 10.0
_MOST_KEPT: Final = 10_000
_MOST_BROWSER: Final = 200


@dataclass(frozen=True)
class Session:
    """One person in one browser.

    Attributes:
        session_id: Name of it, which is no secret.
        person: Who signed in.
        source: By what.
        proof: Hash of what they showed, which must still be what it was.
        groups: In which the provider said that they are.
        secret: SHA-256 of what the browser shows.
        secret_before: SHA-256 of what it showed before.
        changed_at: When that was changed; the last use is at most an hour later.
        began_at: When they signed in.
        ends_at: When they must do so again.
        browser: What the browser calls itself.
        ended: Whether it is over.
    """

    session_id: str
    person: str
    source: Source
    proof: str
    groups: tuple[str, ...]
    secret: str
    secret_before: str
    changed_at: datetime
    began_at: datetime
    ends_at: datetime
    browser: str
    ended: bool = False


class Table(Protocol):
    """Where sessions are kept."""

    def find(self, session_id: str) -> Session | None:
        """The session of this id."""

    def of(self, person: str, as_of: datetime) -> list[Session]:
        """Those of a person that are not over, the last used first; of everyone without a name."""

    def write(self, session: Session) -> None:
        """Keep this in place of what was kept under its id."""


class Sessions:
    """Begins, finds and ends sessions. Callable from any thread.

    Args:
        table: Keeps them, for all servers of one store.
        now: What time it is.
    """

    def __init__(
        self, table: Table, now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    ) -> None:
        self._table = table
        self._now = now
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Session, float]] = OrderedDict()

    def begin(
        self, person: str, source: Source, proof: str, groups: Iterable[str], browser: str
    ) -> tuple[str, int]:
        """Sign someone in.

        Args:
            person: Who they are.
            source: By what they are known.
            proof: Hash of what they showed.
            groups: In which the provider says that they are.
            browser: What the browser calls itself.

        Returns:
            The cookie, and after how many seconds it is worth nothing.
        """
        now, secret = self._now(), secrets.token_urlsafe(32)
        session = Session(
            session_id=secrets.token_hex(12),
            person=person,
            source=source,
            proof=proof,
            groups=tuple(groups),
            secret=_hash(secret),
            secret_before="",
            changed_at=now,
            began_at=now,
            ends_at=now + LENGTH[source],
            browser="".join(filter(str.isprintable, browser))[:_MOST_BROWSER],
        )
        with self._lock:
            self._write(session)
        return f"{session.session_id}.{secret}", int(LENGTH[source].total_seconds())

    def find(self, cookie: str) -> Session | None:
        """The session of a cookie; ``None`` when it is none, or over."""
        session_id, _, secret = cookie.partition(".")
        if len(session_id) != 24 or not secret:
            return None
        with self._lock:
            session = self._read(session_id)
            if session is None or self._over(session):
                return None
            given = _hash(secret)
            if hmac.compare_digest(given, session.secret):
                return session
            if not hmac.compare_digest(given, session.secret_before):
                return None
            if self._now() - session.changed_at > _GRACE:
                self._write(replace(session, ended=True))
                return None
            return session

    def changed(self, session: Session, cookie: str) -> tuple[str, int] | None:
        """Another cookie for a session, and its seconds, once an hour.

        Args:
            session: From :meth:`find`.
            cookie: What it was found by.
        """
        now, secret = self._now(), secrets.token_urlsafe(32)
        with self._lock:
            latest = self._read(session.session_id)
            if latest is None or latest.ended or now - latest.changed_at < CHANGE_EVERY:
                return None
            if not hmac.compare_digest(_hash(cookie.partition(".")[2]), latest.secret):
                return None
            self._write(
                replace(latest, secret=_hash(secret), secret_before=latest.secret, changed_at=now)
            )
        return f"{session.session_id}.{secret}", int((latest.ends_at - now).total_seconds())

    def end(self, session_id: str, person: str | None = None) -> None:
        """End a session.

        Args:
            session_id: Which.
            person: Whose it must be; anyone's without.
        """
        with self._lock:
            session = self._read(session_id)
            if session is not None and person in (None, session.person) and not session.ended:
                self._write(replace(session, ended=True))

    def listed(self, person: str = "") -> list[Session]:
        """Sessions of a person that go on, the last used first; of everyone without a name."""
        with self._lock:
            found = self._table.of(person, self._now())
        return [session for session in found if not self._over(session)]

    def _over(self, session: Session) -> bool:
        now = self._now()
        return session.ended or now >= session.ends_at or now - session.changed_at >= UNUSED

    def _read(self, session_id: str) -> Session | None:
        session, read_at = self._kept.get(session_id, (None, 0.0))
        if session is None or time.monotonic() - read_at > _FRESH_SECONDS:
            session = self._table.find(session_id)
            if session is not None:
                self._keep(session)
        return session

    def _write(self, session: Session) -> None:
        self._table.write(session)
        self._keep(session)

    def _keep(self, session: Session) -> None:
        self._kept[session.session_id] = (session, time.monotonic())
        self._kept.move_to_end(session.session_id)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
