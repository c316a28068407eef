"""Every way in which an action finds its output, and what happens when several are given."""

import uuid

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

import otel_ai_feedback
from otel_ai_feedback import conversation, link_key, output_handle, record_action, request_handle
from otel_ai_feedback.capture.text.hashing import hash_text

from .telemetry import KEY, NOW

PARIS = (
    "Paris is the capital of France. It lies on the river Seine, in the north of the country, "
    "and has been its centre of finance, fashion and gastronomy for centuries."
)
ROME = "Rome is the capital of Italy, and was the seat of the emperors for several centuries."
USED = "It lies by the Seine, in the north of the country, and has been its centre of finance"
# Recorded, and left to the store to find by the hash.
NOT_FOUND = ([], None, False)


@pytest.fixture
def linked(telemetry):
    """Record an action; the span it was linked to, how, and whether that was ambiguous."""

    def linked(target=None, action="copy", **names):
        telemetry.exporter.clear()
        taken = record_action(target, action, **names)
        assert telemetry.provider.force_flush()
        if not telemetry.actions:
            assert telemetry.counted.get("errors", 0) == 0
            return None
        assert taken
        (span,) = telemetry.actions
        attributes = span.attributes
        to = [(link.context.trace_id, link.context.span_id) for link in span.links]
        method = attributes.get("ai_feedback.link.method")
        return to, method, attributes.get("ai_feedback.link.ambiguous", False)

    return linked


def to(span):
    return [(span.get_span_context().trace_id, span.get_span_context().span_id)]


class TestKey:
    def test_means_the_newest_output_of_the_request(self, telemetry, linked):
        with telemetry.request():
            telemetry.chat("router")
            answer = telemetry.chat(PARIS)
            assert link_key("msg-17")
        assert linked(key="msg-17") == (to(answer), "key", False)

    def test_means_the_newest_output_of_the_conversation(self, telemetry, linked):
        with conversation("c1"):
            answer = telemetry.chat(PARIS)
            assert link_key("msg-17")
        assert linked(key="msg-17") == (to(answer), "key", False)

    def test_means_a_span_open_or_ended_or_a_response(self, telemetry, linked):
        one, two = telemetry.chat(PARIS, end=False), telemetry.chat(ROME, gen_ai__response__id="r")
        number, name = 17, uuid.UUID(int=17)
        assert link_key(number, one)
        assert link_key(name, response_id="r")
        one.end()
        assert linked(key=17) == (to(one), "key", False)
        assert linked(key=name) == (to(two), "key", False)

    def test_tied_again_means_the_latest(self, telemetry, linked):
        one, two = telemetry.chat(PARIS), telemetry.chat(ROME)
        assert link_key("msg-17", one)
        assert link_key("msg-17", two)
        assert linked(key="msg-17") == (to(two), "key", False)

    def test_makes_the_output_a_delivered_one(self, telemetry):
        ended, still_open = telemetry.chat(PARIS), telemetry.chat(ROME, end=False)
        assert link_key("msg-17", ended)
        assert link_key("msg-18", still_open)
        still_open.end()
        for output in telemetry.outputs:
            assert output["ai_feedback.handle.kind"] == "output"

    def test_outlives_what_else_is_remembered_of_the_output(self, telemetry, linked, monkeypatch):
        answer = telemetry.chat(PARIS)
        assert link_key("msg-17", answer)
        from otel_ai_feedback.capture.install.switch import SWITCH

        monkeypatch.setattr(SWITCH.capture.outputs, "of_span", lambda *ids: None)
        assert linked(key="msg-17") == (to(answer), "key", False)
        assert telemetry.actions[0].attributes["ai_feedback.output.time"] == NOW

    def test_of_nothing(self, telemetry):
        assert not link_key("msg-17")
        assert not link_key("")
        assert not link_key("x" * 513, telemetry.chat())
        assert not record_action(None, "copy", key="unknown")
        assert not record_action(None, "copy", key="x" * 513)
        assert telemetry.counted == {
            "tagged": 1, "handle_unknown_output": 1, "bad_key": 3, "unknown_key": 1,
        }  # fmt: skip

    def test_of_an_output_that_was_not_sampled(self, switch_on):
        telemetry = switch_on(sampler=ALWAYS_OFF)
        assert link_key("msg-17", telemetry.chat())
        assert record_action(None, "copy", key="msg-17")
        assert telemetry.actions[0].attributes["ai_feedback.output.sampled"] is False
        assert telemetry.counted == {"actions": 1, "not_sampled": 1}

    def test_never_leaves(self, telemetry, linked):
        link_key("msg-of-somebody", telemetry.chat(PARIS))
        linked(key="msg-of-somebody", action_id="1")
        assert "msg-of-somebody" not in telemetry.spans[-1].to_json()


class TestText:
    def test_whole_in_the_conversation_or_session(self, telemetry, linked):
        answer = telemetry.chat(PARIS, session__id="s1", gen_ai__conversation__id="c1")
        again = PARIS.replace(" ", "\r\n", 3) + " "
        assert linked(text=again, session_id="s1") == (to(answer), "hash", False)
        assert linked(text=again, conversation_id="c1") == (to(answer), "hash", False)
        with conversation("c1"):
            assert linked(text=again) == (to(answer), "hash", False)
        attributes = telemetry.actions[0].attributes
        assert attributes["ai_feedback.output.hash"] == hash_text(PARIS, KEY.encode())
        assert attributes["gen_ai.conversation.id"] == "c1"

    def test_in_part_and_edited(self, telemetry, linked):
        answer = telemetry.chat(PARIS, session__id="s1")
        telemetry.chat(ROME, session__id="s1")
        assert linked(text=USED, session_id="s1") == (to(answer), "fragment", False)
        attributes = telemetry.actions[0].attributes
        assert attributes["ai_feedback.output.hash"] == hash_text(PARIS, KEY.encode())

    def test_said_twice_the_latest_and_ambiguous(self, telemetry, linked):
        telemetry.chat(PARIS, session__id="s1")
        latest = telemetry.chat(PARIS, session__id="s1")
        assert linked(text=PARIS, session_id="s1") == (to(latest), "hash", True)
        assert linked(text=USED, session_id="s1") == (to(latest), "fragment", True)

    def test_of_nested_spans_the_outer_and_not_ambiguous(self, telemetry, linked):
        with telemetry.request():
            outer = telemetry.chat(None, end=False, session__id="s1")
            with trace.use_span(outer):
                telemetry.chat(PARIS, session__id="s1")
            outer.set_attributes(telemetry.spans[-1].attributes)
            outer.end()
        assert linked(text=PARIS, session_id="s1") == (to(outer), "hash", False)
        assert linked(text=USED, session_id="s1") == (to(outer), "fragment", False)

    def test_never_across_users_and_sessions(self, telemetry, linked):
        telemetry.chat(PARIS)
        with conversation("1", subject="ann"):
            answer = telemetry.chat(PARIS, session__id="s1")
        for text in (PARIS, USED):
            assert linked(text=text, session_id="s2") == NOT_FOUND
            assert linked(text=text, conversation_id="2") == NOT_FOUND
            assert linked(text=text, conversation_id="1", subject="bob") == NOT_FOUND
            with conversation("1", subject="bob"):
                assert linked(text=text) == NOT_FOUND
            assert linked(text=text, conversation_id="1", subject="ann")[0] == to(answer)

    def test_of_a_user_whose_session_is_not_known(self, telemetry, linked):
        with conversation(None, subject="ann"):
            answer = telemetry.chat(PARIS)
        assert linked(text=PARIS, subject="ann") == (to(answer), "hash", False)
        assert linked(text=USED, subject="ann", session_id="s2") == (to(answer), "fragment", False)
        assert linked(text=USED, subject="bob") == NOT_FOUND

    def test_without_a_session_or_user_it_is_refused(self, telemetry, linked):
        telemetry.chat(PARIS)
        assert linked(text=PARIS) is None
        assert telemetry.counted == {"tagged": 1, "unknown_session": 1}

    def test_that_nothing_holds_is_left_to_the_store(self, telemetry, linked):
        assert linked(text=PARIS, session_id="s1", subject="ann") == NOT_FOUND
        attributes = telemetry.actions[0].attributes
        assert attributes["ai_feedback.output.hash"] == hash_text(PARIS, KEY.encode())
        assert attributes["session.id"] == "s1"
        assert "ai_feedback.output.time" not in attributes

    def test_too_short_for_a_hash_is_found_by_nothing(self, switch_on):
        telemetry = switch_on(setting={"HASH": "plain"})
        telemetry.chat("Paris.", session__id="s1")
        assert record_action(None, "copy", text="Paris.", session_id="s1")
        assert telemetry.provider.force_flush()
        assert telemetry.actions == []
        assert telemetry.counted == {"too_short": 1, "unknown_text": 1}

    def test_is_taken_at_its_own_time(self, telemetry, linked):
        telemetry.chat(PARIS, session__id="s1")
        at = telemetry.clock.now
        assert record_action(None, "copy", text=USED, session_id="s1")
        telemetry.clock.forward(5)
        assert telemetry.provider.force_flush()
        assert telemetry.actions[0].start_time == telemetry.actions[0].end_time == at

    def test_never_leaves(self, telemetry, linked):
        telemetry.chat(PARIS.upper(), session__id="s1")
        for text in (PARIS.upper(), PARIS, USED):
            linked(text=text, session_id="s1", action_id="1")
            said = telemetry.actions[0].to_json().casefold()
            assert not any(word in said for word in ("paris", "seine", "country"))

    @pytest.mark.parametrize("text", ["", " \n", 17, ["Paris"]])
    def test_that_is_none_is_refused(self, telemetry, linked, text):
        assert linked(text=text, session_id="s1") is None
        assert telemetry.counted == {"bad_text": 1}


class TestOrder:
    """Of several names the surest that leads anywhere decides."""

    @pytest.fixture
    def made(self, telemetry):
        """Five outputs in one session, and a name that means one each."""
        with telemetry.request():
            handle = request_handle()
            request = telemetry.chat("by its request", session__id="s1")
        spans = {
            "handle": telemetry.chat("by its handle", session__id="s1"),
            "request": request,
            "response_id": telemetry.chat("by its response", gen_ai__response__id="r1"),
            "key": telemetry.chat("by its key", session__id="s1"),
            "hash": telemetry.chat(PARIS, session__id="s1"),
        }
        link_key("k1", spans["key"])
        return spans, handle

    def test_handle_request_response_key_hash(self, made, linked):
        spans, handle = made
        names = {"response_id": "r1", "key": "k1", "text": PARIS, "session_id": "s1"}
        own = output_handle(spans["handle"])
        assert linked(own, **names) == (to(spans["handle"]), "handle", False)
        assert linked(handle, **names) == (to(spans["request"]), "request", False)
        for method in ("response_id", "key"):
            assert linked(**names) == (to(spans[method]), method, False)
            del names[method]
        assert linked(**names) == (to(spans["hash"]), "hash", False)

    def test_a_name_that_leads_nowhere_is_counted_and_the_next_tried(self, telemetry, made, linked):
        spans, _ = made
        before = telemetry.counted
        names = {"response_id": "gone", "key": "gone", "text": USED, "session_id": "s1"}
        assert linked("x" * 68, **names) == (to(spans["hash"]), "fragment", False)
        counted = {k: v - before.get(k, 0) for k, v in telemetry.counted.items()}
        assert {k: v for k, v in counted.items() if v} == {
            "handle_foreign": 1, "unknown_response_id": 1, "unknown_key": 1, "actions": 1,
        }  # fmt: skip

    def test_an_unanswered_request_is_better_than_nothing(self, telemetry, linked):
        with telemetry.request() as root:
            handle = request_handle()
        names = {"key": "gone", "text": PARIS, "session_id": "s1"}
        assert linked(handle, **names) == (to(root), "request", False)
        answer = telemetry.chat(PARIS, session__id="s1")
        assert linked(handle, **names) == (to(answer), "hash", False)

    def test_what_was_not_sampled_is_not_taken_for_another(self, switch_on):
        telemetry = switch_on(sampler=ALWAYS_OFF)
        handle = output_handle(telemetry.chat())
        otel_ai_feedback.uninstrument()
        telemetry = switch_on()
        telemetry.chat(PARIS, session__id="s1")
        assert record_action(handle, "copy", text=PARIS, session_id="s1")
        (action,) = telemetry.actions
        assert action.attributes["ai_feedback.link.method"] == "handle"
        assert "ai_feedback.output.hash" not in action.attributes
        assert telemetry.counted == {"tagged": 1, "actions": 1, "not_sampled": 1}

    def test_nothing_at_all_is_a_mistake(self, telemetry, linked):
        assert linked() is None
        assert telemetry.counted == {"bad_target": 1}


def test_a_cached_answer_has_the_response_id_of_another(telemetry, linked):
    telemetry.chat(PARIS, gen_ai__response__id="r1")
    latest = telemetry.chat(PARIS, gen_ai__response__id="r1")
    assert linked(response_id="r1") == (to(latest), "response_id", True)


@pytest.mark.parametrize("names", [{"key": "k1"}, {"response_id": "r1"}, {"text": PARIS}])
def test_told_twice_an_action_keeps_its_id_although_a_newer_output_is_found(
    telemetry, linked, names
):
    ids = set()
    for _ in range(2):
        with conversation("c1"):
            link_key("k1", telemetry.chat(PARIS, gen_ai__response__id="r1"))
            linked(action_id="click-1", **names)
        ids.add(telemetry.actions[0].attributes["ai_feedback.action.id"])
    assert len(ids) == 1


def test_nothing_is_recorded_of_whom_has_opted_out(telemetry):
    answer = telemetry.chat(PARIS)
    handle = output_handle(answer)
    with conversation("c1", observe=False):
        assert output_handle(answer) is None
        assert request_handle(answer) is None
        assert not link_key("k1", answer)
        assert not record_action(handle, "copy")
    assert telemetry.counted["opted_out"] == 4
    assert not record_action(None, "copy", key="k1")
    assert telemetry.actions == []


def test_before_instrument_no_key_is_tied():
    assert link_key("msg-17") is False
