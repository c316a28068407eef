"""The user-action span."""

import math

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

import otel_ai_feedback
from otel_ai_feedback import answers, conversation, output_handle, record_action, request_handle
from otel_ai_feedback.attributes import ACTION_NAMES
from otel_ai_feedback.capture.text.hashing import hash_subject, hash_text

from .telemetry import KEY, NOW, SECOND


def link_of(span):
    (link,) = span.links
    return link.context.trace_id, link.context.span_id


def ids_of(span):
    return span.get_span_context().trace_id, span.get_span_context().span_id


def test_one_root_span_with_one_link_and_everything_known(telemetry):
    with conversation("c1", subject="ann", feature="chat"):
        output = telemetry.chat("Paris.", gen_ai__response__id="r1", session__id="s1")
    with telemetry.request("POST /feedback"):
        telemetry.clock.forward(60)
        assert record_action(output_handle(output), "copy", 0.5, source="browser", label="part")
    (action,) = telemetry.actions
    assert action.name == "ai_feedback copy"
    assert action.kind is SpanKind.INTERNAL
    assert action.parent is None
    assert action.start_time == action.end_time == telemetry.clock.now
    assert link_of(action) == ids_of(output)
    assert action.links[0].context.trace_flags.sampled
    attributes = dict(action.attributes)
    identifier = attributes.pop("ai_feedback.action.id")
    assert len(identifier) == 32
    assert attributes.pop("annotations.0.annotation.identifier") == identifier
    assert attributes == {
        "ai_feedback.action.name": "copy",
        "ai_feedback.action.value": 0.5,
        "ai_feedback.action.source": "browser",
        "ai_feedback.link.method": "handle",
        "ai_feedback.output.time": NOW,
        "ai_feedback.output.hash": hash_text("Paris.", KEY.encode()),
        "ai_feedback.feature": "chat",
        "ai_feedback.subject": hash_subject("ann", KEY.encode()),
        "gen_ai.conversation.id": "c1",
        "gen_ai.response.id": "r1",
        "session.id": "s1",
        "annotations.0.annotation.name": "copy",
        "annotations.0.annotation.score": 0.5,
        "annotations.0.annotation.label": "part",
        "annotations.0.annotation.annotator_kind": "USER_BEHAVIOR",
    }
    assert telemetry.counted == {"tagged": 1, "actions": 1}


def test_every_way_to_name_the_output(telemetry):
    output = telemetry.chat(gen_ai__response__id="r1")
    context = SpanContext(*ids_of(output), is_remote=True, trace_flags=TraceFlags(1))
    assert record_action(output, "accept")
    assert record_action(context, "accept")
    assert record_action(output_handle(output), "accept")
    assert record_action(None, "accept", response_id="r1")
    methods = [span.attributes["ai_feedback.link.method"] for span in telemetry.actions]
    assert methods == ["handle", "handle", "handle", "response_id"]
    assert {link_of(span) for span in telemetry.actions} == {ids_of(output)}


def test_an_open_span_can_be_the_target(telemetry):
    output = telemetry.chat(end=False)
    assert record_action(output, "seen")
    (action,) = telemetry.actions
    assert link_of(action) == ids_of(output)
    assert action.attributes["ai_feedback.output.time"] == NOW


def test_a_request_handle_means_the_answer_of_the_request(telemetry):
    with telemetry.request() as root:
        handle = request_handle()
        assert record_action(handle, "seen", action_id="1")
        telemetry.chat("router")
        with answers():
            answer = telemetry.chat("answer")
        telemetry.chat(None)
    assert record_action(handle, "seen", action_id="1")
    before, after = telemetry.actions
    assert link_of(before) == ids_of(root)
    assert "ai_feedback.output.time" not in before.attributes
    assert link_of(after) == ids_of(answer)
    assert after.attributes["ai_feedback.output.time"] == NOW
    for action in (before, after):
        assert action.attributes["ai_feedback.link.method"] == "request"
    # Told twice, before and after the output was known: still one action.
    assert len({span.attributes["ai_feedback.action.id"] for span in telemetry.actions}) == 1


def test_a_request_handle_from_another_process_links_to_the_request(switch_on):
    telemetry = switch_on()
    with telemetry.request() as root:
        handle = request_handle()
        telemetry.chat("answer")
    otel_ai_feedback.uninstrument()
    telemetry = switch_on()
    assert record_action(handle, "seen")
    (action,) = telemetry.actions
    assert link_of(action) == ids_of(root)
    assert "ai_feedback.output.time" not in action.attributes


def test_a_given_id_is_one_action_whenever_and_wherever_it_is_reported(switch_on):
    telemetry = switch_on()
    handle = output_handle(telemetry.chat())
    assert record_action(handle, "copy", 1.0, action_id="click-1")
    telemetry.clock.forward(3 * 24 * 3600)
    assert record_action(handle, "copy", 1.0, action_id="click-1")
    ids = [span.attributes["ai_feedback.action.id"] for span in telemetry.actions]
    clock = telemetry.clock
    otel_ai_feedback.uninstrument()
    telemetry = switch_on(clock=clock)
    assert record_action(handle, "copy", 1.0, action_id="click-1")
    assert record_action(handle, "copy", 1.0, action_id="click-2")
    assert record_action(handle, "accept", action_id="click-1")
    ids += [span.attributes["ai_feedback.action.id"] for span in telemetry.actions]
    assert len(set(ids[:3])) == 1
    assert len(set(ids)) == 3


def test_without_an_id_each_is_an_action_of_its_own(telemetry):
    handle = output_handle(telemetry.chat())
    assert record_action(handle, "copy", 1.0)
    assert record_action(handle, "copy", 1.0)
    ids = {span.attributes["ai_feedback.action.id"] for span in telemetry.actions}
    assert len(ids) == 2
    assert all(len(found) == 32 for found in ids)


def test_actions_are_not_lost_to_the_applications_sampler(switch_on):
    telemetry = switch_on(sampler=TraceIdRatioBased(0.5))
    handles = []
    while len(handles) < 20:
        span = telemetry.chat()
        if span.get_span_context().trace_flags.sampled:
            handles.append(output_handle(span))
    assert all(record_action(handle, "seen") for handle in handles)
    assert len(telemetry.actions) == 20


def test_the_callers_own_values_win(telemetry):
    with conversation("c1", subject="ann"):
        output = telemetry.chat(session__id="s1")
    record_action(
        output, "rating", 1, subject="bob", conversation_id="c2", session_id="s2",
        time_ns=NOW * SECOND + 7, source="derived",
    )  # fmt: skip
    (action,) = telemetry.actions
    assert action.attributes["gen_ai.conversation.id"] == "c2"
    assert action.attributes["session.id"] == "s2"
    assert action.attributes["ai_feedback.subject"] == hash_subject("bob", KEY.encode())
    assert action.attributes["annotations.0.annotation.annotator_kind"] == "HUMAN"
    assert action.start_time == action.end_time == NOW * SECOND + 7


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("like",), "bad_action"),
        ((["copy"],), "bad_action"),
        (("copy", math.nan), "bad_value"),
        (("dwell", math.inf), "bad_value"),
        (("copy", 1.01), "bad_value"),
        (("edit", -0.1), "bad_value"),
        (("copy", "0.5"), "bad_value"),
        (("dwell", 10**400), "bad_value"),
        (("rating", 6), "bad_value"),
    ],
)
def test_hostile_arguments_are_refused_and_counted(telemetry, arguments, reason):
    output = telemetry.chat()
    assert record_action(output, *arguments) is False
    assert telemetry.counted == {"tagged": 1, reason: 1}
    assert telemetry.actions == []


def test_a_signal_of_ones_own_is_an_action(switch_on, tmp_path):
    (tmp_path / "signals.toml").write_text("[exported]\ndirection = 'high'\nexposure = 'control'\n")
    telemetry = switch_on()
    assert record_action(telemetry.chat(), "exported") is True
    (action,) = telemetry.actions
    assert action.attributes["ai_feedback.action.name"] == "exported"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("", "handle_malformed"),
        ("x" * 68, "handle_foreign"),
        (None, "bad_target"),
        (17, "bad_target"),
        (object(), "bad_target"),
        (SpanContext(0, 0, is_remote=True), "bad_target"),
        (SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(1)), "unknown_span"),
    ],
)
def test_targets_that_name_no_output_are_refused(telemetry, target, reason):
    assert record_action(target, "copy", 1.0) is False
    assert telemetry.counted == {reason: 1}


def test_more_refusals(telemetry, switch_on):
    output = telemetry.chat()
    handle = output_handle(output)
    assert not record_action(None, "copy", response_id="unknown")
    assert not record_action(output, "copy", source="elsewhere")
    for time in (-1, 0, 2**64, 1.5, True):
        assert not record_action(output, "copy", time_ns=time)
    telemetry.clock.forward(7 * 24 * 3600 + 1)
    assert not record_action(handle, "copy")
    assert telemetry.counted == {
        "tagged": 1, "unknown_response_id": 1, "bad_source": 1, "bad_time": 5, "handle_expired": 1,
    }  # fmt: skip
    otel_ai_feedback.uninstrument()
    telemetry = switch_on(setting={"KEY": "another key of the host"})
    assert not record_action(handle, "copy")
    assert telemetry.counted == {"handle_foreign": 1}


def test_before_instrument_nothing_is_recorded():
    assert record_action("x" * 68, "copy") is False


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.binary(max_size=9),
    st.text(st.characters(exclude_categories=()), max_size=400),
    st.lists(st.integers(), max_size=2),
)  # fmt: skip


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(ACTION_NAMES),
    ANYTHING,
    ANYTHING,
    ANYTHING,
    ANYTHING,
    ANYTHING,
    ANYTHING,
    ANYTHING,
)
def test_whatever_a_client_sends_nothing_raises_and_all_can_be_exported(
    telemetry, name, value, given_id, subject, conversation_id, session_id, time_ns, label
):
    output = telemetry.chat()
    telemetry.exporter.clear()
    before = telemetry.counted.get("errors", 0)
    recorded = record_action(
        output, name, value, action_id=given_id, subject=subject, conversation_id=conversation_id,
        session_id=session_id, time_ns=time_ns, label=label,
    )  # fmt: skip
    assert recorded == (len(telemetry.actions) == 1)
    assert telemetry.counted.get("errors", 0) == before
    encode_spans(telemetry.spans)
    for span in telemetry.actions:
        assert all(len(v) <= 256 for v in span.attributes.values() if isinstance(v, str))
