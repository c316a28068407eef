/** What is answered under the prefix: the script files, and the beacons that they send.
 *
 * A pure core that knows no server, the twin of the Python package's: tests/vectors/endpoint.json is
 * one table of cases for both.
 */
import { kindOfUserAgent } from "../automated.js";
import { shared } from "../shared.js";
import { type Beacon, MAX_BYTES, ofNoUser, readBeacon, RefusedBeacon } from "./beacon.js";
import { browserOf } from "./browsers.js";
import type { HttpAnswer, HttpRequest } from "./http.js";
import { Origins } from "./origins.js";
import { ACTION_RATES, type RateLimits, Rates } from "./rates.js";
import { Repeats } from "./repeats.js";
import { answerScript, packagedScripts, type ScriptFile, scriptFiles } from "./script-files.js";

export const PREFIX = "/_ai_feedback";
const ACTIONS = "/actions";
const TYPES: readonly string[] = ["text/plain", "application/json"];
const RETRY_SECONDS = "30";
const COUNTED: Readonly<Record<number, string>> = {
  400: "beacon_malformed", 403: "beacon_origin", 405: "beacon_method", 413: "beacon_too_large",
  415: "beacon_type", 429: "beacon_rate", 503: "beacon_unavailable",
};

export interface EndpointOptions {
  /** Path under which it answers. */
  prefix?: string;
  /** Origins whose pages may send beacons, beside the application's own; `*` allows every one. */
  allowedOrigins?: readonly string[];
  /** How many proxies in front of the application add to `X-Forwarded-For`. */
  trustedProxies?: number;
  /** How often one client may send. */
  rates?: RateLimits;
  /** How many actions one client may report. */
  actionRates?: RateLimits;
  /** Directory of the script files; those of the package by default. */
  scripts?: string;
}

/** What the core is given by whoever builds it. */
export interface Parts {
  /** Takes a beacon and says whether it could; never waits. */
  record: (beacon: Beacon) => boolean;
  /** Whether the browser that sent a request asks not to be observed. */
  optedOut: (header: (name: string) => string | undefined) => boolean;
  /** Nanoseconds since the epoch. */
  now: () => bigint;
  /** The reasons that pages may give beside those of the list. */
  ownReasons?: () => readonly string[];
}

export class Endpoint {
  readonly prefix: string;
  readonly #parts: Parts;
  readonly #origins: Origins;
  readonly #trustedProxies: number;
  readonly #rates: Rates;
  readonly #actionRates: Rates;
  readonly #repeats = new Repeats();
  readonly #scripts: string | undefined;

  constructor(parts: Parts, options: EndpointOptions = {}) {
    const { prefix = PREFIX, allowedOrigins = [], trustedProxies = 0, scripts } = options;
    if (!prefix.startsWith("/") || prefix.endsWith("/")) {
      throw new TypeError(
        `prefix: '${prefix}' must begin with a slash and not end with one, as in '${PREFIX}'`,
      );
    }
    if (!(trustedProxies >= 0)) throw new RangeError(`trustedProxies: ${trustedProxies} must be 0 or more`);
    this.prefix = prefix;
    this.#parts = parts;
    this.#origins = new Origins(allowedOrigins);
    this.#trustedProxies = trustedProxies;
    this.#rates = new Rates(options.rates);
    this.#actionRates = new Rates(options.actionRates ?? ACTION_RATES);
    this.#scripts = scripts;
  }

  /** The part of a path below the prefix, or nothing if it is the application's. */
  pathBelow(path: string): string | undefined {
    const below = path.slice(this.prefix.length);
    return path.startsWith(this.prefix) && below.startsWith("/") ? below : undefined;
  }

  /** The answer, or nothing when it takes the body to know it. */
  beforeBody(request: HttpRequest): HttpAnswer | undefined {
    if (request.path === ACTIONS) return this.#beforeBeacon(request);
    const script = this.script(request.path.slice(1));
    if (!script) return text(404, `there is nothing at ${request.path} under ${this.prefix}`);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return text(405, "use GET", [["Allow", "GET, HEAD"]]);
    }
    const { status, headers, body } = answerScript(script, request.headers, request.query);
    return answer(status, headers, body, request.method);
  }

  script(name: string): ScriptFile | undefined {
    return scriptFiles(this.#scripts ?? packagedScripts()).get(name);
  }

  /** The answer to a body of more than 64 KiB. */
  tooLarge(request: HttpRequest): HttpAnswer {
    return this.#refuse(request, 413, `a beacon takes up to ${MAX_BYTES} bytes`);
  }

  /** The answer to a request for which `beforeBody` gave none. */
  take(request: HttpRequest, body: Uint8Array): HttpAnswer {
    if (body.length > MAX_BYTES) return this.tooLarge(request);
    const { headers } = request;
    // Only browsers say from where a request comes, and they say it with every POST.
    const source = "origin" in headers || "sec-fetch-site" in headers ? "browser" : "api";
    const userAgent = headers["user-agent"] ?? "";
    let beacon: Beacon;
    try {
      const browser = source === "browser" ? browserOf(userAgent) : undefined;
      beacon = readBeacon(body, this.#parts.now(), source, browser, this.#parts.ownReasons?.());
    } catch (error) {
      if (!(error instanceof RefusedBeacon)) throw error;
      return this.#refuse(request, error.status, error.message);
    }
    beacon = this.#repeats.within(beacon);
    if (kindOfUserAgent(userAgent)) beacon = ofNoUser(beacon);
    const wait = this.#actionRates.take(this.#client(request), performance.now(), beacon.reported.length);
    if (wait) {
      return this.#refuse(request, 429, "too many actions of one client", [["Retry-After", String(wait)]]);
    }
    if (this.#parts.optedOut((name) => headers[name])) {
      shared.guard.add("opted_out", beacon.reported.length);
    } else if (beacon.reported.length && !this.#parts.record(beacon)) {
      return this.#refuse(request, 503, "beacons cannot be accepted now", [["Retry-After", RETRY_SECONDS]]);
    }
    shared.guard.add("beacons");
    for (const reason of beacon.refused) shared.guard.add(reason);
    return answer(204, this.#origins.answer(headers));
  }

  #beforeBeacon(request: HttpRequest): HttpAnswer | undefined {
    const { headers } = request;
    if (!this.#origins.allow(headers)) {
      const origin = (headers.origin ?? "").slice(0, 200);
      return this.#refuse(request, 403, `pages of '${origin}' are not allowed; add it to allowedOrigins`);
    }
    if (request.method === "OPTIONS") return answer(204, this.#origins.preflight(headers));
    if (request.method !== "POST") {
      return this.#refuse(request, 405, "use POST", [["Allow", "POST, OPTIONS"]]);
    }
    const given = (headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
    if (!TYPES.includes(given)) {
      return this.#refuse(
        request, 415, `Content-Type '${given.slice(0, 100)}' is not text/plain or application/json`,
      );
    }
    const encoding = (headers["content-encoding"] ?? "identity").trim().toLowerCase();
    if (encoding !== "" && encoding !== "identity") {
      return this.#refuse(request, 415, "the body must not be compressed");
    }
    const length = (headers["content-length"] ?? "0").trim();
    if (!/^\d+$/.test(length)) return this.#refuse(request, 400, "Content-Length is not a number");
    if (Number(length) > MAX_BYTES) return this.tooLarge(request);
    const wait = this.#rates.take(this.#client(request), performance.now());
    return wait
      ? this.#refuse(request, 429, "too many beacons of one client", [["Retry-After", String(wait)]])
      : undefined;
  }

  /** Address of the client: each trusted proxy appends the address that it was called from, and what
   * stands before them is the client's own claim. */
  #client(request: HttpRequest): string {
    if (!this.#trustedProxies) return request.peer;
    const hops = (request.headers["x-forwarded-for"] ?? "").split(",").map((hop) => hop.trim());
    return hops[Math.max(hops.length - this.#trustedProxies, 0)] || request.peer;
  }

  #refuse(
    request: HttpRequest, status: number, why: string, headers: [string, string][] = [],
  ): HttpAnswer {
    shared.guard.add(COUNTED[status]);
    return text(status, why, [...headers, ...this.#origins.answer(request.headers)]);
  }
}

function text(status: number, why: string, headers: [string, string][] = []): HttpAnswer {
  const body = new TextEncoder().encode(`${JSON.stringify({ error: why })}\n`);
  return answer(status, [...headers, ["Content-Type", "application/json"]], body);
}

function answer(
  status: number, headers: [string, string][], body: Uint8Array = new Uint8Array(), method = "",
): HttpAnswer {
  const found: [string, string][] = [...headers, ["X-Content-Type-Options", "nosniff"]];
  if (status !== 204 && status !== 304) found.push(["Content-Length", String(body.length)]);
  return { status, headers: found, body: method === "HEAD" ? new Uint8Array() : body };
}
