/** Requests of programs are known as in Python, and what strangers send has a queue of its own. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";

import { Automated, kindOfUserAgent } from "../dist/esm/automated.js";
import { Guard } from "../dist/esm/guard.js";
import { PacedQueue } from "../dist/esm/paced.js";
import { readBeacon } from "../dist/esm/web/beacon.js";
import { Repeats } from "../dist/esm/web/repeats.js";
import { SDKS, start } from "./service.mjs";

const CASES = JSON.parse(readFileSync(new URL("../../../tests/vectors/automated.json", import.meta.url)));
let service;
afterEach(() => service?.stop());

for (const { above, exclude, kind } of CASES) {
  test(`${JSON.stringify(above)} is ${kind ?? "a user"}`, () => {
    assert.equal(new Automated(exclude).kind(above) ?? null, kind);
    const agent = above["user_agent.original"];
    // Twice, as it is remembered.
    for (let time = 0; time < 2 && !exclude && typeof agent === "string"; time++) {
      assert.equal(kindOfUserAgent(agent) ?? null, kind);
    }
  });
}

for (const sdk of SDKS) {
  test(`a crawler's answers are marked, on SDK ${sdk}`, () => {
    service = start({ sdk, settings: { exclude: ["user_agent=AcmeMonitor"] } });
    for (const agent of ["Googlebot/2.1", "acmemonitor 1", "Firefox/140.0"]) {
      service.tracer.startActiveSpan("GET /ask", { attributes: { "user_agent.original": agent } }, (root) => {
        service.call("Paris.");
        root.end();
      });
    }
    const marks = service.spans().filter(({ name }) => name === "chat gpt-4o").map(({ attributes }) => [
      attributes["ai_feedback.probe"], attributes["user_agent.synthetic.type"],
    ]);
    assert.deepEqual(marks, [[true, "bot"], [true, "bot"], [undefined, undefined]]);
  });
}


test("actions of strangers are handed on so many at a time, and all of them by a flush", (context) => {
  const { timers } = context.mock;
  timers.enable({ apis: ["setTimeout"] });
  const guard = new Guard();
  const queue = new PacedQueue(guard);
  let done = 0;
  const jobs = (count) => Array.from({ length: count }, () => () => void done++);
  assert.equal(queue.submit(jobs(1000)), true);
  assert.equal(queue.submit(jobs(25)), false);
  assert.equal(queue.submit(jobs(24)), true);
  assert.equal(done, 0);
  timers.tick(1);
  assert.equal(done, 50);
  // After a pause only, also of those that come meanwhile.
  assert.equal(queue.submit(jobs(1)), true);
  timers.tick(400);
  assert.equal(done, 50);
  timers.tick(101);
  assert.equal(done, 100);
  queue.flush();
  assert.equal(done, 1025);
  queue.submit([() => { throw new Error("of a job"); }, ...jobs(1)]);
  queue.stop();
  assert.equal(done, 1026);
  assert.equal(queue.submit(jobs(1)), false);
  assert.deepEqual(guard.snapshot(), { queue_full: 2, errors: 1 });
});

test("only so many answers and kinds are remembered", () => {
  const repeats = new Repeats(2);
  for (const handle of "abc") {
    const actions = [{ handle, action_id: "x", action: "copy", time: 1 }];
    const body = new TextEncoder().encode(JSON.stringify({ sent: 1, actions }));
    repeats.within(readBeacon(body, 0n, "browser"));
  }
  assert.equal(repeats.size, 2);
});
