/** Implicit user feedback for LLM features, on OpenTelemetry.
 *
 * Nothing here throws into the application, waits for I/O, or sends text.
 */
import { context, type Span, type SpanContext, trace } from "@opentelemetry/api";

import { record } from "./actions.js";
import type { Options } from "./capture.js";
import * as delivery from "./delivery.js";
import type { Named } from "./delivery.js";
import * as switching from "./instrument.js";
import type { ActionName, ActionSource } from "./names.js";
import { type ConversationOptions, type Scope, SCOPE_KEY, scopeWithin } from "./scope.js";
import { shared } from "./shared.js";
import { stateOf } from "./span-state.js";

export type { ActionName, ActionSource, Channel } from "./names.js";
export type { Options } from "./capture.js";
export type { Named } from "./delivery.js";
export type { ConversationOptions } from "./scope.js";
export type { Settings } from "./settings.js";
export { feedbackModelMiddleware } from "./ai-sdk-model.js";
export { FeedbackLogRecordProcessor } from "./logs.js";
export { FeedbackSpanProcessor } from "./processor.js";

const { guard } = shared;

/** Switches capture on for this process; safe to call again, never throws.
 *
 * It covers the tracer provider that is there and those that are set later. Where the SDK is set up
 * in code, `new FeedbackSpanProcessor()` among its span processors does the same without relying on
 * what the SDK keeps to itself.
 */
export function instrument(options: Options = {}): void {
  guard.run("instrument()", undefined, () => switching.instrument(options));
}

/** Switches capture off; spans that are still open end as if it had never been on. */
export function uninstrument(): void {
  guard.run("uninstrument()", undefined, () => switching.uninstrument());
}

/** What capture did in this process, by reason; docs/capture.md explains each. */
export function stats(): Record<string, number> {
  return guard.snapshot();
}

/** Runs a function, whose model calls belong to a conversation; what it returns or throws.
 *
 * An inner conversation inherits what it does not name. Nothing is added to outgoing requests.
 */
export function conversation<T>(
  id: string | number | undefined, options: ConversationOptions, run: () => T,
): T;
export function conversation<T>(id: string | number | undefined, run: () => T): T;
export function conversation<T>(
  id: string | number | undefined, optionsOrRun: ConversationOptions | (() => T), last?: () => T,
): T {
  const run = typeof optionsOrRun === "function" ? optionsOrRun : (last as () => T);
  const options = typeof optionsOrRun === "function" ? {} : optionsOrRun;
  const scope = guard.run("conversation()", undefined, () => {
    const refused = shared.capture?.hasOptedOut(options.subject) === true;
    const found = scopeWithin(delivery.currentScope(), id, refused ? { ...options, observe: false } : options);
    if (!found.observed) refuseRequest();
    return found;
  });
  return within(scope, run);
}

/** Runs a function whose model calls make what the user is answered; what it returns or throws.
 *
 * For a request that also has a title, a summary or suggestions made: a handle for the request then
 * means the output that was made in here.
 */
export function answers<T>(run: () => T): T {
  const scope = guard.run("answers()", undefined, () =>
    scopeWithin(delivery.currentScope(), undefined, {}, true),
  );
  return within(scope, run);
}

function within<T>(scope: Scope | undefined, run: () => T): T {
  if (!scope) return run();
  const inside = context.active().setValue(SCOPE_KEY, scope);
  return context.with(inside, () => shared.scopes.run(scope, run));
}

/** Runs a function of whose model calls nothing is recorded, as its user does not want it. */
export function optOut<T>(run: () => T): T {
  return conversation(undefined, { observe: false }, run);
}

/** A handle for one output, to be given to the page: of a span or response id, else the newest of
 * the current request or conversation. Undefined when there is none. Never throws.
 */
export function outputHandle(named?: Named): string | undefined {
  return guard.run("outputHandle()", undefined, () =>
    shared.capture && delivery.outputHandle(shared.capture, named),
  );
}

/** A handle for the whole request, for answers that stream: it means the output that `answers()` marked,
 * or that was streamed to the client, or the only one. Where several may be it, actions stay unlinked.
 * Undefined outside any span. Never throws. */
export function requestHandle(span?: Span): string | undefined {
  return guard.run("requestHandle()", undefined, () =>
    shared.capture && delivery.requestHandle(shared.capture, span),
  );
}

/** Ties the application's own id of a message to an output, so that actions can name it by `key`;
 * whether there is such an output. Never throws. */
export function linkKey(key: string | number, named?: Named): boolean {
  return guard.run("linkKey()", false, () =>
    shared.capture !== undefined && delivery.linkKey(shared.capture, key, named),
  );
}

export interface ActionOptions {
  /** The model's id for the answer. */
  responseId?: string;
  /** What `linkKey()` tied to the output. */
  key?: string | number;
  /** The client's id for this action: recorded twice, it counts once. */
  actionId?: string;
  source?: ActionSource;
  /** The user; only a keyed hash leaves. */
  subject?: string;
  conversationId?: string;
  sessionId?: string;
  /** When it happened; now by default. */
  time?: Date | number;
  /** A label for it in other tools, such as `thumbs_up`. */
  label?: string;
}

/** Records what a user did with an output, as a span with one link; whether it was recorded. What
 * was refused is counted by reason in `stats()`. Never throws.
 *
 * @param target A handle, the LLM span or its context; null to name the output by an option.
 */
export function recordAction(
  target: string | Span | SpanContext | null,
  action: ActionName,
  value?: number,
  options: ActionOptions = {},
): boolean {
  return guard.run("recordAction()", false, () => {
    const { capture } = shared;
    if (!capture) {
      guard.refused("not_instrumented", "recordAction() does nothing before instrument()");
      return false;
    }
    const { responseId, key, time, actionId, subject, conversationId, sessionId, label } = options;
    return record(capture, { target, responseId, key }, {
      name: action, value, givenId: actionId, source: options.source ?? "server",
      subject, conversationId, sessionId, label,
      time: time === undefined ? undefined : BigInt(Math.floor(Number(time))) * 1_000_000n,
    });
  });
}

/** Sends what waits, and has the providers send theirs: before a serverless function is frozen, as in
 * `waitUntil(flush())`. Whether all went in time. Never rejects. */
export async function flush(timeoutMs = 5000): Promise<boolean> {
  try {
    return (await shared.capture?.flush(timeoutMs)) ?? true;
  } catch (error) {
    guard.failed("flush()", error);
    return false;
  }
}

function refuseRequest(): void {
  const span = trace.getActiveSpan();
  const request = (span && stateOf(span))?.request ?? shared.exchanges.getStore()?.request;
  if (request) request.optedOut = true;
}
