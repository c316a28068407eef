"""Requests that no user made are marked, whichever way they say so."""

import pytest
from opentelemetry import baggage, context, propagate

from otel_ai_feedback import output_handle, record_action

PROBE = "ai_feedback.probe"


@pytest.fixture
def attached():
    """Attach a context, until the test ends."""
    tokens = []
    yield lambda found: tokens.append(context.attach(found))
    for token in reversed(tokens):
        context.detach(token)


def test_by_the_header_that_a_probe_sends(telemetry, attached):
    attached(propagate.extract({"baggage": "tenant=a,ai_feedback.probe=true"}))
    with telemetry.request():
        handle = output_handle(telemetry.chat())
    assert telemetry.outputs[0][PROBE] is True
    assert record_action(handle, "copy", 1.0)
    # The text is looked for on the worker, where the caller's baggage is not.
    assert record_action(None, "copy", text="Paris.", session_id="s")
    telemetry.provider.force_flush()
    assert [action.attributes.get(PROBE) for action in telemetry.actions] == [True, True]


def test_around_one_call_of_a_request(telemetry):
    with telemetry.request():
        telemetry.chat("for a user")
        token = context.attach(baggage.set_baggage(PROBE, "1"))
        telemetry.chat("for nobody")
        context.detach(token)
    assert [output.get(PROBE) for output in telemetry.outputs] == [None, True]


@pytest.mark.parametrize(
    "mark", [{"user_agent.synthetic.type": "bot"}, {"ai_feedback.probe": True}]
)
def test_by_the_first_span_of_the_request(telemetry, mark):
    tracer = telemetry.tracer
    with (
        tracer.start_as_current_span("POST /chat", attributes=mark),
        tracer.start_as_current_span("agent"),
    ):
        telemetry.chat()
    assert telemetry.outputs[0][PROBE] is True


@pytest.mark.parametrize("value", ["false", "0", ""])
def test_a_request_that_says_it_is_none(telemetry, attached, value):
    attached(baggage.set_baggage(PROBE, value))
    record_action(telemetry.chat(), "seen")
    assert PROBE not in telemetry.outputs[0]
    assert PROBE not in telemetry.actions[0].attributes
