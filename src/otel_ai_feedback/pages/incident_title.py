"""What an incident is about, in the words of people: pages, messages, commands and the demo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.formats import capital
from otel_ai_feedback.pages.health_checks import HEALTH_CHECKS
from otel_ai_feedback.signals import BY_NAME

_HAPPENED: Final = {
    "quality-fell": "quality score fell",
    "signal-meaning-changed": "signals no longer predict quality",
    "judge-drifted": "a judge changed against reviewers",
    "failure-mode": "new or recurring failure mode",
    "reviewer-disagreement": "reviewers disagree",
    "reported-by-reviewer": "reported by a reviewer",
    "reported-by-user": "reported by a user",
    "DatasourceNoData": "no data for an alert rule",
    "DatasourceError": "an alert rule cannot be evaluated",
}
MODE: Final = "mode"
"""Kind of the segment that is a failure mode."""


def incident_title(incident: Mapping[str, Any]) -> str:
    """What it is about, in a line, its feature first: ``support-chat: asked again rose``.

    Args:
        incident: A row of the view ``incidents``, or as much of one as there is.
    """
    words = happened(incident)
    name = incident.get("feature") or incident.get("service")
    return f"{name}: {words}" if name else capital(words)


def happened(incident: Mapping[str, Any]) -> str:
    """The same without the feature, for places that have named it."""
    rule, series = str(incident["rule"]), str(incident.get("series", ""))
    if series:
        words = BY_NAME[series].label if series in BY_NAME else series.replace("_", " ")
        words += f" {incident.get('direction') or 'changed'}"
        if rule == "outage":
            words += " within hours"
    elif rule in HEALTH_CHECKS:
        title = HEALTH_CHECKS[rule].title
        words = title[0].lower() + title[1:]
    else:
        words = _HAPPENED.get(rule, rule.replace("-", " "))
    segment = incident.get("segment")
    if not segment:
        return words
    if incident["segment_kind"] == MODE:
        return f"{words}, {segment}"
    return f"{words} ({incident['segment_kind']} {segment})"
