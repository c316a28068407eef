"""What an alert rule is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from otel_ai_feedback.store.statements import Statement, statement

Severity = Literal["critical", "warning", "info"]
NoData = Literal["NoData", "Alerting", "OK", "KeepLast"]
OnError = Literal["Error", "Alerting", "OK", "KeepLast"]

QUICK: Final = 300
HOURLY: Final = 3600


@dataclass(frozen=True)
class Rule:
    """One alert rule.

    Attributes:
        name: Its name, which the label ``alertname`` of its alerts has; also that of its statement
            ``sql/<name>.sql`` and of its runbook ``docs/runbooks/<name>.md``.
        severity: How bad: ``critical`` wakes somebody.
        owner: Which role it is for; the triage file says which person has it.
        summary: What an alert says; ``{label}`` is a label of it, ``{A}`` the value, and further
            letters are those of ``more``.
        above: Whether it fires above the threshold or below it.
        threshold: The number. Reaching it is not enough, as Grafana knows only above and below.
        why: Why there.
        every: Seconds between two evaluations.
        for_seconds: How long a series must stay on the wrong side before it fires.
        no_data: What a result without any row means.
        why_no_data: Why.
        on_error: What a failing question means.
        false_alarms: How often to expect it for nothing, in words.
        panel: Dashboard and title of the panel that shows what it looks at.
        more: Further numbers with the same labels, by the letter that ``summary`` has for them:
            the last part of the name of their statement.
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
    # A question that fails is news about the store, not about the answers: an alert of its own.
    on_error: OnError = "Error"
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """Its statement."""
        return self._statement().text

    @property
    def question(self) -> str:
        """First line of the statement's comment: what the rule asks."""
        return self._statement().question

    def more_sql(self, letter: str) -> str:
        """The statement of one of its further numbers."""
        return statement(f"alerts/{self.name}.{self.more[letter]}").text

    def _statement(self) -> Statement:
        return statement(f"alerts/{self.name}")

    def breached(self, value: float) -> bool:
        """Whether a value is on the wrong side of the threshold."""
        return value > self.threshold if self.above else value < self.threshold
