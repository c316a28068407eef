/** Everything that one `instrument()` switches on, held together. */
import { type Span, trace, type TracerProvider } from "@opentelemetry/api";

import { Automated } from "./automated.js";
import { Events, type LoggerProvider } from "./events.js";
import type { Guard } from "./guard.js";
import { loadKey } from "./keys.js";
import { attachTo } from "./logs.js";
import { Outputs } from "./outputs.js";
import { PacedQueue } from "./paced.js";
import { Sampling } from "./sampling.js";
import { settingsOf, type Settings } from "./settings.js";
import { ReviewText } from "./review-text.js";
import { deriveKey } from "./text/hash.js";
import { Sketcher } from "./text/sketch.js";
import { Unread } from "./unread.js";
import { Worker } from "./worker.js";

export interface Options {
  /** Provider for the action spans; the global one by default. */
  tracerProvider?: TracerProvider;
  /** Provider for the events about outputs; the global one by default. */
  loggerProvider?: LoggerProvider;
  /** Settings, which go before those of the environment. */
  settings?: Settings;
  /** Milliseconds since the epoch. */
  clock?: () => number;
  /** Given a user as `conversation()` was, whether to observe them. */
  observe?: (subject: unknown) => boolean;
}

/** How user turns are hashed; only where other processes have the key as well. */
export interface InputKeys {
  readonly hash: Uint8Array | null;
  readonly sketcher: Sketcher;
}

export class Capture {
  active = true;
  readonly settings: ReturnType<typeof settingsOf>;
  readonly clock: () => number;
  readonly secret: Uint8Array;
  readonly hashKey: Uint8Array | null;
  readonly handleKey: Uint8Array;
  readonly inputKeys?: InputKeys;
  readonly reviewText: ReviewText;
  readonly outputs: Outputs;
  readonly unread = new Unread();
  readonly worker: Worker;
  /** What strangers send waits here. */
  readonly strangers: PacedQueue;
  readonly automated: Automated;
  readonly events: Events;
  observe?: (subject: unknown) => boolean;
  /** The provider that was given, else any that the processor was added to. */
  tracerProvider?: TracerProvider;
  #sampling?: Sampling;
  #logsAttached = false;

  constructor(
    options: Options,
    readonly guard: Guard,
  ) {
    this.settings = settingsOf(options.settings ?? {});
    this.clock = options.clock ?? Date.now;
    this.observe = options.observe;
    this.tracerProvider = options.tracerProvider;
    const key = loadKey(this.settings.key, this.settings.stateDir);
    if (key.remedy !== undefined) guard.refused("key", key.remedy);
    this.secret = key.secret;
    this.hashKey = this.settings.hash === "keyed" ? key.secret : null;
    this.handleKey = deriveKey(key.secret, "handle");
    if (key.shared) {
      const sketcher = new Sketcher(deriveKey(key.secret, "sketch"));
      this.inputKeys = { hash: this.hashKey, sketcher };
    }
    const { reviewText, reviewTextRate } = this.settings;
    this.reviewText = new ReviewText(reviewText, reviewTextRate, deriveKey(key.secret, "sample"));
    this.outputs = new Outputs(this.clock);
    this.worker = new Worker(guard);
    this.strangers = new PacedQueue(guard);
    this.automated = new Automated(this.settings.exclude);
    this.events = new Events(options.loggerProvider, this.clock, guard, () => resourceOf(this.provider()));
  }

  /** The SDK provider that action spans go to, if there is one. */
  provider(): TracerProvider | undefined {
    return this.tracerProvider ?? sdkProvider();
  }

  /** Reads answers from log events too, once there is a logger provider. */
  attachLogs(): void {
    if (!this.#logsAttached) this.#logsAttached = attachTo(this.events.provider());
  }

  sampling(): Sampling {
    if (this.#sampling) return this.#sampling;
    const provider = this.provider() as
      | { _tracerOptions?: { sampler?: unknown }; _config?: { sampler?: unknown } }
      | undefined;
    if (!provider) return new Sampling(undefined);
    this.#sampling = new Sampling(provider._tracerOptions?.sampler ?? provider._config?.sampler);
    return this.#sampling;
  }

  /** Whether a user has opted out; so has whoever the application's function fails for. */
  hasOptedOut(subject: unknown): boolean {
    if (subject === undefined || subject === null || !this.observe) return false;
    const { observe } = this;
    return this.guard.run("asking whether a user is to be observed", true, () => !observe(subject));
  }

  /** Whether the browser that sent a request asks not to be observed, where that is honoured. */
  requestOptedOut(header: (name: string) => string | null | undefined): boolean {
    return this.settings.optOutHeaders.some((name) => header(name)?.trim() === "1");
  }

  /** Sends what waits; whether all of it went in time. Never rejects. */
  async flush(timeoutMs = 5000): Promise<boolean> {
    try {
      this.strangers.flush();
      this.worker.flush();
      const provider = this.provider() as { forceFlush?: () => Promise<void> } | undefined;
      const logs = this.events.provider() as { forceFlush?: () => Promise<void> } | undefined;
      const all = Promise.all([this.events.flush(), provider?.forceFlush?.(), logs?.forceFlush?.()]);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<false>((resolve) => {
        timer = setTimeout(() => resolve(false), timeoutMs);
      });
      const inTime = await Promise.race([all.then(() => true), late]);
      clearTimeout(timer);
      return inTime;
    } catch (error) {
      this.guard.failed("flushing", error);
      return false;
    }
  }

  shutdown(): void {
    this.active = false;
    this.strangers.stop();
    this.worker.stop();
    this.guard.run("shutting down", undefined, () => void this.events.flush());
  }
}

/** The SDK's global provider, behind the API's proxy. */
export function sdkProvider(): TracerProvider | undefined {
  const proxy = trace.getTracerProvider() as TracerProvider & { getDelegate?: () => TracerProvider };
  const provider = proxy.getDelegate?.() ?? proxy;
  // What is there before any SDK gives tracers that do nothing.
  return "forceFlush" in provider ? provider : undefined;
}

function resourceOf(provider: unknown): Record<string, unknown> {
  const holder = provider as { resource?: unknown; _resource?: unknown } | undefined;
  const resource = (holder?.resource ?? holder?._resource) as
    | { attributes?: Record<string, unknown> }
    | undefined;
  return resource?.attributes ?? {};
}

/** Attributes of a span of the SDK, to read. */
export function attributesOf(span: Span | undefined): Readonly<Record<string, unknown>> {
  return (span as { attributes?: Record<string, unknown> } | undefined)?.attributes ?? {};
}
