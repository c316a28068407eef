/** Log events about outputs: what could not, or not cheaply, stand on the span itself. */
import { ROOT_CONTEXT, type SpanContext, trace, TraceFlags } from "@opentelemetry/api";

import type { Guard } from "./guard.js";
import type { Handle } from "./handles.js";
import { EVENT_OUTPUT_DELIVERED, HANDLE_KIND, OUTPUT_TIME } from "./names.js";
import { LogSender } from "./log-sender.js";
import { VERSION } from "./version.js";

export type Values = Record<string, string | number | boolean>;

export interface Event {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Values;
}

interface Logger {
  emit(record: Record<string, unknown>): void;
}

export interface LoggerProvider {
  getLogger(name: string, version?: string): Logger;
}

// Where `@opentelemetry/api-logs` keeps the global provider: to import it would be a dependency.
const GLOBAL = Symbol.for("io.opentelemetry.js.api.logs");
const INFO = 9;

/** The event that a handle has left. */
export const delivered = ({ traceId, spanId, kind, time }: Handle): Event => ({
  name: EVENT_OUTPUT_DELIVERED, traceId, spanId,
  attributes: { [HANDLE_KIND]: kind, [OUTPUT_TIME]: time },
});

/** The application's logger provider, if it has set one. */
export function globalLoggerProvider(): LoggerProvider | undefined {
  const get = (globalThis as Record<symbol, unknown>)[GLOBAL];
  const provider = typeof get === "function" ? (get(1) as LoggerProvider & Processing) : undefined;
  // The SDK makes one without processors where it is told to; records end there.
  const processors = provider?._sharedState?.registeredLogRecordProcessors;
  return processors?.length === 0 ? undefined : provider;
}

/** What a logger provider of the SDK keeps to itself. */
interface Processing {
  readonly _sharedState?: { readonly registeredLogRecordProcessors?: readonly unknown[] };
}

/** Sends events through the application's logger provider, else where traces go. */
export class Events {
  #logger?: Logger;
  #private?: LogSender;

  constructor(
    private readonly given: LoggerProvider | undefined,
    private readonly clock: () => number,
    private readonly guard: Guard,
    private readonly resource: () => Record<string, unknown>,
  ) {}

  emit(event: Event): void {
    const logger = this.#logger ?? this.#find();
    if (!logger) {
      this.#send(event);
      return;
    }
    const context: SpanContext = {
      traceId: event.traceId, spanId: event.spanId, traceFlags: TraceFlags.SAMPLED,
    };
    logger.emit({
      timestamp: this.clock(),
      severityNumber: INFO,
      eventName: event.name,
      context: trace.setSpanContext(ROOT_CONTEXT, context),
      // Where logger providers of the time of SDK 1.x look for it.
      attributes: { "event.name": event.name, ...event.attributes },
    });
  }

  /** The application's logger provider. */
  provider(): LoggerProvider | undefined {
    return this.given ?? globalLoggerProvider();
  }

  /** Sends what waits here. */
  async flush(): Promise<void> {
    await this.#private?.flush();
  }

  #find(): Logger | undefined {
    // Only what was found is remembered, so that a provider which is set later is still found.
    this.#logger = this.provider()?.getLogger("otel_ai_feedback", VERSION);
    return this.#logger;
  }

  #send(event: Event): void {
    this.#private ??= LogSender.fromEnvironment(this.resource, this.guard);
    if (this.#private) {
      this.#private.add(event, this.clock());
    } else {
      this.guard.refused(
        "no_logger",
        "there is no logger provider, so re-asks cannot be seen; set one, pass loggerProvider to " +
          "instrument(), or set OTEL_EXPORTER_OTLP_ENDPOINT",
      );
    }
  }
}
