"""What an incident is about is said in one way, feature first, in the words of people."""

import pytest

from otel_ai_feedback.alerts.alert import ERROR, NO_DATA
from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.pages.incident_title import happened, incident_title
from otel_ai_feedback.triage.model import OWN_RULES

CHAT = {"service": "demo-support", "environment": "production", "feature": "support-chat"}


@pytest.mark.parametrize(
    ("incident", "title"),
    [
        (
            CHAT | {"rule": "signal-drift", "series": "reasked", "direction": "rose"},
            "support-chat: asked again rose",
        ),
        (
            CHAT
            | {"rule": "signal-drift", "series": "copied", "direction": "fell"}
            | {"segment_kind": "model", "segment": "small"},
            "support-chat: copied fell (model small)",
        ),
        (
            CHAT | {"rule": "outage", "series": "failed"},
            "support-chat: failed changed within hours",
        ),
        (
            CHAT | {"rule": "failure-mode", "segment_kind": "mode", "segment": "made-up price"},
            "support-chat: new or recurring failure mode, made-up price",
        ),
        (CHAT | {"rule": "pipeline-silent"}, "support-chat: no answers received"),
        ({"rule": "receiver-refusing", "service": ""}, "The receiver is rejecting telemetry"),
        ({"rule": "reported-by-user", "service": "shop"}, "shop: reported by a user"),
        ({"rule": "someone-elses", "service": "shop"}, "shop: someone elses"),
    ],
)
def test_a_title_names_the_feature_and_what_happened(incident, title):
    assert incident_title(incident) == title


def test_every_rule_has_words_of_its_own():
    names = [rule.name for rule in (*RULES, *OWN_RULES)]
    for rule in {*names, NO_DATA, ERROR} - {"signal-drift", "outage"}:
        assert happened({"rule": rule}) != rule.replace("-", " ")
