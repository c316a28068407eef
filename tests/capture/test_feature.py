"""Feature, conversation and subject: where an output belongs."""

import asyncio

from otel_ai_feedback import conversation
from otel_ai_feedback.capture.text.hashing import hash_subject

from .telemetry import KEY

FEATURE = "ai_feedback.feature"


def test_the_setting_wins_over_all(switch_on):
    telemetry = switch_on(setting={"FEATURE": "setting"})
    with conversation("c", feature="conversation"):
        telemetry.chat(gen_ai__agent__name="agent")
    assert telemetry.outputs[0][FEATURE] == "setting"


def test_conversation_then_agent_then_route_then_nothing(telemetry):
    with telemetry.tracer.start_as_current_span("POST") as root:
        with conversation("c", feature="conversation"):
            telemetry.chat(gen_ai__agent__name="agent")
        telemetry.chat(gen_ai__agent__name="agent")
        telemetry.chat()
        root.set_attribute("http.route", "/chat/{id}")
        telemetry.chat()
    telemetry.chat()
    assert [output.get(FEATURE) for output in telemetry.outputs] == [
        "conversation", "agent", None, "/chat/{id}", None,
    ]  # fmt: skip


def test_the_nearest_agent_above_counts(telemetry):
    attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "outer"}
    start = telemetry.tracer.start_as_current_span
    with start("invoke_agent", attributes=attributes), start("step"):
        telemetry.chat()
        with start("invoke_agent", attributes={**attributes, "gen_ai.agent.name": "inner"}):
            telemetry.chat()
    found = [output[FEATURE] for output in telemetry.outputs if FEATURE in output]
    assert found == ["outer", "inner"]


def test_a_conversation_reaches_the_spans_beneath(telemetry):
    with conversation("c1", subject="ann@example.com"):
        telemetry.chat()
    telemetry.chat()
    inside, outside = telemetry.outputs
    assert inside["gen_ai.conversation.id"] == "c1"
    assert inside["ai_feedback.subject"] == hash_subject("ann@example.com", KEY.encode())
    assert "ann" not in str(inside)
    assert {"gen_ai.conversation.id", "ai_feedback.subject"}.isdisjoint(outside)


def test_the_applications_id_counts_more_than_the_instrumentations(telemetry):
    """A framework may make up one of its own for each run, which ties no turns together."""
    with conversation("c1"):
        telemetry.chat(gen_ai__conversation__id="theirs")
    telemetry.chat(gen_ai__conversation__id="theirs")
    inside, outside = telemetry.outputs
    assert inside["gen_ai.conversation.id"] == "c1"
    assert outside["gen_ai.conversation.id"] == "theirs"


def test_an_inner_conversation_inherits_what_it_does_not_name(telemetry):
    with conversation("c1", subject="ann", feature="f"), conversation("c2"):
        telemetry.chat()
    (output,) = telemetry.outputs
    assert output["gen_ai.conversation.id"] == "c2"
    assert output[FEATURE] == "f"
    assert output["ai_feedback.subject"] == hash_subject("ann", KEY.encode())


def test_it_is_where_the_span_started_that_counts(telemetry):
    with conversation("c1"):
        span = telemetry.chat(end=False)
    with conversation("c2"):
        span.end()
    assert telemetry.outputs[0]["gen_ai.conversation.id"] == "c1"


def test_tasks_do_not_mix(telemetry):
    async def chat(name):
        with conversation(name):
            await asyncio.sleep(0)
            span = telemetry.chat(name, end=False)
            await asyncio.sleep(0)
            span.end()

    async def main():
        await asyncio.gather(*(chat(f"c{number}") for number in range(20)))

    asyncio.run(main())
    from otel_ai_feedback.capture.text.hashing import hash_text

    for output in telemetry.outputs:
        name = output["gen_ai.conversation.id"]
        assert output["ai_feedback.output.hash"] == hash_text(name, KEY.encode())


def test_any_id_will_do_and_errors_of_the_block_pass_through(telemetry):
    try:
        with conversation(42, subject=7):  # a caller without a type checker
            telemetry.chat()
            raise KeyError("theirs")
    except KeyError:
        pass
    assert telemetry.outputs[0]["gen_ai.conversation.id"] == "42"


def test_nothing_of_it_propagates_out_of_the_process(telemetry):
    from opentelemetry.propagate import inject

    carrier = {}
    with conversation("c1", subject="ann"), telemetry.tracer.start_as_current_span("x"):
        inject(carrier)
    assert set(carrier) == {"traceparent"}


def test_channel_and_prompt_version_of_a_conversation(telemetry):
    with conversation("c", channel="voice", prompt_version="7"):
        telemetry.chat()
        with conversation(None, prompt_version="8"):
            telemetry.chat()
        with conversation(None, channel="text"):
            telemetry.chat()
        with conversation(None, channel="smoke signals"):
            telemetry.chat()
    found = [
        (output.get("ai_feedback.channel"), output["ai_feedback.prompt.version"])
        for output in telemetry.outputs
    ]
    assert found == [("voice", "7"), ("voice", "8"), (None, "7"), ("voice", "7")]


def test_channel_of_the_process(switch_on):
    telemetry = switch_on(setting={"CHANNEL": "voice"})
    telemetry.chat()
    with conversation("c", channel="text"):
        telemetry.chat()
    assert [output.get("ai_feedback.channel") for output in telemetry.outputs] == ["voice", None]


def test_the_question_of_a_conversation_goes_before_what_the_model_got(telemetry):
    question = "When are orders shipped?"
    with conversation("c", question=question):
        telemetry.chat(ask=f"Answer from these passages: ... Question: {question}")
    telemetry.chat(ask=question)
    first, second = telemetry.outputs
    for name in ("ai_feedback.input.hash", "ai_feedback.input.sketch"):
        assert first[name] == second[name]
