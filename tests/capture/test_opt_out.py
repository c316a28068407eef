"""Of whom does not want to be observed nothing is recorded."""

import sys

import pytest
from opentelemetry import context
from opentelemetry.sdk.trace import ConcurrentMultiSpanProcessor, TracerProvider

import otel_ai_feedback
from otel_ai_feedback import (
    conversation,
    link_key,
    output_handle,
    record_action,
    request_handle,
)
from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.install.instrumentor import FeedbackInstrumentor
from otel_ai_feedback.capture.install.switch import SWITCH
from otel_ai_feedback.capture.opt_out import OptOut
from otel_ai_feedback.capture.scope import opted_out, request_opted_out

ASK = "Which city is the capital of France?"


def told_and_done(telemetry, **who):
    """One answer in a conversation, and everything that can be done with it."""
    with conversation("c1", **who), telemetry.request():
        handles = [request_handle()]
        answer = telemetry.chat("Paris.", ask=ASK, gen_ai__response__id="r1")
        handles += [output_handle(), output_handle(answer), output_handle(response_id="r1")]
        tied = link_key("k1")
        taken = record_action(answer, "copy", 1.0)
    return answer, handles, tied, taken


def nothing_recorded(telemetry):
    said = "".join(span.to_json() for span in telemetry.spans)
    return "ai_feedback" not in said and telemetry.events == [] and telemetry.actions == []


def test_by_the_conversation(telemetry):
    answer, handles, tied, taken = told_and_done(telemetry, observe=False)
    assert (handles, tied, taken) == ([None] * 4, False, False)
    assert nothing_recorded(telemetry)
    assert "Paris." in answer.attributes["gen_ai.output.messages"]
    assert "gen_ai.conversation.id" not in answer.attributes
    assert telemetry.counted == {"opted_out": 7}


def test_nothing_of_it_is_remembered(telemetry):
    answer, *_ = told_and_done(telemetry, observe=False)
    assert len(SWITCH.capture.outputs) == 0
    # Also not for who asks from outside of the conversation.
    assert output_handle(answer) is None
    assert output_handle(response_id="r1") is None
    assert not record_action(None, "copy", key="k1")
    assert record_action(None, "copy", text="Paris.", conversation_id="c1")
    assert telemetry.provider.force_flush()
    assert [span.links for span in telemetry.actions] == [()]


def test_an_inner_conversation_does_not_change_it(telemetry):
    with conversation("c1", observe=False), conversation("c2", subject="ann", observe=True):
        assert opted_out()
        telemetry.chat("Paris.")
    assert nothing_recorded(telemetry)


def test_the_next_one_is_observed(telemetry):
    with conversation("c1", observe=False):
        telemetry.chat("Paris.")
    with conversation("c2"):
        telemetry.chat("Rome.")
    assert [o.get("gen_ai.conversation.id") for o in telemetry.outputs] == [None, "c2"]
    assert telemetry.counted == {"opted_out": 1, "tagged": 1}


def test_the_request_gives_no_handle_to_a_middleware_outside(telemetry):
    with telemetry.request():
        with conversation("c1", observe=False):
            telemetry.chat("Paris.")
        assert request_handle() is None
    assert telemetry.counted == {"opted_out": 2}


def test_before_instrument_the_conversation_is_marked_all_the_same():
    with conversation("c1", observe=False):
        assert opted_out()


class TestFunction:
    """The application knows who has opted out."""

    def test_is_asked_for_the_user_of_a_conversation(self, switch_on):
        asked = []
        telemetry = switch_on(observe=lambda user: asked.append(user) or user != "ann")
        told_and_done(telemetry, subject="ann")
        assert nothing_recorded(telemetry)
        told_and_done(telemetry, subject=17)
        assert len(telemetry.actions) == 1
        # Once for each conversation, and as the application names them.
        assert asked == ["ann", 17]

    def test_is_asked_for_the_user_of_an_action(self, switch_on):
        telemetry = switch_on(observe=lambda user: user != "ann")
        answer = telemetry.chat("Paris.")
        assert not record_action(answer, "copy", subject="ann")
        assert record_action(answer, "copy", subject="bob")
        assert record_action(answer, "copy")
        assert telemetry.counted == {"tagged": 1, "opted_out": 1, "actions": 2}

    def test_may_be_given_when_capture_is_on_already(self, telemetry):
        otel_ai_feedback.instrument(observe=lambda user: user != "ann")
        told_and_done(telemetry, subject="ann")
        assert nothing_recorded(telemetry)

    def test_may_be_given_to_the_instrumentor(self, tmp_path):
        provider = TracerProvider(shutdown_on_exit=False)
        FeedbackInstrumentor().instrument(
            tracer_provider=provider, observe=lambda user: user != "ann", state_dir=tmp_path
        )
        try:
            for user in ("ann", "bob"):
                with conversation("c1", subject=user):
                    assert opted_out() is (user == "ann")
        finally:
            FeedbackInstrumentor().uninstrument()

    def test_a_function_that_fails_observes_no_one(self, switch_on, caplog):
        telemetry = switch_on(observe=lambda user: 1 / 0)
        told_and_done(telemetry, subject="ann")
        assert nothing_recorded(telemetry)
        assert telemetry.counted["errors"] == 1
        assert "whether a user is to be observed" in caplog.text

    def test_is_named_in_the_settings(self, switch_on, tmp_path, monkeypatch):
        (tmp_path / "shop_privacy.py").write_text(
            "def may_observe(user):\n    return user != 'ann'\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        telemetry = switch_on(setting={"OBSERVE": "shop_privacy:may_observe"})
        # Not before it is needed: the module may be importing this one.
        assert "shop_privacy" not in sys.modules
        told_and_done(telemetry, subject="ann")
        assert nothing_recorded(telemetry)
        told_and_done(telemetry, subject="bob")
        assert len(telemetry.actions) == 1

    def test_a_function_that_cannot_be_found_observes_no_one(self, switch_on, caplog):
        telemetry = switch_on(setting={"OBSERVE": "no_such_module:may_observe"})
        told_and_done(telemetry, subject="ann")
        assert nothing_recorded(telemetry)
        assert "no_such_module" in caplog.text


@pytest.mark.parametrize(
    ("honoured", "sent", "expected"),
    [
        ({"sec-gpc"}, {"sec-gpc": "1"}, True),
        ({"sec-gpc"}, {"sec-gpc": " 1 "}, True),
        ({"sec-gpc"}, {"sec-gpc": "0"}, False),
        ({"sec-gpc"}, {"dnt": "1"}, False),
        ({"dnt"}, {"dnt": "1"}, True),
        ({"sec-gpc", "dnt"}, {"dnt": "1"}, True),
        ({"sec-gpc", "dnt"}, {}, False),
        (set(), {"sec-gpc": "1", "dnt": "1"}, False),
    ],
)
def test_headers_are_honoured_by_choice(honoured, sent, expected):
    assert OptOut(None, honoured, Guard()).of_request(sent.get) is expected


def test_a_middleware_says_so_of_a_request(telemetry):
    with request_opted_out(True):
        told_and_done(telemetry)
        # As instrumentations of frameworks do, which know no context but the request's headers.
        token = context.attach(context.Context())
        told_and_done(telemetry)
        context.detach(token)
    assert nothing_recorded(telemetry)
    with request_opted_out(False):
        told_and_done(telemetry)
    assert len(telemetry.actions) == 1


def test_processors_on_threads_of_their_own(switch_on):
    telemetry = switch_on(active_span_processor=ConcurrentMultiSpanProcessor(2))
    with request_opted_out(True):
        told_and_done(telemetry)
    told_and_done(telemetry, observe=False)
    assert nothing_recorded(telemetry)


def test_the_settings_decide_which(switch_on):
    switch_on(setting={"OPT_OUT_HEADERS": "Sec-GPC, dnt"})
    assert SWITCH.capture.opt_out.of_request({"dnt": "1"}.get)
    otel_ai_feedback.uninstrument()
    switch_on()
    assert not SWITCH.capture.opt_out.of_request({"dnt": "1", "sec-gpc": "1"}.get)
