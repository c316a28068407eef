/** Nothing that goes wrong in here reaches the application: a fault at every call. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { afterEach, test } from "node:test";

import { trace } from "@opentelemetry/api";

import * as feedback from "../dist/esm/index.js";
import { Capture } from "../dist/esm/capture.js";
import { Events } from "../dist/esm/events.js";
import { Outputs } from "../dist/esm/outputs.js";
import { Exchange } from "../dist/esm/exchange.js";
import { LogSender } from "../dist/esm/log-sender.js";
import { FeedbackLogRecordProcessor } from "../dist/esm/logs.js";
import { Request as OurRequest } from "../dist/esm/request.js";
import { Retries } from "../dist/esm/retries.js";
import { ReviewText } from "../dist/esm/review-text.js";
import { Sampling } from "../dist/esm/sampling.js";
import { shared } from "../dist/esm/shared.js";
import { Sketcher } from "../dist/esm/text/sketch.js";
import { Endpoint } from "../dist/esm/web/endpoint.js";
import { feedback as forExpress } from "../dist/esm/web/express.js";
import { Rates } from "../dist/esm/web/rates.js";
import { feedbackEndpoint, withFeedback } from "../dist/esm/web/web.js";
import { Worker } from "../dist/esm/worker.js";
import { SDKS, start } from "./service.mjs";

const STATE = Symbol.for("otel-ai-feedback.span.0");
let service;
const undo = [];
afterEach(() => {
  for (const back of undo.splice(0)) back();
  service?.stop();
});

/** Everything that an application does with the package; what it gets of each. */
async function use() {
  const handler = withFeedback(async () => {
    service.call("Paris.", "Where?", { "gen_ai.response.id": "r" });
    return new Response("Paris.");
  });
  let answer;
  await feedback.conversation("c", { subject: "ana" }, async () => {
    answer = await service.tracer.startActiveSpan("POST /chat", async (span) => {
      const response = await handler(new Request("http://app.example/chat", { headers: { origin: "http://x.example" } }));
      span.end();
      return response.text();
    });
  });
  const request = service.tracer.startActiveSpan("GET /", (span) => {
    const found = feedback.requestHandle();
    span.end();
    return found;
  });
  feedback.recordAction(request ?? null, "seen");
  feedback.recordAction(null, "accept", undefined, { key: "k" });
  const handle = feedback.outputHandle({ responseId: "r" });
  feedback.linkKey("k", { responseId: "r" });
  feedback.recordAction(handle ?? null, "copy", 1, { subject: "ana" });
  feedback.optOut(() => service.call("not seen"));
  feedback.answers(() => service.call("Paris."));
  assert.equal(await served(), "Paris.");
  await feedback.flush();
  await service.provider.forceFlush();
  return answer;
}

/** What a server on Node's own module answers, and a beacon that is answered in some way. */
async function served() {
  const endpoint = feedbackEndpoint();
  const beacon = { method: "POST", headers: { "content-type": "text/plain" } };
  const body = JSON.stringify({ sent: Date.now(), actions: [] });
  await endpoint(new Request("http://app.example/_ai_feedback/actions", { ...beacon, body }));
  const middleware = forExpress();
  const server = createServer((request, response) =>
    middleware(request, response, () =>
      service.tracer.startActiveSpan("POST /served", (span) => {
        if (request.url === "/served") {
          response.write("Par");
          service.call("Paris.");
        }
        response.end("is.");
        span.end();
      }),
    ),
  );
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  try {
    const address = `http://127.0.0.1:${server.address().port}`;
    await (await fetch(`${address}/_ai_feedback/actions`, { ...beacon, body })).arrayBuffer();
    return await (await fetch(`${address}/served`, { headers: { "idempotency-key": "1" } })).text();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

// What our own parts offer to each other: every method of theirs fails in turn.
const PARTS = {
  Capture, Endpoint, Events, Exchange, FeedbackLogRecordProcessor, LogSender, Outputs, OurRequest, Rates,
  Retries, ReviewText, Sampling, Sketcher, Worker,
};
const METHODS = Object.entries(PARTS).flatMap(([name, { prototype }]) =>
  Object.getOwnPropertyNames(prototype)
    .filter((method) => method !== "constructor" && typeof Object.getOwnPropertyDescriptor(prototype, method).value === "function")
    .map((method) => [name, prototype, method]),
);

for (const sdk of SDKS) {
  for (const [name, prototype, method] of METHODS) {
    test(`SDK ${sdk}: ${name}.${method}() fails`, async () => {
      service = start({ sdk, observe: () => true });
      const kept = prototype[method];
      let called = 0;
      prototype[method] = () => {
        called++;
        throw new Error("injected");
      };
      undo.push(() => (prototype[method] = kept));
      assert.equal(await use(), "Paris.");
      const ended = service.spans().map((span) => span.name);
      assert.equal(ended.filter((one) => one === "chat gpt-4o").length, 4);
      assert.ok(ended.includes("POST /chat"));
      // A fault that never struck would prove nothing.
      const unused = [
        "Worker.stop", "Capture.shutdown", "ReviewText.keeps", "Endpoint.tooLarge", "Endpoint.script",
        "Exchange.clientLeft", "FeedbackLogRecordProcessor.shutdown", "LogSender.add", "LogSender.flush",
      ];
      if (!unused.includes(`${name}.${method}`)) assert.ok(called > 0);
    });
  }
}

for (const fault of ["cannot be kept", "cannot be read"]) {
  test(`what is known of a span ${fault}`, async () => {
    service = start();
    const { defineProperty } = Object;
    const fail = () => {
      throw new Error("injected");
    };
    let called = 0;
    Object.defineProperty = (holder, name, descriptor) => {
      if (name !== STATE) return defineProperty(holder, name, descriptor);
      called++;
      return fault === "cannot be kept" ? fail() : defineProperty(holder, name, { get: fail });
    };
    undo.push(() => (Object.defineProperty = defineProperty));
    assert.equal(await use(), "Paris.");
    assert.ok(called > 0);
  });
}

test("spans that no SDK makes are passed by", () => {
  service = start();
  const processor = new feedback.FeedbackSpanProcessor();
  for (const span of [{}, { spanContext: () => ({ traceFlags: 1 }) }, null]) {
    processor.onStart(span, undefined);
    processor.onEnding(span);
  }
  assert.ok(service.counted().errors > 0);
  assert.equal(feedback.outputHandle(trace.wrapSpanContext({ traceId: "0", spanId: "0", traceFlags: 1 })), undefined);
});

test("a console that throws is no reason either", () => {
  service = start();
  const { warn } = console;
  console.warn = () => {
    throw new Error("injected");
  };
  undo.push(() => (console.warn = warn));
  assert.equal(feedback.recordAction("x".repeat(68), "copy"), false);
});

test("wrong settings switch nothing on and are said once", () => {
  const before = feedback.stats().bad_settings ?? 0;
  for (const settings of [{ key: "short", hash: "rot13" }, { exclude: ["browser=x"] }]) {
    feedback.instrument({ settings });
    assert.equal(shared.capture, undefined);
  }
  assert.equal(feedback.stats().bad_settings, before + 2);
  assert.equal(feedback.recordAction(null, "copy"), false);
  assert.equal(feedback.conversation("c", () => 7), 7);
});

test("an application's own errors are its own", async () => {
  service = start();
  assert.throws(() => feedback.conversation("c", () => { throw new TypeError("mine"); }), TypeError);
  await assert.rejects(withFeedback(async () => { throw new TypeError("mine"); })(new Request("http://a.example/")), TypeError);
  assert.equal(service.counted().errors, undefined);
});

test("queues and memories are bounded, and what is dropped is counted", async () => {
  service = start();
  const { outputs, worker } = shared.capture;
  for (let number = 0; number < 3000; number++) {
    assert.doesNotThrow(() => worker.submit(0, () => undefined));
  }
  assert.ok(service.counted().queue_full > 0);
  for (let number = 0; number < 31_000; number++) {
    outputs.remember({ traceId: "t", spanId: String(number), time: 1, hasText: true, delivered: false, responseId: String(number), requestSpanId: String(number) });
  }
  // In two generations, of which the older one goes at once.
  assert.ok(outputs.size > 15_000 && outputs.size <= 30_000, String(outputs.size));
  assert.equal(outputs.ofSpan("t", "0"), undefined);
  assert.equal(outputs.ofResponse("16000").spanId, "16000");
  worker.submit(9_000_000, () => undefined);
  assert.ok(service.counted().queue_full > 1);
});
