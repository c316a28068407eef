/** Sends our events as OTLP over HTTP where the application exports traces but no logs.
 *
 * Few services in TypeScript have a logger provider. Without one, nothing could be said of what a
 * user asked; with the exporters as a dependency, every service would pay for those that have one.
 */
import { context, createContextKey } from "@opentelemetry/api";

import type { Event, Values } from "./events.js";
import type { Guard } from "./guard.js";
import { environment } from "./runtime.js";
import { VERSION } from "./version.js";

const MAX_WAITING = 2048;
const PAUSE_MS = 1000;
const TIMEOUT_MS = 10_000;
// As the SDK has it: instrumentations of fetch leave out what is sent under it.
const SUPPRESS = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

export class LogSender {
  readonly #waiting: Record<string, unknown>[] = [];
  #timer?: ReturnType<typeof setTimeout>;
  #sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly headers: Record<string, string>,
    private readonly resource: () => Record<string, unknown>,
    private readonly guard: Guard,
  ) {}

  /** To where the environment says that telemetry goes, if it does and logs are not forbidden. */
  static fromEnvironment(
    resource: () => Record<string, unknown>,
    guard: Guard,
  ): LogSender | undefined {
    const env = environment();
    if (env.OTEL_LOGS_EXPORTER === "none") return undefined;
    const traces = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
    const base = env.OTEL_EXPORTER_OTLP_ENDPOINT ?? traces?.replace(/\/v1\/traces\/?$/, "");
    const url = env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT || (base && `${base.replace(/\/$/, "")}/v1/logs`);
    if (!url) return undefined;
    const given = [
      env.OTEL_EXPORTER_OTLP_HEADERS,
      env.OTEL_EXPORTER_OTLP_LOGS_HEADERS ?? (base ? env.OTEL_EXPORTER_OTLP_TRACES_HEADERS : undefined),
    ];
    return new LogSender(url, headersOf(given), resource, guard);
  }

  add(event: Event, now: number): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.guard.add("queue_full");
      return;
    }
    this.#waiting.push(recordOf(event, now));
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => void this.flush(), PAUSE_MS);
      (this.#timer as { unref?: () => void }).unref?.();
    }
  }

  /** Sends what waits; never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(() => this.#send());
    return this.#sending;
  }

  async #send(): Promise<void> {
    const records = this.#waiting.splice(0);
    if (!records.length) return;
    const scope = { name: "otel_ai_feedback", version: VERSION };
    const resource = { attributes: attributesOf(this.resource() as Values) };
    const body = { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: records }] }] };
    try {
      const silent = context.active().setValue(SUPPRESS, true);
      const answer = await context.with(silent, () =>
        fetch(this.url, {
          method: "POST",
          headers: { "Content-Type": "application/json", ...this.headers },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        }),
      );
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${this.url} answered ${answer.status}`);
    } catch (error) {
      this.guard.add("events_lost", records.length);
      this.guard.failed("sending events", error);
    }
  }
}

function recordOf({ name, traceId, spanId, attributes }: Event, now: number): Record<string, unknown> {
  const time = `${BigInt(Math.floor(now)) * 1_000_000n}`;
  return {
    timeUnixNano: time, observedTimeUnixNano: time, severityNumber: 9,
    eventName: name, traceId, spanId, flags: 1, attributes: attributesOf(attributes),
  };
}

function attributesOf(values: Values): unknown[] {
  return Object.entries(values).flatMap(([key, value]): unknown[] => {
    if (typeof value === "string") return [{ key, value: { stringValue: value } }];
    if (typeof value === "boolean") return [{ key, value: { boolValue: value } }];
    if (typeof value !== "number") return [];
    return Number.isInteger(value)
      ? [{ key, value: { intValue: `${value}` } }]
      : [{ key, value: { doubleValue: value } }];
  });
}

function headersOf(given: (string | undefined)[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of given.flatMap((text) => text?.split(",") ?? [])) {
    const at = pair.indexOf("=");
    if (at > 0) found[pair.slice(0, at).trim()] = decodeURIComponent(pair.slice(at + 1).trim());
  }
  return found;
}
