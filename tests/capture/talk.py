"""A client that does everything there is to do, and writes down each byte it sends.

Run as a program by test_bytes.py: ``talk.py INSTRUMENTOR_MODULE TEXTS_FILE SENT_FILE``.
"""

import json
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from urllib.request import Request, urlopen

from sent_bytes import write_down

write_down(sys.argv[3])

import importlib  # noqa: E402

import openai  # noqa: E402
from opentelemetry import _logs, metrics, propagate, trace  # noqa: E402
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter  # noqa: E402
from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # noqa: E402
    OTLPMetricExporter,
)
from opentelemetry.sdk._logs import LoggerProvider  # noqa: E402
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor  # noqa: E402
from opentelemetry.sdk.metrics import MeterProvider  # noqa: E402
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: E402
from opentelemetry.trace import SpanKind  # noqa: E402

import otel_ai_feedback as feedback  # noqa: E402

TEXTS = json.loads(Path(sys.argv[2]).read_text())
LOOKED_UP = [
    (("gen_ai.retrieval.query.text", "gen_ai.memory.query.text"), TEXTS["looked for"]),
    (("gen_ai.retrieval.documents", "gen_ai.memory.records"), TEXTS["found"]),
    (("gen_ai.tool.definitions", "gen_ai.agent.description"), TEXTS["told"]),
    (("spring.ai.tool.call.arguments", "spring.ai.tool.call.result"), TEXTS["found"]),
    (("url.full", "http.url"), f"https://search.example/find?q={TEXTS['looked for']}"),
    (("url.query",), f"q={TEXTS['looked for']}"),
]
TOOL = {"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}


def ask(client, model, prompt, **more):
    """One call of the model, after a system message and an earlier exchange."""
    messages = [
        {"role": "system", "content": TEXTS["system"]},
        {"role": "user", "content": TEXTS["earlier prompt"]},
        {"role": "assistant", "content": TEXTS["earlier answer"]},
        {"role": "user", "content": prompt},
    ]
    return client.chat.completions.create(model=model, messages=messages, **more)


def converse(client):
    """Ask, ask again, regenerate, stream, call a tool, fail; and do what people do."""
    answer, prompt = TEXTS["answer"], TEXTS["prompt"]
    feedback.request_handle()
    said = ask(client, "answer", prompt).choices[0].message.content
    assert said == answer
    handle = feedback.output_handle()
    feedback.link_key("msg-1")
    feedback.record_action(handle, "copy", 0.8, action_id="1", source="browser")
    feedback.record_action(None, "rating", 1, key="msg-1", label="thumbs_up")
    feedback.record_action(None, "insert", text=answer)
    feedback.record_action(None, "edit", 0.3, text=TEXTS["fragment"])
    feedback.record_action(None, "copy", text=TEXTS["never said"])
    # By mistake, as others might: the text where a name belongs.
    feedback.record_action(answer, "copy")
    feedback.record_action(handle, answer)
    feedback.record_action(handle, "copy", answer)
    feedback.record_action(None, "copy", response_id=answer)
    feedback.record_action(None, "copy", key=answer)
    feedback.record_action(None, "copy", text=[answer])
    feedback.output_handle(response_id=answer)
    feedback.link_key(answer, response_id=answer)
    # Asked again in other words, and the same again.
    ask(client, "answer", TEXTS["prompt again"])
    ask(client, "answer", prompt)
    for chunk in ask(client, "answer", prompt, stream=True):
        assert chunk
    ask(client, "tools", prompt, tools=[TOOL])
    ask(client, "empty", prompt)
    try:
        ask(client, "broken", prompt)
    except openai.BadRequestError:
        return


def look_up(tracer, client):
    """What retrieval, memory, tools and HTTP clients record, and an error with its prompt."""
    recorded = {name: text for names, text in LOOKED_UP for name in names}
    with suppress(openai.BadRequestError), tracer.start_as_current_span("POST /search"):
        with tracer.start_as_current_span("look up", kind=SpanKind.CLIENT, attributes=recorded):
            pass
        ask(client, "broken", TEXTS["prompt"])


def call_on(tracer, address):
    """Another service is called from within a conversation, with all that is propagated."""
    question = {"question": TEXTS["prompt"], "feature": "search", "prompt_version": "7"}
    with feedback.conversation("c3", subject="ann", **question), tracer.start_as_current_span("on"):
        carrier = {"Content-Type": "application/json"}
        propagate.inject(carrier)
        # The span's own ids, and no baggage.
        assert set(carrier) <= {"Content-Type", "traceparent", "tracestate"}
        urlopen(Request(f"{address}/v1/on", b"{}", carrier)).close()


def main():
    logging.basicConfig(stream=sys.stderr)
    logging.getLogger("otel_ai_feedback").setLevel(logging.DEBUG)
    logs = LoggerProvider()
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    _logs.set_logger_provider(logs)
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    metrics.set_meter_provider(MeterProvider([reader]))
    feedback.instrument()
    importlib.import_module(sys.argv[1]).OpenAIInstrumentor().instrument()
    client = openai.OpenAI(max_retries=0)
    tracer = trace.get_tracer("shop")
    with tracer.start_as_current_span("POST /chat"), feedback.conversation("c1", subject="ann"):
        converse(client)
    if os.environ.get("OTEL_AI_FEEDBACK_REVIEW_TEXT") in ("off", "sample"):
        look_up(tracer, client)
    call_on(tracer, os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"])
    with feedback.conversation("c2", subject="eve", observe=False):
        ask(client, "answer", TEXTS["prompt"])
    trace.get_tracer_provider().force_flush()
    print(json.dumps(feedback.stats()))


if __name__ == "__main__":
    main()
