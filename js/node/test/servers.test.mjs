/** Real servers: the table of cases, handles on responses, and clients that leave. */
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { after, before, describe, test } from "node:test";

import { context, trace } from "@opentelemetry/api";
import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";

import { conversation, flush, outputHandle, recordAction } from "../dist/esm/index.js";
import { verify } from "../dist/esm/handles.js";
import { deriveKey } from "../dist/esm/text/hash.js";
import { feedback as forExpress } from "../dist/esm/web/express.js";
import { feedback as forFastify } from "../dist/esm/web/fastify.js";
import { feedback as forHono } from "../dist/esm/web/hono.js";
import { feedbackRoute } from "../dist/esm/web/next.js";
import { feedbackEndpoint, withFeedback } from "../dist/esm/web/web.js";
import { KEY, start } from "./service.mjs";
import { bodyOf, CASES, optionsOf } from "./endpoint.test.mjs";

const handleKey = deriveKey(new TextEncoder().encode(KEY), "handle");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let service;
before(() => (service = start({ settings: { optOutHeaders: ["sec-gpc"] } })));
after(() => service.stop());

/** What a service does for a path, whatever its framework: pieces of the answer as they come. */
async function* pieces(path, inside = context.active()) {
  // As the AI SDK does: a call that starts later is beneath what was current at first.
  const call = () => context.with(inside, () => service.call("Paris."));
  if (path === "/stream") {
    yield "Par";
    call();
    yield "is.";
  } else if (path === "/titled-stream") {
    const answer = context.with(inside, () => service.begin("Paris."));
    context.with(inside, () => service.call("A title"));
    yield "Par";
    await pause(5);
    answer.end();
    yield "is.";
  } else if (path === "/titled") {
    call();
    context.with(inside, () => service.call("A title"));
    yield "Paris.";
  } else if (path === "/events") {
    call();
    yield "data: Paris.\n\n";
  } else if (path === "/endless") {
    yield "Par";
    await pause(200);
    call();
  } else if (path === "/complete") {
    call();
    yield "Paris.";
  } else {
    yield "nothing";
  }
}

async function whole(path) {
  let text = "";
  for await (const piece of pieces(path)) text += piece;
  return text;
}

const streamOf = (path) => {
  const source = pieces(path);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(new TextEncoder().encode(value));
    },
  });
};

/** As an instrumentation of the server does: a span around all that answers a request. */
const spanned = (run) => service.tracer.startActiveSpan("POST /chat", async (span) => {
  try {
    return await run();
  } finally {
    span.end();
  }
});

const isStream = (path) => ["/stream", "/titled-stream", "/events", "/endless"].includes(path);
const kindOf = (path) => (path === "/events" ? "text/event-stream" : "text/plain");
const answer = async (request) => {
  const { pathname } = new URL(request.url);
  return isStream(pathname)
    ? new Response(streamOf(pathname), { headers: { "content-type": kindOf(pathname) } })
    : Response.json({ text: await whole(pathname) }, { headers: { "content-length": lengths[pathname] } });
};
const lengths = { "/complete": "17", "/titled": "17", "/none": "18" };

const listening = (server) => new Promise((resolve) => server.once("listening", () => resolve(server)));

const SERVERS = {
  async http(options) {
    const middleware = forExpress(options);
    const server = createServer((req, res) => middleware(req, res, () => spanned(() => reply(req.url, res))));
    return listening(server.listen(0, "127.0.0.1"));
  },
  async express(options) {
    const app = express();
    app.use((req, res, next) => spanned(() => new Promise((done) => (res.once("close", done), next()))));
    app.use(forExpress(options));
    app.use(express.json());
    app.use((req, res) => reply(req.path, res));
    return listening(app.listen(0, "127.0.0.1"));
  },
  async fastify(options) {
    const app = fastify();
    await app.register(forFastify, options);
    app.addHook("onRequest", (req, res, done) => void spanned(() => new Promise((end) => (res.raw.once("close", end), done()))));
    app.all("/*", async (req, res) => {
      const path = req.url.split("?")[0];
      return isStream(path) ? res.type(kindOf(path)).send(streamOf(path)) : { text: await whole(path) };
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  },
  async hono(options) {
    const app = new Hono();
    app.use((c, next) => spanned(next));
    app.use(forHono({ trustedProxies: 0, ...options }));
    app.all("/*", (c) => answer(c.req.raw));
    return new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(server));
    });
  },
  async web(options) {
    const endpoint = feedbackEndpoint(options);
    const handler = withFeedback(answer, options);
    return new Promise((resolve) => {
      const fetch = async (request) => (await endpoint(request)) ?? spanned(() => handler(request));
      const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(server));
    });
  },
  async next(options) {
    const route = feedbackRoute(options);
    const handler = withFeedback(answer, options);
    return new Promise((resolve) => {
      const fetch = async (request) =>
        new URL(request.url).pathname.startsWith("/_ai_feedback/")
          ? (route[request.method] ?? route.GET)(request)
          : spanned(() => handler(request));
      const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(server));
    });
  },
};

async function reply(path, res) {
  if (isStream(path)) {
    res.setHeader("content-type", kindOf(path));
    for await (const piece of pieces(path)) {
      if (res.destroyed) continue;
      res.write(piece);
      await pause(1);
    }
    res.end();
  } else {
    const body = JSON.stringify({ text: await whole(path) });
    res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    res.end(body);
  }
}

function ask(port, { method = "GET", path, headers = {}, body, leave = false }) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => {
        chunks.push(chunk);
        if (leave) sent.destroy();
      });
      const done = () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() });
      response.on("end", done);
      response.on("error", leave ? done : reject);
    });
    sent.on("error", leave ? () => undefined : reject);
    sent.end(body);
  });
}

for (const [name, build] of Object.entries(SERVERS)) {
  describe(name, () => {
    let server;
    const serving = async (options) => {
      server = await build({ scripts: new URL("../dist/scripts", import.meta.url).pathname, ...options });
      return server.address().port;
    };
    const closed = () => new Promise((resolve) => (server.closeAllConnections?.(), server.close(resolve)));

    test("the table of cases", async () => {
      for (const table of CASES.filter(({ core }) => !core)) {
        const port = await serving(optionsOf(table));
        for (const step of table.steps) {
          const body = bodyOf(step);
          const { path } = step;
          const headers = { ...step.headers, "content-length": String(body.length) };
          const found = await ask(port, { method: step.method, path: `/_ai_feedback${path}`, headers, body });
          // A method that the route does not export never reaches it.
          assert.equal(found.status, step.status, `${table.name}: ${found.body}`);
          for (const [header, value] of Object.entries(step.has ?? {})) {
            assert.equal(found.headers[header.toLowerCase()], value, table.name);
          }
          if (step.error !== undefined) assert.ok(JSON.parse(found.body).error.includes(step.error), table.name);
        }
        await closed();
      }
    });

    test("a stream's handle names the request, and its output is delivered", async () => {
      const port = await serving({});
      await service.events();
      service.records.reset();
      const found = await ask(port, { path: "/stream", headers: { origin: "https://page.example" } });
      await closed();
      assert.equal(found.body, "Paris.");
      const handle = verify(found.headers["ai-feedback-handle"], handleKey, Date.now() / 1000);
      assert.equal(handle.kind, "request");
      assert.match(found.headers["access-control-expose-headers"], /AI-Feedback-Handle/);
      const call = service.spans().filter(({ name: one }) => one === "chat gpt-4o").at(-1);
      assert.equal(call.attributes["ai_feedback.request.span_id"], handle.spanId);
      assert.equal(call.attributes["ai_feedback.handle.kind"], "output");
    });

    for (const path of ["/titled-stream", "/titled"]) {
      test(`of ${path} the answer is meant, not the title`, async () => {
        const port = await serving({});
        const count = service.spans().length;
        const found = await ask(port, { path });
        await flush();
        await closed();
        const handle = found.headers["ai-feedback-handle"];
        assert.equal(recordAction(handle, "copy", 1), true);
        const spans = service.spans().slice(count);
        const answer = spans.find(({ attributes }) => attributes["gen_ai.output.messages"]?.includes("Paris."));
        const copy = spans.find(({ name: one }) => one === "ai_feedback copy");
        assert.equal(copy.links[0]?.context.spanId, answer.spanContext().spanId);
      });
    }

    test("a stream of events has the handle as the option says, and is else left as it is", async () => {
      const body = "data: Paris.\n\n";
      for (const [sse, before] of [
        ["event", (handle) => `event: ai-feedback\ndata: ${handle}\n\n`],
        ["comment", (handle) => `: ai-feedback ${handle}\n`],
        ["off", () => ""],
      ]) {
        const port = await serving({ sse });
        const found = await ask(port, { path: "/events" });
        const plain = await ask(port, { path: "/stream" });
        await closed();
        assert.equal(found.body, before(found.headers["ai-feedback-handle"]) + body);
        assert.equal(plain.body, "Paris.");
      }
      await assert.rejects(serving({ sse: "always" }), /sse/);
    });

    test("an answer that was complete has its handle, and a page without one has none", async () => {
      const port = await serving({});
      const found = await ask(port, { path: "/complete" });
      assert.match(found.headers["ai-feedback-handle"], /^[\w-]{68}$/);
      assert.equal(JSON.parse(found.body).text, "Paris.");
      const none = await ask(port, { path: "/none" });
      await closed();
      assert.equal(none.headers["ai-feedback-handle"], undefined);
    });

    test("whoever opts out gets no handle, and nothing is recorded", async () => {
      const port = await serving({});
      const count = service.spans().length;
      const found = await ask(port, { path: "/complete", headers: { "sec-gpc": "1" } });
      await closed();
      assert.equal(found.headers["ai-feedback-handle"], undefined);
      const spans = service.spans().slice(count);
      assert.ok(spans.length > 0);
      for (const { attributes } of spans) assert.equal("ai_feedback.output.time" in attributes, false);
    });

    test("a client that leaves in the middle closed the answer", async () => {
      const port = await serving({});
      const count = service.spans().length;
      await ask(port, { path: "/endless", leave: true });
      for (let tries = 0; tries < 50; tries++) {
        await pause(20);
        await flush();
        if (service.spans().slice(count).some(({ name: one }) => one === "ai_feedback close")) break;
      }
      await closed();
      const close = service.spans().slice(count).find(({ name: one }) => one === "ai_feedback close");
      assert.equal(close?.attributes["ai_feedback.action.source"], "server");
    });
  });
}

test("a beacon becomes an action span", async () => {
  const server = await SERVERS.express({});
  const handle = service.tracer.startActiveSpan("POST /chat", (span) => {
    conversation("c-1", () => service.call("Paris."));
    const found = outputHandle();
    span.end();
    return found;
  });
  const now = Date.now();
  const action = { action_id: "a", handle, action: "copy", value: 0.5, time: now - 2000 };
  const body = JSON.stringify({ sent: now, actions: [action] });
  const headers = { "content-type": "text/plain", "sec-fetch-site": "same-origin" };
  const { port } = server.address();
  const found = await ask(port, { method: "POST", path: "/_ai_feedback/actions", headers, body });
  assert.equal(found.status, 204);
  await flush();
  server.close();
  const span = service.spans().findLast(({ name }) => name === "ai_feedback copy");
  assert.equal(span.attributes["ai_feedback.action.source"], "browser");
  assert.equal(span.attributes["gen_ai.conversation.id"], "c-1");
  assert.ok(Math.abs(span.startTime[0] * 1000 + span.startTime[1] / 1e6 - (now - 2000)) < 60_000);
  assert.equal(trace.getActiveSpan(), undefined);
});
