"""The alert rules: what each asks, from where on it fires, and why there.

A rule covers all services: its statement gives one row a series, quiet ones too, with one number
``value`` and otherwise only texts, which become the labels of the alert. Grafana resolves by itself
a series that vanishes; what should be there and is not is the business of the rules about silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from otel_ai_feedback.alerts.rule import HOURLY, QUICK, Rule, Severity
from otel_ai_feedback.config import ConfigError

_NOTHING_YET: Final = "Before the first numbers there are none, and that is no fault."
_GROUP: Final = "{service} {environment} {feature}"


def _loop(
    name: str,
    severity: Severity,
    owner: str,
    summary: str,
    false_alarms: str,
    panel: tuple[str, str] = ("pipeline", "What the loop says of itself"),
    every: int = QUICK,
) -> Rule:
    """A rule about the loop itself, on which ``loop_health`` decides."""
    return Rule(
        name=name,
        severity=severity,
        owner=owner,
        summary=summary,
        above=True,
        threshold=0.5,
        why="1 is yes: the view `loop_health` decides, with the thresholds of HEALTH_THRESHOLDS, "
        "whose reasons are in docs/health.md.",
        every=every,
        # Two turns: a restart between a beat and the next question is no fault.
        for_seconds=0 if every == HOURLY else 600,
        no_data="OK",
        why_no_data="In a store that nothing has reached yet, nothing is missing.",
        false_alarms=false_alarms,
        panel=panel,
    )


RULES: Final = (
    Rule(
        name="quality-fell",
        severity="warning",
        owner="quality",
        summary=f"The share of good outputs of {_GROUP} fell by {{A}} standard errors; its newest "
        "number has {B} labels",
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
        summary=f"{{series}} of {_GROUP} {{segment_kind}} {{segment}} left its level: {{A}} times "
        "the evidence that raises an alarm, from {B} outputs",
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
        name="outage",
        severity="critical",
        owner="quality",
        summary=f"{{series}} of {_GROUP} is far from what this hour of the week is like, for the "
        "second hour, of {B} outputs",
        above=True,
        threshold=0.5,
        why="1 is yes: the view `outages` decides, on two hours in a row that are three units of "
        "noise off to the same side.",
        every=QUICK,
        no_data="OK",
        why_no_data=_NOTHING_YET,
        false_alarms="0.005 a series: two of 720 hours beyond 3 to one side, at .00135 each, four "
        "times as often as days resemble each other",
        panel=("drift", "Outages by the hour"),
        more={"B": "n"},
    ),
    Rule(
        name="signal-meaning-changed",
        severity="warning",
        owner="review",
        summary=f"What people do with outputs of {_GROUP} no longer means what it did: labels "
        "differ by class with p = {A}",
        above=False,
        threshold=0.001,
        why="One group in a thousand a month by chance; a fall in all classes alike stays silent.",
        every=HOURLY,
        no_data="OK",
        why_no_data=_NOTHING_YET,
        false_alarms="0.004 a group: four weekly windows at .001",
        panel=("signals", "What signals mean"),
    ),
    Rule(
        name="failure-mode",
        severity="warning",
        owner="quality",
        summary=f"The failure mode {{mode}} of {_GROUP} is new, or back after it was closed: named "
        "on {B} outputs",
        above=True,
        threshold=0.5,
        why="1 is yes: a mode that nobody had named before the last 28 days, or that was closed "
        "and is named again.",
        every=HOURLY,
        no_data="OK",
        why_no_data=_NOTHING_YET,
        false_alarms="0: a reviewer named it; a new name for an old mode is merged",
        panel=("review", "Which modes are new or back?"),
        more={"B": "labels"},
    ),
    Rule(
        name="reviewer-disagreement",
        severity="info",
        owner="review",
        summary=f"Two readings of outputs of {_GROUP} agree on {{A}} of {{B}} at most ({{kind}} "
        "{reviewer})",
        above=False,
        threshold=0.8,
        why="Under four in five, what is good is not settled among reviewers, and a change of "
        "quality may be a change of readers.",
        every=HOURLY,
        no_data="OK",
        why_no_data="Before outputs are read twice there is nothing to compare.",
        false_alarms="0.02 a group that agrees on exactly four in five, 0 above",
        panel=("review", "Do reviewers agree?"),
        more={"B": "pairs"},
    ),
    _loop(
        "triage-overdue",
        "critical",
        "triage",
        f"Open incidents of {_GROUP} are past their deadline",
        "0: it counts rows",
        ("triage", "Open incidents"),
    ),
    _loop(
        "notifications-failing",
        "critical",
        "triage",
        "People cannot be told about incidents",
        "0.1: as often as a provider of messages fails for hours",
        ("triage", "Open incidents"),
    ),
    _loop(
        "pipeline-silent",
        "critical",
        "platform",
        f"Less than a tenth of the usual outputs come from {_GROUP}",
        "0 on working days, 1 on a holiday",
        ("pipeline", "Outputs by hour"),
    ),
    _loop(
        "feedback-silent",
        "warning",
        "platform",
        f"Less than a tenth of the usual signs of use come from {_GROUP}",
        "0.02 a group where people act in bursts, 0 elsewhere",
        ("pipeline", "Actions a day"),
    ),
    _loop(
        "link-rate-low",
        "warning",
        "platform",
        f"Too few actions of {_GROUP} find their output",
        "0.01 a group: the upper end of a 95 % interval must fall below",
        ("pipeline", "Actions by way of linking"),
    ),
    _loop(
        "sampling-unknown",
        "info",
        "platform",
        f"It is not known how likely outputs of {_GROUP} were to be sampled",
        "0: it counts rows",
        ("pipeline", "Sampling"),
        HOURLY,
    ),
    _loop(
        "outputs-lost",
        "warning",
        "platform",
        f"Outputs of {_GROUP} are missing that were sampled",
        "0.01 a group: the lower end of a 95 % interval must rise above",
        ("pipeline", "Sampling"),
        HOURLY,
    ),
    _loop(
        "receiver-refusing",
        "critical",
        "platform",
        "The receiver refuses what is sent to it",
        "0: it counts requests",
    ),
    _loop(
        "jobs-late",
        "critical",
        "platform",
        "The store's jobs have not succeeded for long: rates stand still",
        "0: fifteen turns in a row must fail",
    ),
    _loop(
        "rules-not-evaluated",
        "critical",
        "platform",
        "serve has not evaluated the alert rules for long",
        "0: three turns in a row must fail",
    ),
    _loop(
        "watchdog-failing",
        "warning",
        "platform",
        "The dead-man's switch does not take its pings",
        "0.1: as often as the network between the two is down for ten minutes",
    ),
    _loop(
        "draw-missing",
        "warning",
        "platform",
        f"Closed days of {_GROUP} were not drawn from for review",
        "0: a day may be late",
        every=HOURLY,
    ),
    _loop(
        "nobody-reviewed",
        "warning",
        "review",
        "Nobody has read an output for a week",
        "0: it counts days; a holiday of all reviewers is one",
        ("review", "Read of what was drawn"),
        HOURLY,
    ),
    _loop(
        "review-debt",
        "warning",
        "review",
        f"Less of {_GROUP} is read than was promised, or too little for a number",
        "0: it counts minutes; a holiday of all reviewers is one",
        ("review", "Is as much read as was promised?"),
        HOURLY,
    ),
    _loop(
        "labels-too-few",
        "info",
        "review",
        f"{_GROUP} has too few labels for its quality to have a number",
        "0: it counts rows",
        ("review", "Labels a week"),
        HOURLY,
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
