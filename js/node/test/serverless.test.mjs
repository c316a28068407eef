/** Nothing waits in a serverless function that is frozen once it has answered. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("serverless.mjs", import.meta.url));

/** What the function answered, and what had arrived when it was frozen. */
async function invoke(platform) {
  const spans = [];
  const events = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    if (request.url === "/v1/traces") spans.push(...JSON.parse(body));
    else for (const { scopeLogs } of JSON.parse(body).resourceLogs) events.push(...scopeLogs[0].logRecords);
    response.end();
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const address = `http://127.0.0.1:${server.address().port}`;
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: address, OTEL_AI_FEEDBACK_KEY: "sixteen bytes or more" };
  const child = spawn(process.execPath, [PROGRAM, platform], { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    let out = "";
    for await (const part of child.stdout) {
      out += part;
      if (out.includes("\n")) break;
    }
    child.kill("SIGSTOP");
    return { ...JSON.parse(out), spans: [...spans], events: events.map(({ eventName }) => eventName) };
  } finally {
    child.kill("SIGKILL");
    server.closeAllConnections();
    server.close();
  }
}

for (const platform of ["lambda", "vercel"]) {
  test(`${platform}: what was recorded has left when the function is frozen`, async () => {
    const { found, stats, spans, events } = await invoke(platform);
    assert.equal(found, "Paris.");
    assert.deepEqual(spans.sort(), ["ai_feedback seen", "chat"]);
    assert.deepEqual(events, ["ai_feedback.output.delivered"]);
    assert.deepEqual(stats, { tagged: 1, actions: 1 });
  });
}

test("without a flush it waits in the frozen process", async () => {
  const { found, spans, events } = await invoke("forgetful");
  assert.equal(found, "Paris.");
  assert.deepEqual([spans, events], [[], []]);
});
