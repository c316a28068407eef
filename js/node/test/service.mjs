/** A service with an OpenTelemetry SDK, for tests: what it recorded, and events it sent. */
import { context, trace } from "@opentelemetry/api";
import { logs } from "@opentelemetry/api-logs";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import * as sdk1 from "otel-sdk-1";

import * as feedback from "../dist/esm/index.js";

export const KEY = "sixteen bytes or more";
export const SDKS = ["1.30", "2"];

/** `onEnding` on SDK 2, the wrapped end on SDK 1.30. */
export function start({ sdk = "2", settings = {}, config = {}, ...options } = {}) {
  const { BasicTracerProvider: Provider, InMemorySpanExporter: Exporter, SimpleSpanProcessor: Simple } =
    sdk === "2" ? { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } : sdk1;
  const exporter = new Exporter();
  const records = new InMemoryLogRecordExporter();
  const processors = [new SimpleLogRecordProcessor({ exporter: records })];
  const loggerProvider = new LoggerProvider({ processors });
  logs.setGlobalLoggerProvider(loggerProvider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  feedback.instrument({ settings: { key: KEY, ...settings }, ...options });
  const provider =
    sdk === "2"
      ? new Provider({ spanProcessors: [new Simple(exporter)], ...config })
      : new Provider(config);
  if (sdk !== "2") provider.addSpanProcessor(new Simple(exporter));
  trace.setGlobalTracerProvider(provider);
  const tracer = trace.getTracer("test");
  const before = feedback.stats();
  return {
    tracer, exporter, records, provider,
    spans: () => exporter.getFinishedSpans(),
    span: (name) => exporter.getFinishedSpans().find((one) => one.name === name),
    async events() {
      await feedback.flush();
      return records.getFinishedLogRecords().map((record) => ({
        name: record.eventName, attributes: record.attributes, spanContext: record.spanContext,
      }));
    },
    counted: () =>
      Object.fromEntries(
        Object.entries(feedback.stats())
          .map(([name, count]) => [name, count - (before[name] ?? 0)])
          .filter(([, count]) => count),
      ),
    /** An LLM span as the GenAI conventions have it. */
    call(answer, question, attributes) {
      const span = this.begin(answer, question, attributes);
      span.end();
      return span;
    },
    begin(answer, question = "What is the capital of France?", attributes = {}) {
      const span = tracer.startSpan("chat gpt-4o", { attributes: { "gen_ai.operation.name": "chat", ...attributes } });
      const said = (role, content) => JSON.stringify([{ role, parts: [{ type: "text", content }] }]);
      if (question !== null) span.setAttribute("gen_ai.input.messages", said("user", question));
      if (answer !== null) span.setAttribute("gen_ai.output.messages", said("assistant", answer));
      return span;
    },
    stop() {
      feedback.uninstrument();
      trace.disable();
      context.disable();
      logs.disable();
    },
  };
}
