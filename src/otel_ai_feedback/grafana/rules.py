"""The alert rules: what each asks, from where on it fires, and why there.

A rule covers all services: its statement gives one row a series, quiet ones too, with one number
``value`` and otherwise only texts, which become the labels of the alert. Grafana resolves by itself
a series that vanishes; what should be there and is not is the business of the rules about silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.grafana.statements import statement

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
            ``sql/rules/<name>.sql`` and of its runbook ``docs/runbooks/<name>.md``.
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
        return statement(f"rules/{self.name}")

    def more_sql(self, letter: str) -> str:
        """The statement of one of its further numbers."""
        return statement(f"rules/{self.name}.{self.more[letter]}")

    def breached(self, value: float) -> bool:
        """Whether a value is on the wrong side of the threshold."""
        return value > self.threshold if self.above else value < self.threshold


_NOTHING_YET: Final = "Before the first numbers there are none, and that is no fault."
_IS_SET: Final = "The view decides, and the value is 1 or 0."

RULES: Final = (
    Rule(
        name="quality-fell",
        severity="warning",
        owner="quality",
        summary="The share of good outputs of {service} {environment} {feature} fell by {A} "
        "standard errors; its newest number has {B} labels",
        above=True,
        threshold=2.5,
        why="A fall of 2.5 standard errors comes by chance in one week of 160; 3 would miss every "
        "fall under 19 points at 100 labels a week.",
        every=HOURLY,
        no_data="OK",
        why_no_data=_NOTHING_YET,
        false_alarms="0.03 a group: 4.3 new weeks a month, each with a chance of .0062",
        panel=("overview", "Quality"),
        more={"B": "labels"},
    ),
    Rule(
        name="signal-drift",
        severity="warning",
        owner="quality",
        summary="{series} of {service} {environment} {feature} {segment_kind} {segment} left its "
        "level: {A} times the evidence that raises an alarm, from {B} outputs",
        above=True,
        threshold=0.999,
        why="1 is where the view `drift` alarms: that threshold already grows with the number of "
        "series. Give 1.3 for about a third of the false alarms and a day more to find a fall.",
        every=HOURLY,
        no_data="OK",
        why_no_data=_NOTHING_YET,
        false_alarms="0.055 a series at most, as tests/store/test_drift.py measures",
        panel=("drift", "Evidence against the threshold"),
        more={"B": "n"},
    ),
    Rule(
        name="pipeline-silent",
        severity="critical",
        owner="platform",
        summary="Nothing has come from {service} {environment} {feature}, where other weeks had "
        "{A} outputs in these hours",
        above=True,
        threshold=20,
        why="Twenty outputs that do not come are no accident, even in bursts of five.",
        every=QUICK,
        for_seconds=600,
        # The store has forgotten every group, or lost its counts: then nothing comes at all.
        no_data="Alerting",
        why_no_data="A store without any group is silent as a whole.",
        false_alarms="0: a holiday on a weekday is the exception, once",
        panel=("pipeline", "Outputs by hour"),
    ),
    Rule(
        name="feedback-silent",
        severity="warning",
        owner="platform",
        summary="Nobody has done anything with the answers of {service} {environment} {feature}, "
        "where {A} of them should have been acted on",
        above=True,
        threshold=20,
        why="Twenty expected actions and none: by chance once in e^20, and once in e^4 where "
        "people act in bursts of five.",
        every=QUICK,
        for_seconds=600,
        no_data="OK",
        why_no_data="Where nobody ever did anything there is nothing to fall silent.",
        false_alarms="0.02 a group where people act in bursts, 0 elsewhere",
        panel=("pipeline", "Actions by way of linking"),
    ),
    Rule(
        name="link-rate-low",
        severity="warning",
        owner="platform",
        summary="At most {A} of the last day's actions of {service} {environment} {feature} found "
        "their output, of {B}",
        above=False,
        threshold=0.8,
        why="Where handles reach the page nearly every action finds its output; under four in five "
        "some way of linking has broken.",
        every=QUICK,
        for_seconds=3600,
        no_data="OK",
        why_no_data="A day without actions has no share; feedback-silent is about that.",
        false_alarms="0.01 a group: the upper end of a 95 % interval must fall below",
        panel=("pipeline", "Actions by way of linking"),
        more={"B": "n"},
    ),
)
"""Every rule, in the order in which people read them."""


def rules(thresholds: Mapping[str, float] | None = None) -> tuple[Rule, ...]:
    """The rules, with the thresholds of a deployment.

    Args:
        thresholds: Numbers by the name of the rule, for those that are not to have their own.

    Raises:
        ConfigError: There is no rule of such a name.
    """
    chosen = thresholds or {}
    known = {rule.name for rule in RULES}
    if unknown := sorted(set(chosen) - known):
        raise ConfigError(
            [
                f"alert_thresholds: there is no rule {name!r}; known are {', '.join(sorted(known))}"
                for name in unknown
            ]
        )
    return tuple(
        replace(rule, threshold=chosen[rule.name]) if rule.name in chosen else rule
        for rule in RULES
    )
