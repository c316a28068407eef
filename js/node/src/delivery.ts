/** Handing out handles and tying keys, which makes an output a delivered one. */
import { context, type Span, type SpanContext, trace } from "@opentelemetry/api";

import type { Capture } from "./capture.js";
import { choose } from "./answer-choice.js";
import { delivered } from "./events.js";
import { type Handle, mint } from "./handles.js";
import { handleOf, type Output } from "./output.js";
import { Request, type SpanState } from "./request.js";
import { type Scope, scopeIn } from "./scope.js";
import { shared } from "./shared.js";
import { stateOf } from "./span-state.js";
import { scrub } from "./text/normalise.js";
import { sayOnSpan } from "./unread.js";

const MAX_KEY = 512;

/** An LLM span, open or ended, or the model's id for the answer. */
export type Named = Span | SpanContext | { readonly responseId: string };

export function outputHandle(capture: Capture, named: Named | undefined): string | undefined {
  const handle = deliverNamed(capture, named, "outputHandle()");
  return handle && mint(handle, capture.handleKey);
}

export function linkKey(capture: Capture, key: unknown, named: Named | undefined): boolean {
  const known = keyOf(key);
  if (known === undefined) {
    capture.guard.refused("bad_key", `a key must have 1 to ${MAX_KEY} characters`);
    return false;
  }
  const handle = deliverNamed(capture, named, "linkKey()");
  if (handle) capture.outputs.tie(known, handle);
  return handle !== undefined;
}

export function requestHandle(capture: Capture, given: Span | undefined): string | undefined {
  const span = given ?? trace.getActiveSpan();
  const own = span?.spanContext();
  if (!span || !own || !/[1-9a-f]/.test(own.traceId)) {
    capture.guard.refused(
      "handle_unknown_request",
      "requestHandle() needs a span: instrument the web framework, or open a span around the request",
    );
    return undefined;
  }
  const state = stateOf(span);
  if (unobserved(capture, state) || state?.request.optedOut) return undefined;
  if (!state) {
    const now = Math.floor(capture.clock() / 1000);
    return mint(ofRequest(new Request(own, now, () => span, undefined)), capture.handleKey);
  }
  announceRequest(capture, state.request);
  return mint(ofRequest(state.request), capture.handleKey);
}

/** A handle for a request that may turn out to have no output to deliver. */
export const unannouncedHandle = (capture: Capture, request: Request): string =>
  mint(ofRequest(request), capture.handleKey);

/** Says which output a handle for the request means, when its response has ended. */
export function deliverAnswer(capture: Capture, request: Request): void {
  const { output, ambiguous } = choose(request.outputs);
  if (output) deliver(capture, output);
  else if (ambiguous) announceRequest(capture, request);
}

/** Says that a handle for the request has left, the first time. */
export function announceRequest(capture: Capture, request: Request): void {
  if (request.delivered) return;
  request.delivered = true;
  if (request.sampled) say(capture, ofRequest(request));
}

/** The application's own key as it is remembered; a UUID or number will do. */
export function keyOf(given: unknown): string | undefined {
  const key = scrub(String(given ?? ""));
  return key.length > 0 && key.length <= MAX_KEY ? key : undefined;
}

export const currentScope = (): Scope | undefined =>
  shared.scopes.getStore() ?? scopeIn(context.active());

const ofRequest = ({ context: { traceId, spanId }, time, sampled }: Request): Handle => ({
  kind: "request", traceId, spanId, time, sampled,
});

function unobserved(capture: Capture, state: SpanState | undefined): boolean {
  const found =
    currentScope()?.observed === false ||
    state?.scope?.observed === false ||
    shared.exchanges.getStore()?.observed === false;
  if (found) capture.guard.add("opted_out");
  return found;
}

/** What names an output, which is a delivered one from now on. */
function deliverNamed(capture: Capture, named: Named | undefined, caller: string): Handle | undefined {
  const span = named && !("responseId" in named) ? named : undefined;
  const state = span && stateOf(span);
  if (unobserved(capture, state)) return undefined;
  let output: Output | undefined;
  if (named && "responseId" in named) output = capture.outputs.ofResponse(named.responseId);
  else if (!named) output = newest();
  else output = state?.output;
  if (output) return deliver(capture, output);
  const handle = span && deliverSpan(capture, span, state);
  if (!handle) {
    capture.guard.refused(
      "handle_unknown_output",
      `${caller} found no output. Call it after the model answered, inside the request's span or ` +
        "conversation(), or pass a span or { responseId }",
    );
  }
  return handle;
}

function newest(): Output | undefined {
  const span = trace.getActiveSpan();
  const request = (span && stateOf(span))?.request ?? shared.exchanges.getStore()?.request;
  return request?.newest ?? currentScope()?.newest;
}

/** A handle for a span that has not ended, or of which no more is known than its ids. */
function deliverSpan(
  capture: Capture, span: Span | SpanContext, state: SpanState | undefined,
): Handle | undefined {
  const own = "spanContext" in span ? span.spanContext() : span;
  const output = capture.outputs.ofSpan(own.traceId, own.spanId);
  if (output) return deliver(capture, output);
  const sampled = (own.traceFlags & 1) === 1;
  const started = (span as { startTime?: readonly [number, number] }).startTime?.[0];
  if (started === undefined && sampled) return undefined;
  // The processor finds this when the span ends.
  if (state) state.handleKind ??= "output";
  const { traceId, spanId } = own;
  const time = started ?? Math.floor(capture.clock() / 1000);
  const handle: Handle = { kind: "output", traceId, spanId, time, sampled };
  // Ended longer ago than this process remembers.
  if (sampled && "isRecording" in span && !span.isRecording()) say(capture, handle);
  return handle;
}

function deliver(capture: Capture, output: Output): Handle {
  const handle = handleOf(output);
  if (!output.delivered) {
    output.delivered = true;
    if (!sayOnSpan(output) && !output.waits) say(capture, handle);
  }
  return handle;
}

/** By the worker, as a log processor may take its time. */
function say(capture: Capture, handle: Handle): void {
  capture.worker.submit(0, () => capture.events.emit(delivered(handle)));
}
