"""How a Grafana is to have the dashboards and rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.alerts.webhook import FOLDER
from otel_ai_feedback.config import ConfigError

DATASOURCE: Final = "grafana-clickhouse-datasource"
_UID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True)
class Options:
    """What differs from one Grafana to another.

    Attributes:
        folder: Title of the folder of dashboards and rules.
        datasource_uid: The ClickHouse data source.
        prefix: What the uid of each dashboard and rule begins with.
        url: Address of ``serve``, for links, without a slash at the end.
        thresholds: Thresholds of rules by their name, instead of their own.

    Raises:
        ConfigError: Something of it cannot be.
    """

    folder: str = FOLDER
    datasource_uid: str = "ai-feedback"
    prefix: str = "ai-feedback-"
    url: str = "http://127.0.0.1:8080"
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mistakes = []
        longest = 40 - max(len(rule.name) for rule in RULES)
        if not _UID.fullmatch(self.datasource_uid):
            mistakes.append(
                f"--datasource-uid: {self.datasource_uid!r} must be 1 to 40 letters, digits, - or _"
            )
        if not re.fullmatch(rf"[A-Za-z0-9_-]{{0,{longest}}}", self.prefix):
            mistakes.append(
                f"--prefix: {self.prefix!r} must be up to {longest} letters, digits, - and _"
            )
        if not self.folder.strip():
            mistakes.append("--folder: must not be empty")
        if not re.fullmatch(r"https?://[^\s/$]+(/[^\s$]*[^\s/$])?", self.url):
            mistakes.append(
                f"--url: {self.url!r} must be an address without a slash at its end, "
                "as in 'http://127.0.0.1:8080'"
            )
        if mistakes:
            raise ConfigError(mistakes)

    def uid(self, name: str) -> str:
        """The uid of a dashboard or rule."""
        return self.prefix + name
