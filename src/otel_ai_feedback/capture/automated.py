"""Requests that a program made and no user: crawlers, monitors, load tests and health checks.

They say so by their user agent, or by what they ask for. What people use to call an API (curl, an
HTTP library) is not among them: their answers go to users of that API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

BOT: Final = "bot"
TEST: Final = "test"
HEALTH_CHECK: Final = "health_check"
SYNTHETIC: Final = "user_agent.synthetic.type"
"""OpenTelemetry's mark of such a request; it knows the first two of these values."""

_KINDS: Final = frozenset({BOT, TEST, HEALTH_CHECK})
_HEALTH_CHECK: Final = re.compile(
    r"kube-probe/|GoogleHC/|ELB-HealthChecker|Amazon-Route53-Health-Check|"
    r"Consul Health Check|HAProxy health|Envoy/HC|AlwaysOn|Blackbox Exporter|"
    r"UptimeRobot|Pingdom|StatusCake|BetterStack|Better Uptime|updown\.io",
    re.IGNORECASE,
)
_TEST: Final = re.compile(
    r"\bk6/|ApacheBench/|\bhey/|\boha/|vegeta|Gatling|JMeter|artillery|\bwrk/|autocannon|"
    r"Datadog/?Synthetics|DatadogSynthetics|CloudWatchSynthetics|GrafanaSynthetic|"
    r"RuxitSynthetic|Checkly|Chrome-Lighthouse",
    re.IGNORECASE,
)
# "bot" as the end of a word: Googlebot, GPTBot, bingbot; a phone named Cubot is none.
_BOT: Final = re.compile(
    r"(?<!cu)bot\b|\bbot|crawl|spider|slurp|archiver|facebookexternalhit|"
    r"mediapartners-google|google-extended|google-inspectiontool|feedfetcher|embedly|"
    r"whatsapp/|skypeuripreview|ChatGPT-User|Claude-User|Perplexity-User|headlessbot",
    re.IGNORECASE,
)
_HEALTH_PATH: Final = re.compile(
    r"/(?:_?health|healthz|livez|readyz|-/(?:healthy|ready))(?:/\w+)?/?"
)
_LOOKING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@lru_cache(maxsize=1024)
def kind_of_user_agent(user_agent: str) -> str | None:
    """What made a request, by its ``User-Agent``; ``None`` when it may be a user.

    Args:
        user_agent: The header's value.
    """
    shown = user_agent[:512]
    for kind, pattern in ((HEALTH_CHECK, _HEALTH_CHECK), (TEST, _TEST), (BOT, _BOT)):
        if pattern.search(shown):
            return kind
    return None


class Automated:
    """Tells by the first span of a request what made it.

    Args:
        exclude: The setting ``EXCLUDE``; its entries about user agents count as bots.
    """

    def __init__(self, exclude: Iterable[str] = ()) -> None:
        parts = (entry.partition("=") for entry in exclude)
        self._own: Final = tuple(
            pattern.strip("*").lower() for field, _, pattern in parts if field == "user_agent"
        )

    def kind(self, above: Mapping[str, Any]) -> str | None:
        """``bot``, ``test`` or ``health_check``; ``None`` when it may be a user.

        Args:
            above: Attributes of the first span of the request in this process.
        """
        marked = above.get(SYNTHETIC)
        if marked:
            return marked if marked in _KINDS else TEST
        user_agent = above.get("user_agent.original") or above.get("http.user_agent")
        if type(user_agent) is str and user_agent:
            kind = kind_of_user_agent(user_agent)
            if kind is None and self._own:
                shown = user_agent.lower()
                kind = BOT if any(own in shown for own in self._own) else None
            if kind is not None:
                return kind
        path = above.get("url.path") or above.get("http.target") or above.get("http.route")
        method = above.get("http.request.method") or above.get("http.method")
        if type(path) is str and method in _LOOKING and _HEALTH_PATH.fullmatch(path.split("?")[0]):
            return HEALTH_CHECK
        return None
