/** Switching capture on and off. */
import { trace, type TracerProvider } from "@opentelemetry/api";

import { aiSdkIntegration } from "./ai-sdk-integration.js";
import { Capture, type Options, sdkProvider } from "./capture.js";
import { FeedbackSpanProcessor } from "./processor.js";
import { environment } from "./runtime.js";
import { SettingsError } from "./settings.js";
import { shared } from "./shared.js";

/** What the SDK keeps its processors in: a list that never changes by the public way in SDK 2, and
 * SDK 1 has a method for it. */
interface SdkProvider {
  addSpanProcessor?(processor: FeedbackSpanProcessor): void;
  _activeSpanProcessor?: { _spanProcessors?: unknown[] };
}

/** Switches capture on, or gives what is on already; nothing where settings are wrong. */
export function switchOn(options: Options): Capture | undefined {
  try {
    const before = shared.capture;
    if (before) {
      if (options.observe) before.observe = options.observe;
      if (options.tracerProvider) before.tracerProvider = options.tracerProvider;
      return before;
    }
    if (environment().OTEL_SDK_DISABLED?.toLowerCase() === "true") return undefined;
    shared.capture = new Capture(options, shared.guard);
    aiSdkIntegration.register();
    flushAtExit(shared.capture);
    return shared.capture;
  } catch (error) {
    if (error instanceof SettingsError) shared.guard.refused("bad_settings", error.message);
    else shared.guard.failed("instrument()", error);
    return undefined;
  }
}

/** Switches on for the provider that is there, and for those that are set later. */
export function instrument(options: Options): void {
  const capture = switchOn(options);
  if (!capture) return;
  if (options.tracerProvider) attach(options.tracerProvider);
  const found = sdkProvider();
  if (found) attach(found);
  watchGlobal();
}

export function uninstrument(): void {
  const { capture } = shared;
  shared.capture = undefined;
  capture?.shutdown();
  aiSdkIntegration.unregister();
}

const attached = new WeakSet<TracerProvider>();

function attach(provider: TracerProvider): void {
  if (attached.has(provider)) return;
  const sdk = provider as unknown as SdkProvider;
  const processors = sdk._activeSpanProcessor?._spanProcessors;
  // The first, so that nothing that an exporter wraps is in the way.
  if (Array.isArray(processors)) {
    if (!processors.some((one) => one instanceof FeedbackSpanProcessor)) {
      processors.unshift(new FeedbackSpanProcessor());
    }
  } else if (typeof sdk.addSpanProcessor === "function") {
    sdk.addSpanProcessor(new FeedbackSpanProcessor());
  } else {
    shared.guard.refused(
      "no_provider",
      "the tracer provider is not one of the OpenTelemetry SDK; add FeedbackSpanProcessor to its " +
        "span processors",
    );
    return;
  }
  attached.add(provider);
}

let watching = false;

/** Attaches to the provider that an SDK makes global later. */
function watchGlobal(): void {
  if (watching) return;
  watching = true;
  const api = Object.getPrototypeOf(trace) as typeof trace;
  const set = api.setGlobalTracerProvider;
  api.setGlobalTracerProvider = function (this: typeof trace, provider: TracerProvider) {
    const done = set.call(this, provider);
    shared.guard.run("attaching to a tracer provider", undefined, () => {
      if (done && shared.capture) attach(provider);
    });
    return done;
  };
}

/** What waits is sent when there is nothing left to do, as SDKs flush their exporters then. */
function flushAtExit(capture: Capture): void {
  if (typeof process === "undefined" || typeof process.once !== "function") return;
  process.once("beforeExit", () => {
    if (capture.active) void capture.flush();
  });
}
