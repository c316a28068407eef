"""The oldest SDK that is supported, and those since then that differ inside."""

import json
import subprocess

import pytest

PROGRAM = """
import json
from opentelemetry import trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider, export
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
import otel_ai_feedback

in_memory = getattr(export, "InMemoryLogRecordExporter", None) or export.InMemoryLogExporter
spans, logs = InMemorySpanExporter(), in_memory()
resource = Resource.create({"service.name": "a-shop"})
tracers, loggers = TracerProvider(resource=resource), LoggerProvider(resource=resource)
tracers.add_span_processor(SimpleSpanProcessor(spans))
loggers.add_log_record_processor(export.SimpleLogRecordProcessor(logs))
otel_ai_feedback.instrument(tracers, loggers)

def emit(name, body):
    try:
        from opentelemetry.sdk._logs import LogRecord
        own = {"resource": resource}
    except ImportError:
        from opentelemetry._logs import LogRecord
        own = {}
    own.update(
        timestamp=1, observed_timestamp=1, body=body, severity_number=SeverityNumber.INFO
    )
    span = trace.get_current_span()
    try:
        record = LogRecord(**own, context=trace.set_span_in_context(span), event_name=name)
    except TypeError:
        at = span.get_span_context()
        record = LogRecord(
            **own, trace_id=at.trace_id, span_id=at.span_id, trace_flags=at.trace_flags,
            attributes={"event.name": name},
        )
    loggers.get_logger("test").emit(record)

TEXT, ASK = "zqxjkvbp wmfyth", "bdfhjlnprtvxz gkmqsw"
span = tracers.get_tracer("test").start_span("chat")
with trace.use_span(span):
    span.set_attribute("gen_ai.operation.name", "chat")
    messages = [{"role": "user", "parts": [{"type": "text", "content": ASK}]}]
    span.set_attribute("gen_ai.input.messages", json.dumps(messages))
    span.add_event("gen_ai.user.message", {"content": ASK, "role": "user"})
    span.record_exception(ValueError(TEXT))
    emit("gen_ai.choice", {"index": 0, "message": {"content": TEXT}})
    emit("shop.checkout", {"index": 0, "message": "of the application"})
span.end()
# Who hands out a handle after the span was read says so by an event.
seen = len(dict(span.attributes))
handle = otel_ai_feedback.output_handle(span)
otel_ai_feedback.record_action(handle, "copy", 0.8)
tracers.force_flush()
ended, action = spans.get_finished_spans()
records = logs.get_finished_logs()
exported = encode_spans([ended, action]).SerializeToString()
exported_logs = encode_logs(records).SerializeToString()
print(json.dumps({
    "attributes": dict(ended.attributes),
    "events": {event.name: sorted(event.attributes) for event in ended.events},
    "bodies": [data.log_record.body for data in records],
    "logged": [dict(data.log_record.attributes or {}) for data in records],
    "names": [
        getattr(data.log_record, "event_name", None) or data.log_record.attributes["event.name"]
        for data in records
    ],
    "linked": action.links[0].context.span_id == ended.context.span_id,
    "of_the_span": [data.log_record.span_id == ended.context.span_id for data in records],
    "text": [text for text in (TEXT, ASK) if text.encode() in exported + exported_logs],
    "resources": [exported.count(b"a-shop"), exported_logs.count(b"a-shop")],
    "seen": seen,
    "stats": otel_ai_feedback.stats(),
}))
"""
VERSIONS = ("1.24.0", "1.30.0", "1.36.0", "1.38.0", "1.39.0")


@pytest.mark.parametrize("version", VERSIONS)
def test_an_answer_is_tagged_linked_and_left_without_its_text(environment, version, tmp_path):
    python = environment(f"sdk-{version}", f"opentelemetry-sdk=={version}")
    done = subprocess.run(
        [python, "-c", PROGRAM],
        env={
            "OTEL_AI_FEEDBACK_REVIEW_TEXT": "off",
            "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path),
        },
        capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["attributes"]["ai_feedback.output.length"] == len("zqxjkvbp wmfyth")
    assert "gen_ai.input.messages" not in said["attributes"]
    assert said["events"]["gen_ai.user.message"] == ["role"]
    assert "exception.type" in said["events"]["exception"]
    assert said["bodies"][:2] == [{"index": 0}, {"index": 0, "message": "of the application"}]
    assert said["text"] == []
    assert said["linked"]
    own = dict(zip(said["names"], said["logged"], strict=True))
    assert set(own) == {"gen_ai.choice", "shop.checkout", "ai_feedback.output.delivered"}
    kinds = [attributes.get("ai_feedback.handle.kind") for attributes in said["logged"]]
    assert [kind for kind in kinds if kind is not None] == ["output"]
    assert len(said["attributes"]["ai_feedback.input.sketch"]) == 256
    assert said["seen"] == len(said["attributes"])
    assert all(said["of_the_span"])
    # Spans and records of one service go out as one resource each.
    assert said["resources"] == [1, 1]
    assert not {"text_not_removed", "errors"} & set(said["stats"])
