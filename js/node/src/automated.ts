/** Requests that a program made and no user: crawlers, monitors, load tests and health checks.
 *
 * They say so by their user agent, or by what they ask for; the twin of the Python package's. What
 * people use to call an API (curl, an HTTP library) is not among them: their answers go to users of
 * that API.
 */
import type { Attributes } from "./sources/source.js";

export type Kind = "bot" | "test" | "health_check";

/** OpenTelemetry's mark of such a request; it knows the first two of these values. */
export const SYNTHETIC = "user_agent.synthetic.type";

const KINDS: readonly unknown[] = ["bot", "test", "health_check"];
const HEALTH_CHECK =
  /kube-probe\/|GoogleHC\/|ELB-HealthChecker|Amazon-Route53-Health-Check|Consul Health Check|HAProxy health|Envoy\/HC|AlwaysOn|Blackbox Exporter|UptimeRobot|Pingdom|StatusCake|BetterStack|Better Uptime|updown\.io/i;
const TEST =
  /\bk6\/|ApacheBench\/|\bhey\/|\boha\/|vegeta|Gatling|JMeter|artillery|\bwrk\/|autocannon|Datadog\/?Synthetics|DatadogSynthetics|CloudWatchSynthetics|GrafanaSynthetic|RuxitSynthetic|Checkly|Chrome-Lighthouse/i;
// "bot" as the end of a word: Googlebot, GPTBot, bingbot; a phone named Cubot is none.
const BOT =
  /(?<!cu)bot\b|\bbot|crawl|spider|slurp|archiver|facebookexternalhit|mediapartners-google|google-extended|google-inspectiontool|feedfetcher|embedly|whatsapp\/|skypeuripreview|ChatGPT-User|Claude-User|Perplexity-User|headlessbot/i;
const BY_USER_AGENT: readonly (readonly [Kind, RegExp])[] = [
  ["health_check", HEALTH_CHECK], ["test", TEST], ["bot", BOT],
];
const HEALTH_PATH = /^\/(?:_?health|healthz|livez|readyz|-\/(?:healthy|ready))(?:\/\w+)?\/?$/;
const LOOKING: readonly unknown[] = ["GET", "HEAD", "OPTIONS"];
const LONGEST = 512;
const MAX_REMEMBERED = 1024;
const remembered = new Map<string, Kind | undefined>();

/** What made a request, by its `User-Agent`; undefined when it may be a user. */
export function kindOfUserAgent(userAgent: string): Kind | undefined {
  const shown = userAgent.slice(0, LONGEST);
  if (remembered.has(shown)) return remembered.get(shown);
  const kind = BY_USER_AGENT.find(([, pattern]) => pattern.test(shown))?.[0];
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(shown, kind);
  return kind;
}

/** Tells by the first span of a request what made it. */
export class Automated {
  readonly #own: readonly string[];

  /** @param exclude The setting `EXCLUDE`; its entries about user agents count as bots. */
  constructor(exclude: readonly string[] = []) {
    this.#own = exclude
      .filter((entry) => entry.startsWith("user_agent="))
      .map((entry) => entry.slice("user_agent=".length).replace(/^\*+|\*+$/g, "").toLowerCase());
  }

  /** What made the request of whose first span in this process these are the attributes. */
  kind(above: Attributes): Kind | undefined {
    const marked = above[SYNTHETIC];
    if (marked) return KINDS.includes(marked) ? (marked as Kind) : "test";
    const userAgent = above["user_agent.original"] || above["http.user_agent"];
    if (typeof userAgent === "string" && userAgent) {
      const kind = kindOfUserAgent(userAgent) ?? this.#ownKind(userAgent);
      if (kind) return kind;
    }
    const method = above["http.request.method"] || above["http.method"];
    if (!LOOKING.includes(method)) return undefined;
    const path = above["url.path"] || above["http.target"] || above["http.route"];
    return typeof path === "string" && HEALTH_PATH.test(path.split("?")[0]) ? "health_check" : undefined;
  }

  #ownKind(userAgent: string): Kind | undefined {
    if (!this.#own.length) return undefined;
    const shown = userAgent.toLowerCase();
    return this.#own.some((own) => shown.includes(own)) ? "bot" : undefined;
  }
}
