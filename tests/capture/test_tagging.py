"""What an LLM span says of its conversation, user, prompt and agent, and what is an output."""

import asyncio
import json
import threading

import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from otel_ai_feedback import conversation, output_handle
from otel_ai_feedback.capture.exchange import Exchange
from otel_ai_feedback.capture.text.hashing import hash_subject

from .telemetry import KEY, messages


@pytest.mark.parametrize("remote", [True, False])
def test_a_parent_that_records_nothing_is_an_unknown_parent(telemetry, remote):
    context = SpanContext(7, 8, is_remote=remote, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    above = trace.set_span_in_context(NonRecordingSpan(context))
    spans = [telemetry.tracer.start_span("chat", context=above) for _ in range(2)]
    for span in spans:
        span.set_attribute("gen_ai.operation.name", "chat")
        span.set_attribute("gen_ai.output.messages", messages(f"Paris {span.context.span_id}."))
        span.end()
    assert telemetry.counted == {"tagged": 2}
    assert all(output_handle(span) for span in spans)
    if not remote:
        roots = {made["ai_feedback.request.span_id"] for made in telemetry.outputs}
        assert roots == {f"{8:016x}"}
        assert sorted(made["ai_feedback.request.seq"] for made in telemetry.outputs) == [1, 2]


def test_no_handle_for_a_span_that_was_not_tagged(telemetry):
    with telemetry.tracer.start_as_current_span("GET /") as span:
        pass
    assert output_handle(span) is None


def test_the_applications_conversation_counts_more_than_a_frameworks(telemetry):
    with conversation("k1"):
        telemetry.chat(gen_ai__conversation__id="made up")
    telemetry.chat(gen_ai__conversation__id="own")
    assert [m["gen_ai.conversation.id"] for m in telemetry.outputs] == ["k1", "own"]


def test_a_feature_without_a_conversation(telemetry):
    with conversation(feature="draft"):
        telemetry.chat()
    (made,) = telemetry.outputs
    assert made["ai_feedback.feature"] == "draft"
    assert "gen_ai.conversation.id" not in made


def test_the_user_and_the_version_of_the_agent_above(telemetry):
    named = {"gen_ai.agent.name": "guide", "gen_ai.agent.version": "1.4", "user.id": "ann"}
    with telemetry.request(), telemetry.tracer.start_as_current_span("invoke", attributes=named):
        telemetry.chat()
    made = next(m for m in telemetry.outputs if m["gen_ai.operation.name"] == "chat")
    assert made["ai_feedback.subject"] == hash_subject("ann", KEY.encode())
    assert made["ai_feedback.release"] == "1.4"


def test_a_user_whom_only_the_instrumentation_names_may_have_opted_out(switch_on):
    telemetry = switch_on(observe=lambda user: user != "ann")
    telemetry.chat(user__id="ann")
    telemetry.chat(user__id="bob")
    assert telemetry.counted["opted_out"] == 1
    assert ["ai_feedback.output.hash" in m for m in telemetry.outputs] == [False, True]


def test_the_prompt_that_the_instrumentation_names(telemetry):
    with conversation(prompt_version="theirs"):
        telemetry.chat(gen_ai__prompt__name="mail", gen_ai__prompt__version="3")
        telemetry.chat(gen_ai__prompt__version="3")
        telemetry.chat()
    found = [m["ai_feedback.prompt.version"] for m in telemetry.outputs]
    assert found == ["mail@3", "3", "theirs"]


def test_responses_that_follow_each_other_are_a_conversation(telemetry):
    telemetry.chat(gen_ai__response__id="r1")
    for n in (2, 3):
        telemetry.chat(
            gen_ai__response__id=f"r{n}",
            **{"gen_ai.request.previous_response.id": f"r{n - 1}"},
        )
    found = [m.get("gen_ai.conversation.id") for m in telemetry.outputs]
    assert found == [None, "r1", "r1"]


def test_nothing_is_compared_across_a_compaction(telemetry):
    telemetry.chat(ask="And now?", **{"gen_ai.conversation.compacted": True})
    assert telemetry.events == []


def fetch(telemetry, text, response_id="r1"):
    attributes = {"gen_ai.operation.name": "fetch_response", "gen_ai.response.id": response_id}
    if text is not None:
        attributes["gen_ai.output.messages"] = messages(text)
    with telemetry.tracer.start_as_current_span("fetch_response", attributes=attributes) as span:
        pass
    return span


def test_an_answer_made_in_the_background_is_one_output_however_often_it_is_fetched(telemetry):
    telemetry.chat(None, gen_ai__response__id="r1")
    fetch(telemetry, None)
    first = fetch(telemetry, "Paris.")
    again = fetch(telemetry, "Paris.")
    tagged = [m for m in telemetry.outputs if "ai_feedback.output.hash" in m]
    assert len(tagged) == 1
    assert telemetry.counted == {"not_recorded": 1, "tagged": 1, "fetched_again": 1}
    assert output_handle(again) == output_handle(first) == output_handle(response_id="r1")


@pytest.mark.parametrize("reasons", [("error",), '["error"]', ("",)])
def test_a_stream_closed_before_the_first_token_is_no_empty_answer(telemetry, reasons):
    telemetry.chat("", gen_ai__response__finish_reasons=reasons)
    (made,) = telemetry.outputs
    assert "ai_feedback.output.length" not in made
    assert telemetry.counted == {"unfinished": 1}


def test_structured_output_says_so_and_has_a_handle(telemetry):
    part = {"type": "tool_call", "name": "Summary", "arguments": {"text": "Short."}}
    written = json.dumps([{"role": "assistant", "parts": [part], "finish_reason": "tool_call"}])
    with telemetry.request():
        span = telemetry.chat(None, gen_ai__output__messages=written)
        assert output_handle() == output_handle(span) is not None
    (made,) = telemetry.outputs
    assert made["ai_feedback.output.type"] == "tool_call"
    assert made["ai_feedback.output.length"] == len('{"text":"Short."}')


def exchange_of(telemetry):
    return Exchange(lambda *_: None, lambda _: None, observed=True, retry=False)


def test_a_call_in_an_executor_or_thread_belongs_to_the_request(telemetry):
    def call():
        telemetry.chat()

    async def main():
        await asyncio.get_running_loop().run_in_executor(None, call)

    with telemetry.request() as root, exchange_of(telemetry).current():
        asyncio.run(main())
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
    roots = {made["ai_feedback.request.span_id"] for made in telemetry.outputs}
    assert roots == {f"{root.get_span_context().span_id:016x}"}
    assert len(telemetry.outputs) == 2
    assert "run" not in vars(thread)


def test_a_daemon_that_a_request_happens_to_start_does_not_belong_to_it(telemetry):
    with telemetry.request() as root, exchange_of(telemetry).current():
        thread = threading.Thread(target=telemetry.chat, daemon=True)
        thread.start()
        thread.join()
    (made,) = telemetry.outputs
    assert made["ai_feedback.request.span_id"] != f"{root.get_span_context().span_id:016x}"
