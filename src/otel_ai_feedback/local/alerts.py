"""Evaluates the alert rules while ``serve`` runs, and passes on what is news."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from otel_ai_feedback.grafana.check import Checker
from otel_ai_feedback.grafana.webhook import Alert, body

_logger = logging.getLogger(__name__)

Tell = Callable[[dict[str, Any]], object]
"""Takes a message in the shape of the body that Grafana's webhook sends."""


class Alerts:
    """One turn: the rules that are due.

    Args:
        checker: Evaluates them.
        url: Address of this server, for links.
        tell: Who is to know; without anybody, what fires is logged.
    """

    def __init__(self, checker: Checker, url: str, tell: Tell | None = None) -> None:
        self._checker = checker
        self._url = url
        self._tell = tell

    def __call__(self) -> None:
        """Evaluate what is due."""
        self._checker.run(datetime.now(timezone.utc), due_only=True, tell=self._pass_on)

    def _pass_on(self, news: list[Alert]) -> None:
        if self._tell:
            self._tell(body(news, self._url))
            return
        for alert in news:
            _logger.warning("%s, which nobody owns: %s", alert.status, alert.summary)
