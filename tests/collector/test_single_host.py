"""From OTLP through the Collector of a single host to the views of ``serve``."""

import json

import httpx
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.text.hashing import hash_text
from serve import otlp

from .processes import dump, eventually

pytestmark = pytest.mark.collector

ANSWER = "An answer that is long enough to be hashed without a key: it has more than 64 characters."
PROMPT = "what someone asked"
OUTPUT_MESSAGES = "gen_ai.output.messages"


def resource(service, language="nodejs"):
    return {
        "service.name": service,
        "telemetry.sdk.language": language,
        names.BACKFILL: True,
    }


def messages(*parts):
    return dump([{"role": "assistant", "parts": list(parts), "finish_reason": "stop"}])


def text(content):
    return {"type": "text", "content": content}


def chat(number=1, **attributes):
    return otlp.span(number, attributes={"gen_ai.operation.name": "chat"} | attributes)


def event(name, to, body="", **attributes):
    return LogRecord(
        time_unix_nano=to.end_time_unix_nano,
        trace_id=to.trace_id,
        span_id=to.span_id,
        event_name=name,
        body=AnyValue(string_value=body),
        attributes=otlp.pairs(attributes),
    )


def logs(service, *records):
    return ExportLogsServiceRequest(
        resource_logs=[
            ResourceLogs(
                resource={"attributes": otlp.pairs(resource(service))},
                scope_logs=[ScopeLogs(log_records=records)],
            )
        ]
    )


@pytest.fixture(scope="module")
def usual(collector):
    return collector()


@pytest.fixture
def stored(serve, request):
    """Wait until so many spans of this test's service are stored, and give their attributes."""

    def stored(service, count=1):
        sql = f"select SpanAttributes from otel_traces where ServiceName = '{service}'"
        rows = eventually(
            lambda: len(found := serve.ask(sql)) >= count and found, f"{count} spans of {service}"
        )
        assert len(rows) == count
        return [attributes for (attributes,) in rows]

    return stored


def test_an_output_and_its_action_arrive_in_the_views(usual, serve):
    target = otlp.output(1)
    copied = otlp.action(1, target, "copy", amount=1.0)
    spans = otlp.traces(target, copied, resource=resource("linked", "python"))
    for _ in range(2):  # the second delivery must not count
        assert usual.send(spans)
    said = {
        names.OUTPUT_TIME: target.start_time_unix_nano // 10**9,
        names.INPUT_HASH: "hmac-sha256:1",
    }
    details = event("ai_feedback.output.details", target, **said)
    assert usual.send(logs("linked", details), "logs")
    found = eventually(
        lambda: serve.ask(
            "select class, input_hash from outputs where service = 'linked' and input_hash != ''"
        ),
        "the output with its details",
    )
    assert found == [("used", "hmac-sha256:1")]
    assert eventually(
        lambda: serve.ask("select action, value from actions where service = 'linked'"),
        "the action",
    ) == [("copy", 1.0)]


def test_an_output_of_another_language_is_tagged(usual, serve, stored):
    span = chat(2, **{OUTPUT_MESSAGES: messages(text(f"  {ANSWER}\r\n"))})
    assert usual.send(otlp.traces(span, resource=resource("node")))
    (attributes,) = stored("node")
    assert attributes[names.OUTPUT_HASH] == hash_text(ANSWER, None)
    assert attributes[names.OUTPUT_TIME] == str(span.start_time_unix_nano // 10**9)
    assert names.OUTPUT_LENGTH not in attributes
    (row,) = eventually(
        lambda: serve.ask("select output_hash, feature, class from outputs where service = 'node'"),
        "the output",
    )
    assert row == (hash_text(ANSWER, None), "node", "none")


@pytest.mark.parametrize(
    ("service", "attributes"),
    [
        ("openinference", {
            "openinference.span.kind": "LLM",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": ANSWER,
        }),
        ("openllmetry", {
            "llm.request.type": "chat",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": ANSWER,
        }),
        ("ai-sdk", {"ai.operationId": "ai.streamText.doStream", "ai.response.text": ANSWER}),
    ],
)  # fmt: skip
def test_other_conventions(usual, stored, service, attributes):
    span = otlp.span(3, attributes=attributes)
    assert usual.send(otlp.traces(span, resource=resource(service)))
    assert stored(service)[0][names.OUTPUT_HASH] == hash_text(ANSWER, None)


@pytest.mark.parametrize(
    ("reason", "attributes"),
    [
        ("no_text", {}),
        ("unreadable", {OUTPUT_MESSAGES: messages(text(ANSWER))[:-20]}),
        ("several_parts", {OUTPUT_MESSAGES: messages(text(ANSWER), text(ANSWER))}),
        ("several_parts", {OUTPUT_MESSAGES: messages({"type": "reasoning", "content": ANSWER})}),
        ("several_parts", {OUTPUT_MESSAGES: "[]"}),
        ("several_parts", {OUTPUT_MESSAGES: dump([{"parts": [text(ANSWER)]}] * 2)}),
        ("several_parts", {OUTPUT_MESSAGES: '[{"parts": [{"type": "text", "content": 7}]}]'}),
        ("several_parts", {OUTPUT_MESSAGES: '[{"parts": null}]'}),
        ("unreadable", {OUTPUT_MESSAGES: '{"parts": []}'}),
        ("unreadable", {OUTPUT_MESSAGES: 7}),
        ("short", {OUTPUT_MESSAGES: messages(text("too short to be safe without a key"))}),
        ("short", {OUTPUT_MESSAGES: messages(text(" \n "))}),
        ("several_parts", {
            "openinference.span.kind": "LLM",
            "llm.output_messages.0.message.content": ANSWER,
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.1.message.role": "assistant",
        }),
    ],
)  # fmt: skip
def test_what_cannot_be_tagged_is_counted(usual, serve, stored, reason, attributes, request):
    service = request.node.name
    assert usual.send(otlp.traces(chat(4, **attributes), resource=resource(service)))
    (found,) = stored(service)
    assert found[names.OUTPUT_UNTAGGED] == reason
    assert names.OUTPUT_HASH not in found
    assert names.OUTPUT_TIME not in found
    assert serve.ask(f"select count() from outputs where service = '{service}'") == [(0,)]


def test_a_call_that_failed_is_an_output(usual, serve, stored):
    span = otlp.span(
        5,
        attributes={"gen_ai.operation.name": "chat"},
        status=Status(code=Status.STATUS_CODE_ERROR, message="timeout"),
    )
    assert usual.send(otlp.traces(span, resource=resource("failing")))
    assert names.OUTPUT_UNTAGGED not in stored("failing")[0]
    assert eventually(
        lambda: serve.ask("select class from outputs where service = 'failing'"), "the output"
    ) == [("failed",)]


@pytest.mark.parametrize(
    ("service", "language", "attributes"),
    [
        # capture is there; the tag may travel on an event
        ("python", "python", {OUTPUT_MESSAGES: messages(text(ANSWER))}),
        ("tagged", "nodejs", {OUTPUT_MESSAGES: messages(text(ANSWER)), names.OUTPUT_TIME: 1}),
    ],
)
def test_what_capture_looks_after_is_left_alone(usual, stored, service, language, attributes):
    sent = otlp.traces(chat(6, **attributes), resource=resource(service, language))
    assert usual.send(sent)
    assert names.OUTPUT_HASH not in stored(service)[0]


def test_only_what_the_loop_needs_is_kept(usual, serve, stored):
    llm = chat(7)
    other = otlp.span(8, name="GET /", attributes={"http.route": "/"})
    assert usual.send(otlp.traces(other, llm, resource=resource("filtered")))
    records = [
        event("gen_ai.evaluation.result", llm),
        event("", llm, **{"event.name": "ai_feedback.output.delivered"}),
        event("app.log", llm, body="hello"),
        event("", llm),
    ]
    assert usual.send(logs("filtered", *records), "logs")
    stored("filtered")
    kept = "select EventName from otel_logs where ServiceName = 'filtered'"
    eventually(lambda: len(serve.ask(kept)) >= 2, "two events")
    assert sorted(serve.ask(kept)) == [("",), ("gen_ai.evaluation.result",)]


def test_results_of_other_tools_pass_the_filter(usual, serve, stored):
    # on the spans of a judge and of an agent, which are no LLM spans
    judge = otlp.span(31, attributes={"trace.evaluations.0.evaluation.name": "tone",
                                      "trace.evaluations.0.evaluation.score": 1.0})  # fmt: skip
    agent = otlp.span(32)
    said = agent.events.add(
        name="gen_ai.evaluation.result", time_unix_nano=agent.end_time_unix_nano
    )
    said.attributes.extend(
        otlp.pairs({"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.5})
    )
    assert usual.send(otlp.traces(judge, agent, resource=resource("judged")))
    records = [
        event("copilot_chat.user.feedback", agent, rating="positive"),
        event("claude_code.tool_decision", agent, decision="accept", source="user_temporary"),
        event("copilot_chat.edit.survival", agent, survival_rate_four_gram=0.5, time_delay_ms=5000),
    ]
    assert usual.send(logs("judged", *records), "logs")
    sql = "select name from evaluation_state where service = 'judged' and refused = ''"
    found = eventually(
        lambda: len(rows := serve.ask(sql)) >= 5 and rows, "five results of other tools"
    )
    assert sorted(name for (name,) in found) == [
        "edit_accepted", "relevance", "survival_5s", "thumbs", "tone",
    ]  # fmt: skip


def test_everything_is_kept_on_request(collector, serve, stored):
    everything = collector(OTEL_AI_FEEDBACK_KEEP="all")
    spans = [chat(9), otlp.span(10, attributes={"http.route": "/"})]
    assert everything.send(otlp.traces(*spans, resource=resource("unfiltered")))
    assert everything.send(logs("unfiltered", event("app.log", spans[0])), "logs")
    stored("unfiltered", 2)
    eventually(
        lambda: serve.ask("select 1 from otel_logs where ServiceName = 'unfiltered'"), "the log"
    )


def test_texts_are_taken_out_on_request(collector, serve, stored):
    """After they have been hashed, wherever they stand, and under names not heard of before."""
    silent = collector(OTEL_AI_FEEDBACK_TEXT="drop")
    secret = {
        OUTPUT_MESSAGES: messages(text(ANSWER)),
        "gen_ai.input.messages": PROMPT,
        "gen_ai.system_instructions": PROMPT,
        "gen_ai.prompt.0.content": PROMPT,
        "gen_ai.request.stop_sequences": PROMPT,
        "gen_ai.tool.call.arguments": PROMPT,
        "input.value": PROMPT,
        "next.year.convention": PROMPT,
    }
    kept = {
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.conversation.id": "c1",
        names.FEATURE: "support",
    }
    span = otlp.span(
        11,
        attributes={"gen_ai.operation.name": "chat"} | secret | kept,
        status=Status(code=Status.STATUS_CODE_ERROR, message=PROMPT),
        events=[Span.Event(time_unix_nano=1, name="gen_ai.choice",
                           attributes=otlp.pairs({"message": PROMPT, "exception.type": "E"}))],
    )  # fmt: skip
    assert silent.send(otlp.traces(span, resource=resource("silent")))
    inference = event("gen_ai.client.inference.operation.details", span, body=PROMPT, **secret)
    assert silent.send(logs("silent", inference), "logs")
    (attributes,) = stored("silent")
    assert attributes[names.OUTPUT_HASH] == hash_text(ANSWER, None)
    assert kept.keys() <= attributes.keys()
    rows = eventually(
        lambda: serve.ask("select * from otel_logs where ServiceName = 'silent'"), "the event"
    )
    rows += serve.ask("select * from otel_traces where ServiceName = 'silent'")
    assert ANSWER not in repr(rows)
    assert PROMPT not in repr(rows)


def test_its_health_and_metrics_can_be_watched(usual, stored):
    assert usual.send(otlp.traces(chat(12), resource=resource("watched")))
    stored("watched")
    assert usual.metric("otelcol_receiver_accepted_spans") > 0
    assert usual.metric("otelcol_exporter_sent_spans") > 0
    assert usual.metric("otelcol_exporter_queue_capacity") > 0


def test_a_wrong_password_is_reported(collector, serve):
    stranger = collector(OTEL_AI_FEEDBACK_CLICKHOUSE_PASSWORD="not the password")
    assert stranger.send(otlp.traces(chat(13), resource=resource("stranger"))), "it is queued"
    eventually(lambda: "Authentication failed" in stranger.log, "a line in the log")
    assert serve.ask("select count() from otel_traces where ServiceName = 'stranger'") == [(0,)]


def test_grafana_reads_beside_it(usual, serve, passwords):
    asked = {"content": "select count() from outputs format JSON", "timeout": 30}
    answer = httpx.post(serve.url, auth=("grafana", passwords["grafana"]), **asked)
    assert json.loads(answer.text)["rows"] == 1
