/** From which pages beacons are taken, and what a browser is told about it. */
import type { Headers } from "./http.js";

const ANY = "*";
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s@]+$/;
const DAY = "86400";

/** The origins whose pages may send beacons: the application's own, and those named here. */
export class Origins {
  readonly #all: boolean;
  readonly #allowed: ReadonlySet<string>;

  constructor(allowed: readonly string[]) {
    if (!Array.isArray(allowed)) {
      throw new TypeError(`allowedOrigins must be a list of origins, such as ['${String(allowed)}']`);
    }
    const found = allowed.map((origin) => origin.toLowerCase());
    for (const origin of found) {
      if (origin !== ANY && !ORIGIN.test(origin)) {
        throw new TypeError(
          `allowedOrigins: '${origin}' is not an origin; write scheme and host without a path, as in ` +
            "'https://app.example.com', or '*' for all",
        );
      }
    }
    this.#all = found.includes(ANY);
    this.#allowed = new Set(found);
  }

  /** Whether the page that sent a request may; so may what is not a page. */
  allow(headers: Headers): boolean {
    const origin = (headers.origin ?? "").toLowerCase();
    if (!origin || this.#all || this.#allowed.has(origin)) return true;
    // Set by the browser itself; right even where a proxy rewrites the host.
    if (headers["sec-fetch-site"] === "same-origin") return true;
    return origin !== "null" && hostOf(origin) === (headers.host ?? "").toLowerCase();
  }

  /** Headers of an answer that let a page of an allowed origin read it. */
  answer(headers: Headers): [string, string][] {
    const { origin } = headers;
    if (!origin || !this.allow(headers)) return [["Vary", "Origin"]];
    return [["Access-Control-Allow-Origin", origin], ["Vary", "Origin"]];
  }

  /** Headers of the answer to a browser that asks before it sends. */
  preflight(headers: Headers): [string, string][] {
    return [
      ...this.answer(headers),
      ["Access-Control-Allow-Methods", "POST"],
      ["Access-Control-Allow-Headers", "Content-Type"],
      ["Access-Control-Max-Age", DAY],
    ];
  }
}

/** Host and port as they were written; the URL class leaves out a usual port. */
const hostOf = (origin: string): string => /^[^:]+:\/\/([^/?#]*)/.exec(origin)?.[1] ?? "";
