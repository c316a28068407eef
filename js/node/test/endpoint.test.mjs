/** The table of requests and answers that the Python package is held to as well: against the core,
 * and through real servers of each kind. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { shared } from "../dist/esm/shared.js";
import { Endpoint } from "../dist/esm/web/endpoint.js";
import { network, Rates } from "../dist/esm/web/rates.js";

const NOW_NS = 1_795_464_000_000_000_000n;
const scripts = new URL("../dist/scripts", import.meta.url).pathname;
export const CASES = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/endpoint.json", import.meta.url)),
);

export function bodyOf(step) {
  if ("json" in step) return Buffer.from(JSON.stringify(step.json));
  if ("hex" in step) return Buffer.from(step.hex, "hex");
  if ("repeat" in step) return Buffer.from(step.repeat[0].repeat(step.repeat[1]));
  return Buffer.from(step.text ?? "");
}

export function optionsOf({ options: { allowed_origins, trusted_proxies, rates, action_rates } = {} }) {
  return {
    scripts,
    ...(allowed_origins && { allowedOrigins: allowed_origins }),
    ...(trusted_proxies && { trustedProxies: trusted_proxies }),
    ...(action_rates && { actionRates: { burst: action_rates.burst, perSecond: action_rates.per_second } }),
    ...(rates && { rates: { burst: rates.burst, perSecond: rates.per_second } }),
  };
}

const lower = (headers) => Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));

function check(step, status, headers, body) {
  assert.equal(status, step.status, String(body));
  for (const [name, value] of Object.entries(step.has ?? {})) assert.equal(headers[name.toLowerCase()], value);
  for (const name of step.lacks ?? []) assert.equal(headers[name.toLowerCase()], undefined);
  if (step.error !== undefined) assert.ok(JSON.parse(body).error.includes(step.error), String(body));
  if (step.retry_after) {
    const [least, most] = step.retry_after;
    assert.ok(least <= headers["retry-after"] && headers["retry-after"] <= most);
  }
}

function read({ handle, action }) {
  const found = {
    handle, action: action.name, action_id: action.givenId, source: action.source,
    ago_ns: Number(NOW_NS - action.time), value: action.value, kept_share: action.keptShare,
    checkpoint: action.checkpoint, scroll_depth: action.scrollDepth,
    selected_share: action.selectedShare, method: action.method,
    reason: action.reason, lost: action.lost, browser: action.browser, probe: action.probe,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

describe("the core", () => {
  for (const table of CASES) {
    test(table.name, () => {
      const taken = [];
      const accepts = table.accepts ?? true;
      const endpoint = new Endpoint(
        {
          record: (beacon) => (accepts && taken.push(...beacon.reported), accepts),
          optedOut: (header) => (table.opt_out_headers ?? []).some((name) => header(name) === "1"),
          now: () => NOW_NS,
        },
        optionsOf(table),
      );
      const before = shared.guard.snapshot();
      for (const step of table.steps) {
        const { method, path, query = "", headers, peer = "192.0.2.1" } = step;
        const request = { method, path, query, headers, peer };
        const answer = endpoint.beforeBody(request) ?? endpoint.take(request, bodyOf(step));
        check(step, answer.status, lower(answer.headers), Buffer.from(answer.body).toString());
      }
      assert.deepEqual(taken.map(read), table.recorded);
      const after = shared.guard.snapshot();
      for (const [name, count] of Object.entries(table.counted ?? {})) {
        assert.equal(after[name] - (before[name] ?? 0), count, name);
      }
    });
  }
});

test("wrong settings are named", () => {
  const parts = { record: () => true, optedOut: () => false, now: () => NOW_NS };
  for (const [options, why] of [
    [{ prefix: "feedback" }, /prefix/], [{ prefix: "/feedback/" }, /prefix/],
    [{ trustedProxies: -1 }, /trustedProxies/],
    [{ allowedOrigins: "https://page.example" }, /must be a list/],
    [{ allowedOrigins: ["page.example"] }, /'page.example' is not an origin/],
    [{ allowedOrigins: ["https://page.example/path"] }, /is not an origin/],
  ]) {
    assert.throws(() => new Endpoint(parts, options), why);
  }
});

test("buckets fill again and only so many are kept", () => {
  const rates = new Rates({ burst: 1, perSecond: 2, maxClients: 3 });
  assert.deepEqual([rates.take("a", 0), rates.take("a", 0), rates.take("a", 500)], [0, 1, 0]);
  for (let number = 0; number < 10; number++) rates.take(String(number), 0);
  assert.equal(rates.size, 3);
});

test("an IPv6 host is one client by whatever of its addresses", () => {
  assert.equal(network("2001:db8::1"), network("2001:db8::ffff:2"));
  assert.notEqual(network("2001:db8::1"), network("2001:db8:0:1::1"));
  assert.equal(network("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(network("fe80::1%eth0"), network("fe80::2"));
  assert.equal(network("unix:"), "unix:");
});

test("a team adds reasons of its own", () => {
  const taken = [];
  const parts = {
    record: (beacon) => taken.push(beacon) > 0, optedOut: () => false, now: () => NOW_NS,
    ownReasons: () => ["wrong_tone"],
  };
  const actions = ["wrong_tone", "outdated", "wrong tone"].map((reason, id) => (
    { handle: "h", action: "copy", action_id: String(id), time: 1, reason }
  ));
  const body = new TextEncoder().encode(JSON.stringify({ sent: 1, actions }));
  const request = { method: "POST", path: "/actions", query: "", headers: { "content-type": "text/plain" }, peer: "" };
  assert.equal(new Endpoint(parts).take(request, body).status, 204);
  assert.deepEqual(taken[0].reported.map(({ action }) => action.reason), ["wrong_tone", "outdated", undefined]);
  assert.deepEqual(taken[0].refused, ["bad_reason"]);
});

test("script files are cached until they change", () => {
  const endpoint = new Endpoint({ record: () => true, optedOut: () => false, now: () => NOW_NS }, { scripts });
  const get = (headers = {}, query = "", method = "GET") =>
    endpoint.beforeBody({ method, path: "/feedback.js", query, headers, peer: "" });
  const first = lower(get().headers);
  assert.equal(get({ "if-none-match": first.etag }).status, 304);
  assert.equal(get({ "if-none-match": `"other", W/${first.etag}` }).status, 304);
  const { version } = endpoint.script("feedback.js");
  assert.match(lower(get({}, `v=${version}`).headers)["cache-control"], /immutable/);
  const compressed = get({ "accept-encoding": "br, gzip" });
  assert.equal(lower(compressed.headers)["content-encoding"], "gzip");
  assert.notEqual(lower(compressed.headers).etag, first.etag);
  const head = get({}, "", "HEAD");
  assert.equal(head.body.length, 0);
  assert.equal(lower(head.headers)["content-length"], first["content-length"]);
});
