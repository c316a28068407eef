"""The alert for when no process is left to raise one.

A watchdog elsewhere (Healthchecks, Dead Man's Snitch, Cronitor, a heartbeat of a monitor)
expects a request every minute and tells people when none comes. It is sent only while everything
that the loop rests on really runs: a process whose jobs hang must not look alive.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import anyio
import httpx

from otel_ai_feedback._version import __version__
from otel_ai_feedback.formats import duration
from otel_ai_feedback.serve.heartbeat import Heartbeats

_logger = logging.getLogger(__name__)

PING_EVERY_SECONDS: Final = 60.0
_TIMEOUT_SECONDS: Final = 10.0


class PingError(Exception):
    """The switch did not take the ping; the message says why, without the address's secret."""


class Watchdog:
    """Pings while all parts are at work.

    Args:
        url: Address of the switch.
        heartbeats: Knows when each part last succeeded.
        within: How long ago at most, in seconds, by part.
        timeout: Seconds that a ping may take in all.
    """

    def __init__(
        self,
        url: str,
        heartbeats: Heartbeats,
        within: Mapping[str, float],
        timeout: float = _TIMEOUT_SECONDS,
    ) -> None:
        self._url = url
        self._heartbeats = heartbeats
        self._within = within
        self._timeout = timeout

    def __call__(self) -> None:
        """Ping once, or say why not.

        Raises:
            PingError: A part is late, or the switch did not take the ping.
        """
        late = self.late()
        if late:
            raise PingError(f"no ping is sent: {'; '.join(late)}")
        anyio.run(self._ping)

    def late(self) -> list[str]:
        """Which parts are not at work, in words."""
        found = []
        for part, seconds in self._within.items():
            idle = self._heartbeats.idle_seconds(part)
            if idle is None:
                found.append(f"{part} has not run yet")
            elif idle > seconds:
                found.append(f"{part} last ran {duration(idle)} ago")
        return found

    async def _ping(self) -> None:
        host = urlsplit(self._url).hostname
        try:
            # httpx bounds each read; a server that drips must not hold us either.
            with anyio.fail_after(self._timeout):
                async with (
                    httpx.AsyncClient(timeout=self._timeout, follow_redirects=True) as client,
                    client.stream(
                        "GET", self._url, headers={"User-Agent": f"otel-ai-feedback/{__version__}"}
                    ) as answer,
                ):
                    status = answer.status_code
        except TimeoutError:
            raise PingError(f"{host} did not answer within {duration(self._timeout)}") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PingError(f"{host} cannot be reached: {type(error).__name__}") from None
        if not 200 <= status < 300:
            raise PingError(f"{host} answered with {status}")
