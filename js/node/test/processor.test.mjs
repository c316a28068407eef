/** LLM spans are tagged before they end, on both lines of the SDK. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { ROOT_CONTEXT, propagation, trace, context, TraceFlags } from "@opentelemetry/api";

import { answers, conversation, optOut, outputHandle, recordAction, requestHandle, linkKey, FeedbackSpanProcessor } from "../dist/esm/index.js";
import { choose } from "../dist/esm/answer-choice.js";
import { deriveKey, hashSubject, hashText } from "../dist/esm/text/hash.js";
import { verify } from "../dist/esm/handles.js";
import { Sketcher } from "../dist/esm/text/sketch.js";
import { MAX_UNREAD } from "../dist/esm/unread.js";
import { KEY, SDKS, start } from "./service.mjs";

const secret = new TextEncoder().encode(KEY);
const ANSWER = "Paris is the capital of France.\r\n\r\nIt has been\tso since 987.";
const QUESTION = "What is the capital of France?";
let service;
afterEach(() => service?.stop());

for (const sdk of SDKS) {
  describe(`SDK ${sdk}`, () => {
    test("hash, length, second and place in the request stand on the span", async () => {
      service = start({ sdk });
      service.tracer.startActiveSpan("POST /chat", (root) => {
        service.call("a router's answer");
        service.call(ANSWER);
        root.end();
      });
      const [first, second] = service.spans().filter(({ name }) => name === "chat gpt-4o");
      const root = service.span("POST /chat");
      assert.equal(second.attributes["ai_feedback.output.hash"], hashText(ANSWER, secret));
      assert.equal(second.attributes["ai_feedback.output.length"], 57);
      assert.equal(second.attributes["ai_feedback.output.time"], second.startTime[0]);
      assert.equal(second.attributes["ai_feedback.request.span_id"], root.spanContext().spanId);
      assert.deepEqual(
        [first, second].map(({ attributes }) => attributes["ai_feedback.request.seq"]), [1, 2],
      );
      assert.equal(second.attributes["ai_feedback.sampling.ratio"], 1);
      assert.equal("ai_feedback.output.time" in root.attributes, false);
    });

    test("question's hash and sketch stand on the span", async () => {
      service = start({ sdk });
      const { attributes } = service.call(ANSWER, QUESTION);
      assert.equal(attributes["ai_feedback.input.hash"], hashText(QUESTION, secret));
      const sketch = new Sketcher(deriveKey(secret, "sketch")).sketch(QUESTION);
      assert.equal(attributes["ai_feedback.input.sketch"], sketch);
      assert.deepEqual(await service.events(), []);
    });

    test("what takes long to decode, or would be cut, leaves as an event of the same span", async () => {
      const long = { ask: `${QUESTION} `.repeat(3000), spanLimits: {} };
      const cut = { ask: QUESTION, spanLimits: { attributeValueLengthLimit: 200 } };
      for (const { ask, spanLimits } of [long, cut]) {
        service = start({ sdk, config: { spanLimits } });
        const span = service.call(ANSWER, ask);
        assert.equal("ai_feedback.input.hash" in span.attributes, false);
        const [event] = await service.events();
        assert.equal(event.name, "ai_feedback.output.details");
        assert.equal(event.spanContext.spanId, span.spanContext().spanId);
        assert.equal(event.attributes["ai_feedback.input.hash"], hashText(ask, secret));
        assert.equal(event.attributes["ai_feedback.input.sketch"].length, 256);
        service.stop();
      }
    });

    test("a span that is ended twice is tagged once", () => {
      service = start({ sdk });
      service.call(ANSWER).end();
      assert.equal(service.counted().tagged, 1);
    });

    test("a conversation names its spans, in promises too", async () => {
      service = start({ sdk });
      await conversation("c-1", { subject: "ana", feature: "support", channel: "voice", promptVersion: 7 }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        service.call(ANSWER);
      });
      const { attributes } = service.span("chat gpt-4o");
      assert.equal(attributes["gen_ai.conversation.id"], "c-1");
      assert.equal(attributes["ai_feedback.subject"], hashSubject("ana", secret));
      assert.equal(attributes["ai_feedback.feature"], "support");
      assert.equal(attributes["ai_feedback.channel"], "voice");
      assert.equal(attributes["ai_feedback.prompt.version"], "7");
    });

    test("a span that starts outside belongs to the conversation of its parent", () => {
      service = start({ sdk });
      const parent = conversation("c-1", () => service.tracer.startSpan("agent"));
      context.with(trace.setSpan(ROOT_CONTEXT, parent), () => service.call(ANSWER));
      assert.equal(service.span("chat gpt-4o").attributes["gen_ai.conversation.id"], "c-1");
    });

    test("who does not want to be observed is not", async () => {
      service = start({ sdk, observe: (user) => user !== "bo" });
      optOut(() => {
        service.call(ANSWER);
        assert.equal(outputHandle(), undefined);
      });
      conversation("c", { subject: "bo" }, () => conversation("d", { subject: "ana" }, () => service.call(ANSWER)));
      for (const { attributes } of service.spans()) assert.equal("ai_feedback.output.time" in attributes, false);
      assert.deepEqual(await service.events(), []);
      assert.equal(recordAction(null, "copy", 1, { responseId: "x", subject: "bo" }), false);
      assert.equal(service.counted().opted_out, 4);
    });

    test("text leaves as REVIEW_TEXT says", () => {
      service = start({ sdk, settings: { reviewText: "off" } });
      service.call(ANSWER);
      const { attributes } = service.span("chat gpt-4o");
      assert.equal("gen_ai.output.messages" in attributes || "gen_ai.input.messages" in attributes, false);
      assert.equal(attributes["ai_feedback.output.hash"], hashText(ANSWER, secret));
    });

    test("a sample keeps its text and says how likely that was", () => {
      service = start({ sdk, settings: { reviewText: "sample", reviewTextRate: 1 } });
      service.call(ANSWER);
      const { attributes } = service.span("chat gpt-4o");
      assert.ok(attributes["gen_ai.output.messages"].includes("Paris"));
      assert.equal(attributes["ai_feedback.text.rate"], 1);
    });

    test("attributes that do not fit leave by the event, and none of the span's is lost", async () => {
      service = start({ sdk, config: { spanLimits: { attributeCountLimit: 4 } } });
      service.call(ANSWER);
      assert.equal("ai_feedback.output.hash" in service.span("chat gpt-4o").attributes, false);
      const [event] = await service.events();
      assert.equal(event.attributes["ai_feedback.output.hash"], hashText(ANSWER, secret));
    });

    test("a cut answer has no hash", () => {
      service = start({ sdk, config: { spanLimits: { attributeValueLengthLimit: 60 } } });
      service.call(ANSWER);
      assert.equal("ai_feedback.output.hash" in service.span("chat gpt-4o").attributes, false);
      assert.equal(service.counted().truncated, 1);
    });

    test("a copy is one span with one link to the answer", () => {
      service = start({ sdk });
      const span = service.call(ANSWER, QUESTION, { "gen_ai.response.id": "r-1" });
      const handle = outputHandle(span);
      assert.equal(handle.length, 68);
      assert.equal(recordAction(handle, "copy", 0.8, { actionId: "a1", source: "browser" }), true);
      const action = service.span("ai_feedback copy");
      assert.equal(action.links.length, 1);
      assert.equal(action.links[0].context.spanId, span.spanContext().spanId);
      assert.equal(action.attributes["ai_feedback.action.value"], 0.8);
      assert.equal(action.attributes["ai_feedback.link.method"], "handle");
      assert.equal(action.attributes["ai_feedback.output.hash"], hashText(ANSWER, secret));
      assert.equal(action.attributes["gen_ai.response.id"], "r-1");
      assert.equal(action.parentSpanContext ?? action.parentSpanId, undefined);
    });

    test("actions are recorded where the sampler would drop them", () => {
      const sampler = { shouldSample: () => ({ decision: 0 }), toString: () => "AlwaysOffSampler" };
      service = start({ sdk, config: { sampler } });
      let handle;
      service.tracer.startActiveSpan("POST /chat", (root) => {
        handle = requestHandle();
        root.end();
      });
      assert.equal(verify(handle, deriveKey(secret, "handle"), Date.now() / 1000).sampled, false);
      assert.equal(recordAction(handle, "copy"), true);
      assert.equal(service.span("ai_feedback copy").attributes["ai_feedback.output.sampled"], false);
      assert.equal(service.counted().not_sampled, 1);
    });

    test("a request's handle means the answer that was marked", async () => {
      service = start({ sdk });
      let handle;
      let answer;
      await service.tracer.startActiveSpan("POST /chat", async (root) => {
        handle = requestHandle();
        answer = await answers(async () => {
          await null;
          return service.call(ANSWER);
        });
        service.call("A title");
        root.end();
      });
      recordAction(handle, "accept");
      const action = service.span("ai_feedback accept");
      assert.equal(action.links[0].context.spanId, answer.spanContext().spanId);
      assert.equal(action.attributes["ai_feedback.link.method"], "request");
    });

    test("response ids and keys name an output", async () => {
      service = start({ sdk });
      service.call(ANSWER, QUESTION, { "gen_ai.response.id": "r-1" });
      assert.equal(linkKey("message 7", { responseId: "r-1" }), true);
      assert.equal(recordAction(null, "copy", 1, { responseId: "r-1" }), true);
      assert.equal(recordAction(null, "copy", 1, { key: "message 7" }), true);
      assert.equal(recordAction(null, "copy", 1, { key: "message 8" }), false);
      assert.deepEqual(
        service.spans().filter(({ name }) => name === "ai_feedback copy")
          .map(({ attributes }) => attributes["ai_feedback.link.method"]),
        ["response_id", "key"],
      );
      assert.equal(service.counted().unknown_key, 1);
      assert.equal(service.span("chat gpt-4o").attributes["ai_feedback.handle.kind"], "output");
      assert.deepEqual(await service.events(), []);
    });

    test("of several outputs none is guessed to be the answer", () => {
      service = start({ sdk });
      let handle;
      service.tracer.startActiveSpan("POST /chat", (root) => {
        handle = requestHandle();
        service.call(ANSWER);
        service.call("A title");
        root.end();
      });
      assert.equal(recordAction(handle, "accept"), true);
      const { attributes, links } = service.span("ai_feedback accept");
      assert.equal(attributes["ai_feedback.link.ambiguous"], true);
      assert.equal("ai_feedback.link.method" in attributes, false);
      assert.deepEqual(links, []);
      assert.equal(attributes["annotations.0.annotation.explanation"], "What the user did: accept");
    });

    test("a response that is fetched again is the same output", () => {
      service = start({ sdk });
      const fetched = { "gen_ai.operation.name": "fetch_response", "gen_ai.response.id": "resp_1" };
      const pending = service.call(null, QUESTION, { "gen_ai.response.id": "resp_1" });
      service.call(null, null, fetched);
      const first = service.call(ANSWER, null, fetched);
      const again = service.call(ANSWER, null, fetched);
      const tagged = service.spans().filter(({ attributes }) => "ai_feedback.output.hash" in attributes);
      assert.deepEqual(tagged.map((span) => span.spanContext().spanId), [first.spanContext().spanId]);
      assert.ok(pending);
      assert.equal(service.counted().fetched_again, 1);
      const handle = verify(outputHandle(again), deriveKey(secret, "handle"), Date.now() / 1000);
      assert.equal(handle.spanId, first.spanContext().spanId);
    });

    test("a handle that leaves after the answer is said by the span until that is read", async () => {
      service = start({ sdk });
      const [early, late] = [service.call(ANSWER, QUESTION), service.call(ANSWER, QUESTION)];
      outputHandle(early);
      assert.equal({ ...late.attributes }["ai_feedback.handle.kind"], undefined);
      outputHandle(late);
      assert.equal(early.attributes["ai_feedback.handle.kind"], "output");
      assert.equal("ai_feedback.handle.kind" in late.attributes, false);
      const [event, ...others] = await service.events();
      assert.deepEqual(others, []);
      assert.equal(event.name, "ai_feedback.output.delivered");
      assert.equal(event.spanContext.spanId, late.spanContext().spanId);
    });

    test("spans that are never read are not kept", async () => {
      service = start({ sdk });
      const spans = Array.from({ length: MAX_UNREAD + 1 }, () => service.call(ANSWER, QUESTION));
      for (const span of [spans[0], spans[1]]) outputHandle(span);
      assert.equal("ai_feedback.handle.kind" in spans[0].attributes, false);
      assert.equal(spans[1].attributes["ai_feedback.handle.kind"], "output");
      assert.equal((await service.events()).length, 1);
    });

    test("probes are marked, beneath the request that carries the mark", () => {
      service = start({ sdk });
      const baggage = propagation.createBaggage({ "ai_feedback.probe": { value: "true" } });
      context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () => service.call(ANSWER));
      assert.equal(service.span("chat gpt-4o").attributes["ai_feedback.probe"], true);
    });

    test("an unknown parent is no exception", () => {
      service = start({ sdk });
      const above = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: TraceFlags.SAMPLED };
      const parent = trace.wrapSpanContext(above);
      context.with(trace.setSpan(ROOT_CONTEXT, parent), () => {
        service.call(ANSWER);
        service.call(ANSWER);
      });
      const places = service.spans().map(({ attributes }) => [
        attributes["ai_feedback.request.span_id"], attributes["ai_feedback.request.seq"],
      ]);
      assert.deepEqual(places, [[above.spanId, 1], [above.spanId, 2]]);
      assert.equal(service.counted().errors, undefined);
    });
  });
}

test("what is refused is counted by reason", () => {
  service = start();
  const handle = outputHandle(service.call(ANSWER));
  for (const [target, action, value] of [
    ["x", "copy"], [handle.slice(0, -2) + "AA", "copy"], [handle, "copies"], [handle, "copy", 2],
    [handle, "rating", Number.NaN], [null, "copy"],
  ]) {
    assert.equal(recordAction(target, action, value), false);
  }
  const { handle_malformed, handle_foreign, bad_action, bad_value, bad_target } = service.counted();
  assert.deepEqual([handle_malformed, handle_foreign, bad_action, bad_value, bad_target], [1, 1, 1, 2, 1]);
});

test("the processor in the SDK's own list does the same, once", async () => {
  const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = await import("@opentelemetry/sdk-trace-base");
  service = start();
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter), new FeedbackSpanProcessor()];
  const provider = new BasicTracerProvider({ spanProcessors });
  trace.disable();
  trace.setGlobalTracerProvider(provider);
  const span = provider.getTracer("t").startSpan("chat", { attributes: { "gen_ai.operation.name": "chat" } });
  span.setAttribute("gen_ai.output.messages", '[{"role":"assistant","parts":[{"type":"text","content":"hi"}]}]');
  span.end();
  assert.equal(exporter.getFinishedSpans()[0].attributes["ai_feedback.output.hash"], hashText("hi", secret));
  assert.equal(service.counted().tagged, 1);
});

const vectors = JSON.parse(readFileSync(new URL("../../../tests/vectors/capture.json", import.meta.url)));
const SAID = [
  "ai_feedback.feature", "ai_feedback.output.hash", "ai_feedback.output.length", "ai_feedback.output.type",
  "ai_feedback.prompt.version", "ai_feedback.release", "ai_feedback.request.seq", "ai_feedback.subject",
  "gen_ai.conversation.id",
];
for (const { name, conversation: given, agent, calls, said, counted } of vectors.calls) {
  test(`as in Python: ${name}`, () => {
    service = start({ settings: { key: vectors.secret } });
    const { conversation_id, prompt_version: promptVersion, subject, feature } = given;
    conversation(conversation_id, { promptVersion, subject, feature }, () =>
      service.tracer.startActiveSpan("agent", { attributes: agent }, (above) => {
        for (const attributes of calls) service.tracer.startSpan("call", { attributes }).end();
        above.end();
      }),
    );
    const found = service.spans().filter((span) => span.name === "call").map(({ attributes }) =>
      Object.fromEntries(SAID.filter((one) => one in attributes).map((one) => [one, attributes[one]])),
    );
    assert.deepEqual(found, said);
    assert.deepEqual(service.counted(), counted);
  });
}

for (const { name, outputs, answer, ambiguous } of vectors.choices) {
  test(`the answer of a request: ${name}`, () => {
    const made = outputs.map(({ has_text: hasText, response_id: responseId, ...rest }) => ({ hasText, responseId, ...rest }));
    const choice = choose(made);
    assert.equal(choice.output === undefined ? null : made.indexOf(choice.output), answer);
    assert.equal(choice.ambiguous ?? false, ambiguous);
  });
}

test("a span looks as it did, and one that is frozen may be a parent", () => {
  service = start();
  const frozen = Object.freeze(trace.wrapSpanContext({ traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 }));
  const span = context.with(trace.setSpan(ROOT_CONTEXT, frozen), () => service.call(ANSWER));
  const added = Object.getOwnPropertySymbols(span).map((one) => Object.getOwnPropertyDescriptor(span, one));
  assert.equal(added.some(({ enumerable }) => enumerable), false);
  const { attributes } = service.span("chat gpt-4o");
  assert.equal(attributes["ai_feedback.request.span_id"], "2".repeat(16));
  const copied = { ...attributes };
  assert.deepEqual(Object.getOwnPropertySymbols(copied), []);
  assert.equal(copied["ai_feedback.output.time"], span.startTime[0]);
  assert.equal(service.counted().errors, undefined);
});

test("a chain of spans does not keep the first of them", async () => {
  service = start();
  let last;
  const held = service.tracer.startActiveSpan("root", (root) => {
    root.end();
    const first = service.tracer.startSpan("first");
    last = service.tracer.startSpan("last", {}, trace.setSpan(context.active(), first));
    first.end();
    return new WeakRef(first);
  });
  service.exporter.reset();
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  for (let left = 20; left && held.deref(); left--) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  assert.equal(held.deref(), undefined);
  last.end();
});
