"""Alerting in ``serve``: rules are evaluated, alerts open incidents, owners are notified.

Without a triage file there is no owner, so alerting is off and every page says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Final, Protocol

from clickhouse_connect.driver.client import Client
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from otel_ai_feedback import triage
from otel_ai_feedback.alerts.alert import Alert
from otel_ai_feedback.alerts.check import Checker
from otel_ai_feedback.alerts.rules import rules
from otel_ai_feedback.config import Settings
from otel_ai_feedback.pages import Pages, People, Questions
from otel_ai_feedback.pages.render import Notice
from otel_ai_feedback.serve.heartbeat import Heartbeats
from otel_ai_feedback.serve.periodic import Periodic
from otel_ai_feedback.triage.model import Triage

RULES_EVERY_SECONDS: Final = 60.0
WEBHOOK: Final = "/triage/webhook"
OUTPUT_LINKS: Final = {"Open an incident": "/needs-owner?output_id="}
"""What can be done with an output when alerting is on."""


class Open(Protocol):
    """Makes clients of the store that are closed with ``serve``."""

    def __call__(self, *, read_only: bool = False) -> Client:
        """One more client."""


@dataclass(frozen=True)
class Alerting:
    """The alerting of one ``serve``.

    Attributes:
        triage: The triage file; ``None`` when alerting is off.
        routes: Where Grafana's notifications come in.
        turns: Periodic work: name, seconds between, call.
        stopping: Set when a run is to end soon: all rules together may take minutes.
    """

    triage: Triage | None
    routes: Sequence[BaseRoute]
    turns: Sequence[tuple[str, float, Callable[[], object]]]
    stopping: threading.Event = field(default_factory=threading.Event)

    def start(self, stack: ExitStack, heartbeats: Heartbeats) -> None:
        """Start the periodic work, until the stack is closed."""
        for name, seconds, call in self.turns:
            stack.enter_context(Periodic(heartbeats.of(name, call), seconds, name))
        stack.callback(self.stopping.set)


def owners(settings: Settings) -> Triage | None:
    """The triage file of this deployment; ``None`` when there is none.

    Raises:
        ConfigError: The file leaves a rule without an owner, or is wrong otherwise.
    """
    return triage.of(settings, rules(settings.alert_thresholds))


def prepare(
    settings: Settings,
    who: Triage | None,
    client: Open,
    shell: Pages,
    people: People,
    questions: Questions,
    url: str,
) -> Alerting:
    """Assemble the alerting.

    Args:
        settings: ``triage_secret``, ``url``, and what the rules need.
        who: From :func:`owners`.
        client: Makes clients of the store.
        shell: Its pages say when alerting is off.
        people: Identify the visitor.
        questions: Asks the store, for the pages.
        url: Where this server listens.
    """
    if who is None:
        shell.announce("triage", [Notice(triage.NO_OWNER, "/health", "System health")])
        return Alerting(None, [Route(WEBHOOK, _no_owner, methods=["POST", "PUT"])], [])
    from otel_ai_feedback.triage.incidents import Incidents
    from otel_ai_feedback.triage.report_output import Reporting
    from otel_ai_feedback.triage.service import EVERY_SECONDS, Service
    from otel_ai_feedback.triage.webhook import Webhook

    address = settings.url or url
    found = Incidents(client(), who)
    checker = Checker.of(client(read_only=True), settings, address)
    service = Service(client(), who, address)

    stopping = threading.Event()

    def evaluate() -> None:
        now = datetime.now(timezone.utc)

        def take(news: list[Alert]) -> None:
            for alert in news:
                found.take(alert, source="check", at=now)

        checker.run(now, due_only=True, tell=take, stop=stopping.is_set)

    webhook = Webhook(Incidents(client(), who), settings.triage_secret)
    reporting = Reporting(Incidents(client(), who), questions, shell)
    return Alerting(
        who,
        [webhook.route(), reporting.route(people)],
        [("rules", RULES_EVERY_SECONDS, evaluate), ("triage", EVERY_SECONDS, service.run)],
        stopping,
    )


async def _no_owner(_: Request) -> Response:
    return JSONResponse({"error": triage.NO_OWNER}, 503)
