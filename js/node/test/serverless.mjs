/** A serverless function in a process of its own, which its test freezes as soon as the platform would:
 * AWS Lambda when the handler has answered, Vercel when what it was told to wait for is done as well. */
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { context, trace } from "@opentelemetry/api";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { waitUntil } from "@vercel/functions";

import { conversation, FeedbackSpanProcessor, flush, outputHandle, recordAction, stats } from "../dist/esm/index.js";

const [platform] = process.argv.slice(2);
const address = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;

/** Sends names of spans, which is all that the test asks for. */
const exporter = {
  export(spans, done) {
    fetch(`${address}/v1/traces`, { method: "POST", body: JSON.stringify(spans.map(({ name }) => name)) })
      .then(() => done({ code: 0 }), () => done({ code: 1 }));
  },
  async shutdown() {},
};
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const exporting = new BatchSpanProcessor(exporter, { scheduledDelayMillis: 60_000 });
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new FeedbackSpanProcessor(), exporting] }));

const said = (role, content) => JSON.stringify([{ role, parts: [{ type: "text", content }] }]);

function answer() {
  return conversation("c-1", () => {
    const span = trace.getTracer("test").startSpan("chat", {
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": said("user", "What is the capital of France?"),
        "gen_ai.output.messages": said("assistant", "Paris."),
      },
    });
    span.end();
    // Read, so that the handle that leaves after that is said by an event.
    Object.values(span.attributes);
    recordAction(outputHandle() ?? null, "seen");
    return "Paris.";
  });
}

const HANDLERS = {
  async lambda() {
    const found = answer();
    await flush();
    return found;
  },
  async vercel() {
    const found = answer();
    waitUntil(flush());
    return found;
  },
  async forgetful() {
    return answer();
  },
};

// What the platform gives each request, as @vercel/functions reads it.
const waiting = [];
const request = { waitUntil: (promise) => waiting.push(promise) };
globalThis[Symbol.for("@vercel/request-context")] = { get: () => request };

const found = await HANDLERS[platform]();
await Promise.all(waiting);
process.stdout.write(`${JSON.stringify({ found, stats: stats() })}\n`);
// Until it is frozen and ended from outside.
setInterval(() => undefined, 1000);
