"""Answers that come as log events while the LLM span lives."""

import pytest
from opentelemetry import trace
from opentelemetry._logs import LogRecord, NoOpLoggerProvider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider

import otel_ai_feedback
from otel_ai_feedback.capture.log_processor import AnswerFromLogs
from otel_ai_feedback.capture.text.hashing import hash_text
from otel_ai_feedback.config import load

from .telemetry import KEY

HASH = hash_text("Paris.", KEY.encode())
TURN = "And since when has it been that?"


@pytest.fixture
def theirs(telemetry):
    """The application's logs, as its exporter sees them."""
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    yield provider.get_logger("theirs"), exporter
    assert telemetry.counted.get("errors", 0) == 0


def emit(logger, name, body=None, attributes=None, **fields):
    logger.emit(LogRecord(event_name=name, body=body, attributes=attributes, **fields))


def choice(content="Paris.", index=0, **message):
    return {"index": index, "message": {"role": "assistant", "content": content, **message}}


def chat(telemetry):
    attributes = {"gen_ai.operation.name": "chat"}
    return telemetry.tracer.start_as_current_span("chat", attributes=attributes)


def parts(role, *texts):
    return [{"role": role, "parts": [{"type": "text", "content": text} for text in texts]}]


def test_a_conversation_as_one_event_a_message(telemetry, theirs):
    logger, exporter = theirs
    with chat(telemetry):
        emit(logger, "gen_ai.system.message", {"content": "Be brief."})
        emit(logger, "gen_ai.user.message", {"content": "What is the capital of France?"})
        emit(logger, "gen_ai.assistant.message", {"content": "Paris."})
        emit(logger, "gen_ai.user.message", {"content": TURN})
        emit(logger, "gen_ai.choice", choice())
        emit(logger, "gen_ai.choice", choice("Rome.", index=1))
    (output,) = telemetry.outputs
    assert output["ai_feedback.output.hash"] == HASH
    assert output["ai_feedback.input.hash"] == hash_text(TURN, KEY.encode())
    assert len(exporter.get_finished_logs()) == 6


@pytest.mark.parametrize("place", ["attributes", "body"])
def test_both_in_one_event(telemetry, theirs, place):
    messages = {
        "gen_ai.output.messages": parts("assistant", "Paris."),
        "gen_ai.input.messages": parts("user", TURN),
    }
    with chat(telemetry):
        emit(theirs[0], "gen_ai.client.inference.operation.details", **{place: messages})
    (output,) = telemetry.outputs
    assert output["ai_feedback.output.hash"] == HASH
    assert output["ai_feedback.input.hash"] == hash_text(TURN, KEY.encode())


def test_an_event_of_a_stream_brings_its_span_as_context(telemetry, theirs):
    with chat(telemetry) as span:
        pass_on = trace.set_span_in_context(span)
        with telemetry.tracer.start_as_current_span("something else"):
            emit(theirs[0], "gen_ai.choice", choice(), context=pass_on)
    (output,) = telemetry.outputs
    assert output["ai_feedback.output.hash"] == HASH


def test_an_event_of_another_span_is_not_taken_for_this_ones(telemetry, theirs):
    with chat(telemetry) as first:
        pass
    ids = first.get_span_context()
    with chat(telemetry):
        emit(theirs[0], "gen_ai.choice", choice(), trace_id=ids.trace_id, span_id=ids.span_id)
    assert telemetry.counted["not_recorded"] == 2


@pytest.mark.parametrize(
    ("body", "counted"),
    [
        (choice(None, tool_calls=[{"id": "1"}]), "no_text"),
        (choice([{"type": "image_url"}]), "no_text"),
        (choice([{"text": "Paris."}]), "tagged"),
        (choice(""), "empty"),
        # As it comes with content capture off.
        ({"index": 0, "message": {"role": "assistant"}}, "not_recorded"),
        ({"index": 0}, "unparseable"),
        (choice("Rome.", index=1), "not_recorded"),
        ("Paris.", "not_recorded"),
        (None, "not_recorded"),
    ],
)
def test_a_choice(telemetry, theirs, body, counted):
    with chat(telemetry):
        emit(theirs[0], "gen_ai.choice", body)
    assert telemetry.counted == {counted: 1}


def call(name, index):
    """A tool call as OpenLLMetry has one: beside a message of its own."""
    called = {"function": {"name": name, "arguments": {"of": name}}, "type": "function"}
    return {"index": index, "message": {"content": None}, "tool_calls": [called]}


@pytest.mark.parametrize(
    ("blocks", "text"),
    [
        ([choice(), call("a", 1), call("b", 2)], "Paris."),
        ([call("a", 0), call("b", 1)], '{"of":"a"}\n{"of":"b"}'),
        ([call("a", 0), choice(index=1), call("b", 2)], "Paris."),
        # The first may be a thought.
        ([choice("Of France?"), choice(index=1)], None),
    ],
)
def test_blocks_of_one_answer_as_an_event_each(telemetry, theirs, blocks, text):
    with chat(telemetry):
        for block in blocks:
            emit(theirs[0], "gen_ai.choice", block, {"gen_ai.provider.name": "anthropic"})
    (output,) = telemetry.outputs
    expected = None if text is None else hash_text(text, KEY.encode())
    assert output.get("ai_feedback.output.hash") == expected


def parted(*texts):
    """A choice as Google's ADK has it, with every field of its parts."""
    pieces = [{"text": text, "function_call": None, "thought": None} for text in texts]
    return {"index": 0, "content": {"parts": pieces, "role": "model"}}


def test_a_stream_as_one_event_a_piece(telemetry, theirs):
    with chat(telemetry):
        emit(theirs[0], "gen_ai.user.message", parted(TURN))
        for piece in ("Pa", "ris", "."):
            emit(theirs[0], "gen_ai.choice", parted(piece))
        # Some send the whole once more.
        emit(theirs[0], "gen_ai.choice", parted("Paris."))
    (output,) = telemetry.outputs
    assert output["ai_feedback.output.hash"] == HASH
    assert output["ai_feedback.input.hash"] == hash_text(TURN, KEY.encode())


def test_content_that_was_left_out_is_not_taken_for_a_text(telemetry, theirs):
    with chat(telemetry):
        emit(theirs[0], "gen_ai.user.message", {"content": "<elided>"})
        emit(theirs[0], "gen_ai.choice", {"content": "<elided>", "index": 0})
    assert telemetry.counted == {"not_recorded": 1}
    assert telemetry.events == []


def test_a_text_that_the_sdk_cut_has_no_hash(telemetry, monkeypatch):
    monkeypatch.setenv("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "5")
    provider = LoggerProvider(shutdown_on_exit=False)
    messages = {"gen_ai.output.messages": parts("assistant", "Paris.")}
    with chat(telemetry):
        logger = provider.get_logger("theirs")
        emit(logger, "gen_ai.client.inference.operation.details", attributes=messages)
    assert telemetry.counted == {"truncated": 1}


def test_the_name_of_an_event_may_be_an_attribute(telemetry, theirs):
    with chat(telemetry):
        emit(theirs[0], None, choice(), {"event.name": "gen_ai.choice"})
    assert telemetry.counted == {"tagged": 1}


def test_other_records_and_records_outside_of_spans_are_left_alone(telemetry, theirs):
    logger, exporter = theirs
    emit(logger, "gen_ai.choice", choice())
    with chat(telemetry):
        emit(logger, None, "an ordinary line")
        emit(logger, "ai_feedback.output.delivered", {"index": 0})
        emit(logger, 5, {"a": 1})
    assert telemetry.counted == {"not_recorded": 1}
    assert len(exporter.get_finished_logs()) == 4


def processors(provider):
    inner = provider._multi_log_record_processor._log_record_processors
    return [processor for processor in inner if isinstance(processor, AnswerFromLogs)]


def test_every_logger_provider_has_one_however_often_capture_is_switched_on(switch_on):
    earlier = LoggerProvider(shutdown_on_exit=False)
    telemetry = switch_on()
    later = LoggerProvider(shutdown_on_exit=False)
    otel_ai_feedback.uninstrument()
    off = LoggerProvider(shutdown_on_exit=False)
    assert not processors(off)
    again = switch_on()
    for provider in (earlier, later, off, telemetry.loggers, again.loggers):
        assert len(processors(provider)) == 1


@pytest.mark.parametrize("when", ["earlier", "later"])
def test_a_provider_that_is_only_handed_to_the_instrumentation(switch_on, when):
    provider = LoggerProvider(shutdown_on_exit=False) if when == "earlier" else None
    telemetry = switch_on()
    provider = provider or LoggerProvider(shutdown_on_exit=False)
    with chat(telemetry):
        emit(provider.get_logger("theirs"), "gen_ai.choice", choice())
    (output,) = telemetry.outputs
    assert output["ai_feedback.output.hash"] == HASH


def test_a_given_provider_that_takes_no_processors_is_left_alone(environment, tmp_path):
    names = {f"OTEL_AI_FEEDBACK_{name}": value for name, value in environment.items()}
    before = otel_ai_feedback.stats().get("errors", 0)
    settings = load(environ=names, directory=tmp_path)
    otel_ai_feedback.instrument(TracerProvider(), NoOpLoggerProvider(), settings)
    otel_ai_feedback.uninstrument()
    assert otel_ai_feedback.stats().get("errors", 0) == before


def test_an_error_of_ours_does_not_reach_the_application(guard):
    AnswerFromLogs(guard).on_emit(object())
    AnswerFromLogs(guard).emit(object())
    assert guard.counts.snapshot() == {"errors": 2}


def test_it_holds_nothing(guard):
    processor = AnswerFromLogs(guard)
    assert processor.force_flush()
    processor.shutdown()
