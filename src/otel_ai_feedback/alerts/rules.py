"""The alert rules: the question of each, its threshold, and the reason for that threshold.

A rule covers all services: its statement returns one row per series, quiet ones too, with one
number ``value`` and otherwise only texts, which become the labels of the alert. Grafana resolves a
series that vanishes; the ``-silent`` rules are about what should be there and is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from otel_ai_feedback.alerts.rule import HOURLY, QUICK, Rule, Severity
from otel_ai_feedback.config import ConfigError

_NO_DATA_YET: Final = "Before the first data there is nothing to alert on."


def _health_check(
    name: str,
    severity: Severity,
    owner: str,
    summary: str,
    false_alarms: str,
    panel: tuple[str, str] = ("pipeline", "Health checks"),
    every: int = QUICK,
) -> Rule:
    """The rule of one health check; ``loop_health`` decides whether it fails."""
    return Rule(
        name=name,
        severity=severity,
        owner=owner,
        summary=summary,
        above=True,
        threshold=0.5,
        why="1 means that the check fails: the view `loop_health` decides, with the thresholds of "
        "HEALTH_THRESHOLDS, explained in docs/health.md.",
        every=every,
        # Two rounds: a restart between a heartbeat and the next evaluation is no fault.
        for_seconds=0 if every == HOURLY else 600,
        no_data="OK",
        why_no_data="In an empty store nothing can be missing.",
        false_alarms=false_alarms,
        panel=panel,
    )


RULES: Final = (
    Rule(
        name="quality-fell",
        severity="warning",
        owner="quality",
        summary="Quality score of {scope} fell by {points} points ({reviews} reviews; "
        "{standard_errors} standard errors)",
        above=True,
        threshold=2.5,
        why="A fall of 2.5 standard errors happens by chance in one week of 160; 3 would miss "
        "every fall below 19 points at 100 reviews a week.",
        every=HOURLY,
        no_data="OK",
        why_no_data=_NO_DATA_YET,
        false_alarms="0.03 per feature: 4.3 new weeks a month, each with a chance of .0062",
        panel=("overview", "Quality score"),
        quantity="standard_errors",
        more=("points", "reviews"),
    ),
    Rule(
        name="signal-drift",
        severity="warning",
        owner="quality",
        summary="{series} of {scope} {segment_kind} {segment} moved by {points} points from "
        "{expected_percent}% within {days} days ({answers} answers on the last)",
        above=True,
        threshold=0.999,
        why="The view `drift` alerts at 1: its threshold already grows with the number of "
        "signals. 1.3 gives about a third of the false alerts and finds a fall a day later.",
        every=HOURLY,
        no_data="OK",
        why_no_data=_NO_DATA_YET,
        false_alarms="0.055 per signal at most, measured by tests/store/test_drift.py",
        panel=("drift", "Drift score"),
        quantity="times_threshold",
        more=("points", "expected_percent", "days", "answers"),
    ),
    Rule(
        name="outage",
        severity="critical",
        owner="quality",
        summary="{series} of {scope}: {percent}% in the last hour, expected "
        "{expected_percent}%, for the second hour in a row ({answers} answers)",
        above=True,
        threshold=0.5,
        why="1 means an outage: the view `outages` decides, on two hours in a row that are 2.5 "
        "standard deviations off to the same side, 6.4 together, and by more than what matters.",
        every=QUICK,
        no_data="OK",
        why_no_data=_NO_DATA_YET,
        false_alarms="0.004 per signal, measured by tests/store/test_outage_worlds.py",
        panel=("drift", "Hourly outages"),
        more=("percent", "expected_percent", "answers"),
    ),
    Rule(
        name="signal-meaning-changed",
        severity="warning",
        owner="review",
        summary="Signals of {scope} no longer predict quality as before: verdicts differ by "
        "outcome (p = {p_value})",
        above=False,
        threshold=0.001,
        why="One feature in a thousand a month by chance; an equal fall in all outcomes stays "
        "silent.",
        every=HOURLY,
        no_data="OK",
        why_no_data=_NO_DATA_YET,
        false_alarms="0.004 per feature: four weekly windows at .001",
        panel=("signals", "Signals and verdicts"),
        quantity="p_value",
    ),
    Rule(
        name="judge-drifted",
        severity="warning",
        owner="review",
        summary="Judge {judge} of {scope} changed against reviewers: it passes {passed_percent}% "
        "of good answers (before: {passed_percent_before}%) and catches {caught_percent}% of bad "
        "ones (before: {caught_percent_before}%)",
        above=True,
        threshold=3.0,
        why="The share of good answers that it passes, or of bad ones that it catches, changed "
        "from the four weeks before. Three standard errors happen by chance to one judge in 190.",
        every=HOURLY,
        no_data="OK",
        why_no_data=_NO_DATA_YET,
        false_alarms="0.02 per judge: four weekly windows of two rates",
        panel=("signals", "Judges and reviewers"),
        quantity="standard_errors",
        more=(
            "passed_percent",
            "passed_percent_before",
            "caught_percent",
            "caught_percent_before",
        ),
    ),
    Rule(
        name="failure-mode",
        severity="warning",
        owner="quality",
        summary="Failure mode {mode} in {scope} is new or recurring: {reviews} bad answers",
        above=True,
        threshold=0.5,
        why="1 means a mode first named in the last 28 days, or one that was closed and is named "
        "again.",
        every=HOURLY,
        no_data="OK",
        why_no_data=_NO_DATA_YET,
        false_alarms="0: a reviewer named it; merge a new name for an old mode",
        panel=("review", "New and recurring failure modes"),
        more=("reviews",),
    ),
    Rule(
        name="reviewer-disagreement",
        severity="info",
        owner="review",
        summary="Reviewers of {scope} agree on at most {agreement} of {pairs} answers reviewed "
        "twice ({kind} {reviewer})",
        above=False,
        threshold=0.8,
        why="Below four in five reviewers do not share a definition of good, and a change of "
        "the quality score may be a change of reviewers.",
        every=HOURLY,
        no_data="OK",
        why_no_data="Until answers are reviewed twice there is nothing to compare.",
        false_alarms="0.02 for a feature with agreement of exactly four in five, 0 above",
        panel=("review", "Reviewer agreement"),
        quantity="agreement",
        more=("pairs",),
    ),
    _health_check(
        "triage-overdue",
        "critical",
        "triage",
        "Incidents of {scope} are past their deadline",
        "0: it counts rows",
        ("triage", "Open incidents"),
    ),
    _health_check(
        "notifications-failing",
        "critical",
        "triage",
        "Notifications about incidents are not delivered",
        "0.1: as often as a messaging provider is down for hours",
        ("triage", "Open incidents"),
    ),
    _health_check(
        "pipeline-silent",
        "critical",
        "platform",
        "{scope} sends less than a tenth of its usual answers",
        "0 on working days, 1 on a holiday",
        ("pipeline", "Answers by hour"),
    ),
    _health_check(
        "feedback-silent",
        "warning",
        "platform",
        "{scope} sends less than a tenth of its usual user actions",
        "0.02 per feature where people act in bursts, 0 elsewhere",
        ("pipeline", "User actions per day"),
    ),
    _health_check(
        "link-rate-low",
        "warning",
        "platform",
        "Too many user actions of {scope} match no answer",
        "0.01 per feature: the upper end of a 95% interval must fall below",
        ("pipeline", "Actions by link method"),
    ),
    _health_check(
        "sampling-unknown",
        "info",
        "platform",
        "Sampling rate unknown for some answers of {scope}",
        "0: it counts rows",
        ("pipeline", "Sampling"),
        HOURLY,
    ),
    _health_check(
        "outputs-lost",
        "warning",
        "platform",
        "Sampled answers of {scope} are missing",
        "0.01 per feature: the lower end of a 95% interval must rise above",
        ("pipeline", "Sampling"),
        HOURLY,
    ),
    _health_check(
        "actions-lost",
        "warning",
        "platform",
        "Pages of {scope} cannot deliver user actions",
        "0.01 per feature: the lower end of a 95% interval must rise above",
        ("pipeline", "Undelivered actions"),
        HOURLY,
    ),
    _health_check(
        "receiver-refusing",
        "critical",
        "platform",
        "The receiver is rejecting telemetry",
        "0: it counts requests",
    ),
    _health_check(
        "jobs-late",
        "critical",
        "platform",
        "Background jobs are failing, so rates are out of date",
        "0: fifteen runs in a row must fail",
    ),
    _health_check(
        "rules-not-evaluated",
        "critical",
        "platform",
        "Alert rules are not running",
        "0: three runs in a row must fail",
    ),
    _health_check(
        "watchdog-failing",
        "warning",
        "platform",
        "Heartbeat to the watchdog is failing",
        "0.1: as often as the network to the watchdog is down for ten minutes",
    ),
    _health_check(
        "draw-missing",
        "warning",
        "platform",
        "Review sampling is behind for {scope}",
        "0: a day may be late",
        every=HOURLY,
    ),
    _health_check(
        "nobody-reviewed",
        "warning",
        "review",
        "No reviews for a week",
        "0: it counts days; a holiday of all reviewers is one",
        ("review", "Sampled answers reviewed"),
        HOURLY,
    ),
    _health_check(
        "review-debt",
        "warning",
        "review",
        "Review backlog in {scope}",
        "0: it counts minutes; a holiday of all reviewers is one",
        ("review", "Review time vs plan"),
        HOURLY,
    ),
    _health_check(
        "labels-too-few",
        "info",
        "review",
        "Not enough reviews for a quality score of {scope}",
        "0: it counts rows",
        ("review", "Reviews per week"),
        HOURLY,
    ),
)
"""Every rule, in the order in which people read them."""


def rules(thresholds: Mapping[str, float] | None = None) -> tuple[Rule, ...]:
    """The rules, with the thresholds of a deployment.

    Args:
        thresholds: Thresholds by the name of the rule, where they differ from the defaults.

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
