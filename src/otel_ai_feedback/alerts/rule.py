"""What an alert rule is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from otel_ai_feedback.store.statements import Statement, statement

Severity = Literal["critical", "warning", "info"]
NoData = Literal["NoData", "Alerting", "OK", "KeepLast"]
OnError = Literal["Error", "Alerting", "OK", "KeepLast"]

QUICK: Final = 300
HOURLY: Final = 3600

CONDITION: Final = "condition_met"
"""Name of a value that is 1 for yes and 0 for no."""

SCOPE: Final = "scope"
"""Place in a summary for service, environment and feature: ``demo-chat (production, chat)``."""


@dataclass(frozen=True)
class Rule:
    """One alert rule.

    Attributes:
        name: Its name, which the label ``alertname`` of its alerts has; also that of its statement
            ``sql/<name>.sql`` and of its runbook ``docs/runbooks/<name>.md``.
        severity: How bad: ``critical`` wakes the owner.
        owner: The role it is for; the triage file says who fills it.
        summary: The text of an alert; ``{scope}`` is its service, environment and feature,
            ``{name}`` one of its labels or numbers.
        above: Whether it fires above the threshold or below it.
        threshold: The number. Reaching it is not enough, as Grafana knows only above and below.
        why: The reason for that threshold.
        every: Seconds between two evaluations.
        for_seconds: How long a series must stay on the wrong side before it fires.
        no_data: What a result without any row means.
        why_no_data: The reason.
        on_error: What a failing query means.
        false_alarms: How often to expect a false alert, in words.
        panel: Dashboard and title of the panel that shows its data.
        quantity: Name of its value; ``CONDITION`` where the value is 1 for yes.
        more: Names of further numbers with the same labels: ``sql/<rule>.<name>.sql`` each.
    """

    name: str
    severity: Severity
    owner: str
    summary: str
    above: bool
    threshold: float
    why: str
    every: int
    no_data: NoData
    why_no_data: str
    false_alarms: str
    panel: tuple[str, str]
    for_seconds: int = 0
    # A failing query says something about the store, not about answers: an alert of its own.
    on_error: OnError = "Error"
    quantity: str = CONDITION
    more: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """Its statement."""
        return self._statement().text

    @property
    def question(self) -> str:
        """First line of the statement's comment: the question of the rule."""
        return self._statement().question

    def more_sql(self, name: str) -> str:
        """The statement of one of its further numbers."""
        return statement(f"alerts/{self.name}.{name}").text

    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of all its numbers."""
        return (self.quantity, *self.more)

    def _statement(self) -> Statement:
        return statement(f"alerts/{self.name}")

    def breached(self, value: float) -> bool:
        """Whether a value is on the wrong side of the threshold."""
        return value > self.threshold if self.above else value < self.threshold
