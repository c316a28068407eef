"""What the parts of one ``serve`` do: counted here, and written into the store once a minute."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from clickhouse_connect.driver.client import Client
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from otel_ai_feedback.store import heartbeats
from otel_ai_feedback.store.heartbeats import Heartbeat

WRITE_EVERY_SECONDS: Final = 60.0


class Heartbeats:
    """Counts turns and requests by part. Any thread may count.

    Args:
        clock: Seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._accepted: Counter[str] = Counter()
        self._refused: dict[str, Counter[str]] = {}
        self._worked_at: dict[str, float] = {}

    def accepted(self, part: str) -> None:
        """A turn of a part succeeded, or a request was taken in."""
        with self._lock:
            self._accepted[part] += 1
            self._worked_at[part] = self._clock()

    def refused(self, part: str, why: str) -> None:
        """A turn failed, or a request was refused; ``why`` is a status or a class of error."""
        with self._lock:
            self._refused.setdefault(part, Counter())[why] += 1

    def of(self, part: str, call: Callable[[], Any]) -> Callable[[], Any]:
        """The same call, counted as a turn of a part."""

        def turn() -> Any:
            try:
                result = call()
            except Exception as error:
                self.refused(part, type(error).__name__)
                raise
            self.accepted(part)
            return result

        return turn

    def idle_seconds(self, part: str) -> float | None:
        """How long ago a part last succeeded; ``None`` when it has not yet."""
        with self._lock:
            at = self._worked_at.get(part)
            return None if at is None else self._clock() - at

    def write(self, client: Client) -> None:
        """Write down what was counted since the last time. What cannot be written is kept."""
        with self._lock:
            accepted, self._accepted = self._accepted, Counter()
            refused, self._refused = self._refused, {}
        counted = [
            Heartbeat(
                part,
                accepted[part],
                sum(refused.get(part, Counter()).values()),
                refused.get(part, {}),
            )
            for part in sorted({*accepted, *refused})
        ]
        if not counted:
            return
        try:
            heartbeats.write(client, counted)
        except Exception:
            with self._lock:
                self._accepted.update(accepted)
                for part, why in refused.items():
                    self._refused.setdefault(part, Counter()).update(why)
            raise


class Counted:
    """An application whose POST requests are counted as taken in (2xx) or refused, by status.

    Args:
        app: The application.
        heartbeats: Where to.
        part: As which part.
    """

    def __init__(self, app: ASGIApp, heartbeats: Heartbeats, part: str) -> None:
        self._app = app
        self._heartbeats = heartbeats
        self._part = part

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def count(message: Message) -> None:
            # Anyone who tries another method is no exporter.
            if message["type"] == "http.response.start" and scope["method"] == "POST":
                if 200 <= message["status"] < 300:
                    self._heartbeats.accepted(self._part)
                else:
                    self._heartbeats.refused(self._part, str(message["status"]))
            await send(message)

        await self._app(scope, receive, count)
