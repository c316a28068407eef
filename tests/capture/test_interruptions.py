"""Spoken answers that the user cut short."""

import pytest

from otel_ai_feedback import conversation

from .test_actions import ids_of, link_of

SPOKEN = {"gen_ai.output.type": "speech"}
REALTIME = {**SPOKEN, "pydantic_ai.response.state": "interrupted"}
DRAFT = {**SPOKEN, "gen_ai.response.end_reason": "interrupted"}


def actions_of(telemetry):
    assert telemetry.provider.force_flush()
    return telemetry.actions


@pytest.mark.parametrize("said", [REALTIME, DRAFT])
def test_one_that_the_instrumentation_says_was_interrupted_is_an_action(telemetry, said):
    with conversation("c1"), telemetry.request():
        span = telemetry.chat("The Loire is 1,006 kilo", **said)
        telemetry.chat("It is 1,006 kilometres long.", **SPOKEN)
    (action,) = actions_of(telemetry)
    assert link_of(action) == ids_of(span)
    assert action.attributes["ai_feedback.action.name"] == "interrupted"
    assert action.attributes["ai_feedback.action.source"] == "server"
    assert action.attributes["gen_ai.conversation.id"] == "c1"
    assert action.start_time == telemetry.clock.now


@pytest.mark.parametrize(
    "said",
    [
        {**SPOKEN, "pydantic_ai.response.state": "complete"},
        {**SPOKEN, "gen_ai.response.end_reason": "completed"},
        # A word that an application keeps for itself.
        {"my.end_reason": "interrupted"},
    ],
)
def test_others_are_none(telemetry, said):
    telemetry.chat("The Loire is long.", **said)
    assert actions_of(telemetry) == []


def test_one_that_was_cut_short_before_it_said_anything_is_none(telemetry):
    telemetry.chat("", **REALTIME)
    assert actions_of(telemetry) == []
