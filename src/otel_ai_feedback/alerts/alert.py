"""An alert: one series of one rule that fires, or has stopped firing.

The same object for the alert engine, Grafana's webhook and the incident that it opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

Status = Literal["firing", "resolved"]

SEVERITIES: Final = ("critical", "warning", "info")
"""From worst to least."""

_DEFAULT_SEVERITY: Final = "warning"
# Names of the alerts about a rule without data, or one that cannot be evaluated.
NO_DATA: Final = "DatasourceNoData"
ERROR: Final = "DatasourceError"


@dataclass(frozen=True)
class Alert:
    """One alert.

    Attributes:
        status: Whether it fires.
        labels: All labels, ``alertname`` among them.
        values: Its numbers, by the name of the quantity.
        starts_at: When it began to fire; ``None`` when that is not known.
        ends_at: When it stopped, if it has.
        annotations: ``summary``, ``description``, ``runbook_url`` and ``rows_url``.
        links: Web addresses, by Grafana's names for them.
        is_news: Whether it began or ended at this evaluation, or is due to be repeated.
    """

    status: Status
    labels: Mapping[str, str]
    values: Mapping[str, float | None]
    starts_at: datetime | None
    ends_at: datetime | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    is_news: bool = True

    @property
    def firing(self) -> bool:
        """Whether it fires; else it has resolved."""
        return self.status == "firing"

    @property
    def rule(self) -> str:
        """Name of the rule."""
        return self.labels.get("alertname", "")

    @property
    def severity(self) -> str:
        """One of ``SEVERITIES``."""
        severity = self.labels.get("severity", "").lower()
        return severity if severity in SEVERITIES else _DEFAULT_SEVERITY

    @property
    def service(self) -> str:
        """The service; empty when it is about all."""
        return self.labels.get("service", "")

    @property
    def environment(self) -> str:
        """The environment, or empty."""
        return self.labels.get("environment", "")

    @property
    def feature(self) -> str:
        """The feature, or empty."""
        return self.labels.get("feature", "")

    @property
    def series(self) -> str:
        """The signal, or empty."""
        return self.labels.get("series", "")

    @property
    def direction(self) -> str:
        """``fell``, ``rose``, or empty."""
        return self.labels.get("direction", "")

    @property
    def segment_kind(self) -> str:
        """``all``, ``model``, ``release``, ``mode``, empty, or ``rule`` when it is about one."""
        if self._is_about_rule:
            return "rule"
        return "mode" if "mode" in self.labels else self.labels.get("segment_kind", "")

    @property
    def segment(self) -> str:
        """Which one of that kind."""
        name = {"rule": "rulename", "mode": "mode"}.get(self.segment_kind, "segment")
        return self.labels.get(name, "")

    @property
    def _is_about_rule(self) -> bool:
        return self.rule in (NO_DATA, ERROR)

    @property
    def key(self) -> dict[str, str]:
        """What makes it the same alert as another."""
        return {
            name: str(getattr(self, name))
            for name in (
                "rule", "service", "environment", "feature", "series", "segment_kind", "segment",
            )
        }  # fmt: skip

    @property
    def summary(self) -> str:
        """One sentence that says what is wrong."""
        return self.annotations.get("summary", "")

    @property
    def details(self) -> dict[str, Any]:
        """What an incident keeps of it."""
        return {
            "values": dict(self.values),
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
            "links": dict(self.links),
        }

    def labelled(self, **labels: str) -> Alert:
        """The same alert with some labels changed."""
        return replace(self, labels={**self.labels, **labels})
