/** The span processor that turns LLM spans into outputs that actions can be linked to. */
import { type Context, type Span as ApiSpan, type SpanContext, trace } from "@opentelemetry/api";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";

import type { Capture, Options } from "./capture.js";
import { switchOn } from "./instrument.js";
import { PROBE } from "./names.js";
import { isProbe } from "./probe.js";
import { Request } from "./request.js";
import { type Removable, removeText } from "./review-text.js";
import { scopeIn } from "./scope.js";
import { shared } from "./shared.js";
import { keepState, stateOf } from "./span-state.js";
import { type SdkSpan, tag } from "./tagging.js";

export class FeedbackSpanProcessor implements SpanProcessor {
  readonly #capture?: Capture;

  /** @param options As for `instrument()`, which it does; those of the first call count. */
  constructor(options: Options = {}) {
    this.#capture = switchOn(options);
  }

  onStart(span: Span, parentContext: Context): void {
    const capture = this.#live();
    if (!capture) return;
    shared.guard.run("starting a span", undefined, () => {
      const own = span.spanContext();
      if ((own.traceFlags & 1) === 0 || stateOf(span)) return;
      capture.attachLogs();
      begin(span, own, parentContext);
      const sdk = span as unknown as SdkSpan;
      // SDK 1 has no hook before the end of a span, and SDK 2 calls it of every processor.
      if (typeof sdk._spanProcessor?.onEnding !== "function") endThrough(sdk, () => this.onEnding(span));
    });
  }

  /** Tags the span just before it ends, if it is an LLM span. */
  onEnding(span: Span): void {
    const capture = this.#live();
    if (!capture) return;
    let keepsText = false;
    try {
      keepsText = tag(capture, span);
    } catch (error) {
      shared.guard.failed("tagging a span", error);
    }
    if (keepsText || !capture.reviewText.removes) return;
    try {
      const quotes = stateOf(span)?.request.askedAModel === true;
      removeText(span as unknown as Removable, quotes);
    } catch (error) {
      shared.guard.add("text_not_removed");
      shared.guard.failed("removing text", error);
    }
  }

  onEnd(_span: ReadableSpan): void {}

  async forceFlush(): Promise<void> {
    try {
      this.#capture?.worker.flush();
      await this.#capture?.events.flush();
    } catch (error) {
      shared.guard.failed("flushing", error);
    }
  }

  async shutdown(): Promise<void> {
    await this.forceFlush();
  }

  #live(): Capture | undefined {
    const capture = this.#capture ?? shared.capture;
    return capture?.active ? capture : undefined;
  }
}

/** Puts a span that has just started into its place. */
function begin(span: Span, own: SpanContext, parentContext: Context): void {
  const scope = shared.scopes.getStore() ?? scopeIn(parentContext);
  const parent = trace.getSpan(parentContext);
  const above = parent?.spanContext();
  const time = (span as unknown as SdkSpan).startTime?.[0] ?? 0;
  const beneath = above !== undefined && above.traceId === own.traceId && !above.isRemote;
  if (!parent || !beneath) {
    const request = new Request(own, time, () => span, beneath ? undefined : sameTrace(above, own));
    const exchange = shared.exchanges.getStore();
    exchange?.bind(request);
    keepState(span, { request, parent: NO_PARENT, scope, partsBefore: exchange?.parts ?? 0 });
    if (isProbe(parentContext)) span.setAttribute(PROBE, true);
    return;
  }
  let state = stateOf(parent);
  if (!state) {
    // It started before capture did, or is no span of the SDK. Nothing is known above it, so it
    // stands for the root; its other children share it.
    const started = (parent as unknown as SdkSpan).startTime?.[0] ?? time;
    state = { request: new Request(above, started, () => parent, undefined), parent: NO_PARENT, partsBefore: 0 };
    keepState(parent, state);
    shared.exchanges.getStore()?.bind(state.request);
  }
  const { request } = state;
  keepState(span, {
    request, parent: parent === request.root() ? request.root : weakly(parent), scope: scope ?? state.scope,
    partsBefore: request.exchange?.parts ?? 0,
  });
}

const NO_PARENT = (): undefined => undefined;

/** A chain of spans, each beneath the one before, must not keep all of them. */
function weakly(parent: ApiSpan): () => ApiSpan | undefined {
  const held = new WeakRef(parent);
  return () => held.deref();
}

const sameTrace = (above: SpanContext | undefined, own: SpanContext): SpanContext | undefined =>
  above?.traceId === own.traceId ? above : undefined;

function endThrough(span: SdkSpan, before: () => void): void {
  const end = span.end;
  span.end = function (this: SdkSpan, ...given: [time?: unknown]): void {
    before();
    span.end = end;
    end.apply(this, given);
  };
}
