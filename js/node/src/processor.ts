/** The span processor that turns LLM spans into outputs that actions can be linked to. */
import {
  type Context, context as contexts, type Span as ApiSpan, type SpanContext, SpanStatusCode, trace,
} from "@opentelemetry/api";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";

import { attributesOf, type Capture, type Options } from "./capture.js";
import { sendDetails } from "./details.js";
import type { Values } from "./events.js";
import { featureOf } from "./feature.js";
import { switchOn } from "./instrument.js";
import * as names from "./names.js";
import type { Output } from "./output.js";
import { isProbe, isSynthetic } from "./probe.js";
import { Request, type SpanState } from "./request.js";
import { type Removable, removeText } from "./review-text.js";
import { scopeIn } from "./scope.js";
import { shared } from "./shared.js";
import { UNPARSEABLE } from "./sources/answer.js";
import { find, findAnswer, recognise } from "./sources/index.js";
import type { Recorded, Source } from "./sources/source.js";
import { hashNormalised, hashSubject } from "./text/hash.js";
import { codePoints, normalise, scrub } from "./text/normalise.js";

// Longer ones are not remembered: what is remembered must not grow with what others send.
const MAX_ID = 512;
// A length limit under that of our hash would cut it.
const LONGEST_VALUE = "hmac-sha256:".length + 32;

/** What a span of the SDK has beside its public face, in the versions 1.30 and 2. */
interface SdkSpan {
  attributes: Record<string, unknown>;
  droppedAttributesCount?: number;
  startTime?: readonly [number, number];
  end(time?: unknown): void;
  _spanProcessor?: { onEnding?: unknown };
  _spanLimits?: { attributeCountLimit?: number; attributeValueLengthLimit?: number };
}

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
      if ((own.traceFlags & 1) === 0 || shared.spans.has(span)) return;
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
      removeText(span as unknown as Removable);
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
    const held = new WeakRef<ApiSpan>(span);
    const request = new Request(own, time, () => held.deref(), beneath ? undefined : sameTrace(above, own));
    shared.spans.set(span, { request, parent: () => undefined, ...(scope ? { scope } : {}) });
    shared.exchanges.getStore()?.bind(request);
    if (isProbe(parentContext)) span.setAttribute(names.PROBE, true);
    return;
  }
  let state = shared.spans.get(parent);
  if (!state) {
    // It started before capture did, or is no span of the SDK. Nothing is known above it, so it
    // stands for the root; its other children share it.
    const held = new WeakRef<ApiSpan>(parent);
    const started = (parent as unknown as SdkSpan).startTime?.[0] ?? time;
    const request = new Request(above, started, () => held.deref(), undefined);
    state = { request, parent: () => undefined };
    shared.spans.set(parent, state);
    shared.exchanges.getStore()?.bind(request);
  }
  const held = new WeakRef<ApiSpan>(parent);
  const inherited = scope ?? state.scope;
  shared.spans.set(span, {
    request: state.request, parent: () => held.deref(), ...(inherited ? { scope: inherited } : {}),
  });
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

/** Tags the span if it is an LLM span; whether its text is in the sample for review. */
function tag(capture: Capture, span: Span): boolean {
  const sdk = span as unknown as SdkSpan;
  const { attributes } = sdk;
  const state = shared.spans.get(span);
  if (!state || state.ended || !span.isRecording()) return false;
  const longest = sdk._spanLimits?.attributeValueLengthLimit;
  const limit = longest !== undefined && Number.isFinite(longest) && longest > 0 ? longest : null;
  const recorded: Recorded = { attributes, limit, dropped: sdk.droppedAttributesCount ?? 0 };
  const sources = recognise(recorded);
  if (!sources.length) return false;
  state.ended = true;
  if (state.scope?.observed === false || state.request.exchange?.observed === false) {
    capture.guard.add("opted_out");
    return false;
  }
  return tagOutput(capture, span, state, sources, recorded);
}

function tagOutput(
  capture: Capture, span: Span, state: SpanState, sources: readonly Source[], recorded: Recorded,
): boolean {
  const { guard, settings, reviewText } = capture;
  const { request, scope } = state;
  const { attributes } = recorded;
  const { traceId, spanId } = span.spanContext();
  const time = (span as unknown as SdkSpan).startTime?.[0] ?? Math.floor(capture.clock() / 1000);
  const answer =
    state.answer ??
    // The span is an output all the same.
    guard.run("reading an answer", UNPARSEABLE, () => findAnswer(sources, recorded));
  const output: Output = {
    traceId, spanId, time,
    hasText: answer.missing === "truncated",
    delivered: state.handleKind !== undefined,
  };
  const own: Values = {
    [names.OUTPUT_TIME]: time,
    [names.REQUEST_SPAN_ID]: request.context.spanId,
    [names.REQUEST_SEQ]: request.nextPlace(),
  };
  if (answer.structured) own[names.OUTPUT_TYPE] = "tool_call";
  if (answer.text === undefined) guard.add(answer.missing);
  else describe(capture, answer.text, output, span, own);
  identify(output, sources, recorded, own);
  if (scope) place(capture, output, state, attributes, own);
  const root = attributesOf(request.root());
  const feature = settings.feature || featureOf(state, attributes, root);
  if (feature) own[names.FEATURE] = output.feature = scrub(feature).slice(0, MAX_ID);
  const channel = scope?.channel ?? settings.channel;
  if (channel !== "text") own[names.CHANNEL] = channel;
  const ratio = capture.sampling().ratio(request.parent);
  if (ratio !== undefined) own[names.SAMPLING_RATIO] = ratio;
  if (isProbe(contexts.active()) || isSynthetic(root)) own[names.PROBE] = true;
  if (state.handleKind !== undefined) own[names.HANDLE_KIND] = state.handleKind;
  const keepsText = reviewText.removes && reviewText.keeps(traceId, spanId);
  if (keepsText) own[names.TEXT_RATE] = reviewText.rate;
  const added = keepsText ? { ...own, ...unrecorded(state, attributes) } : own;
  const fits = add(span, added, recorded.limit);

  state.output = output;
  if (answer.missing !== "no_text") {
    // An answer of tool calls alone is a step on the way, not what the user gets.
    output.requestSpanId = request.context.spanId;
    request.newest = output;
    if (scope) scope.newest = output;
    request.exchange?.outputEnded(request, output);
  }
  capture.outputs.remember(output);
  const retried = request.exchange?.retry === true;
  sendDetails(capture, output, fits ? undefined : own, {
    turn: scope?.question ?? state.turn, sources, recorded, leaves: !retried,
  });
  return keepsText;
}

/** Hash and length of the text. */
function describe(capture: Capture, text: string, output: Output, span: Span, own: Values): void {
  const normalised = normalise(text);
  const length = codePoints(normalised);
  if (!length) {
    // A call that failed did not answer with nothing: it did not answer.
    const status = (span as unknown as { status?: { code: SpanStatusCode } }).status;
    const failed = status?.code === SpanStatusCode.ERROR;
    capture.guard.add(failed ? "failed" : "empty");
    if (!failed) own[names.OUTPUT_LENGTH] = 0;
    return;
  }
  output.hasText = true;
  own[names.OUTPUT_LENGTH] = length;
  if (length < capture.settings.hashMinLength) {
    capture.guard.add("too_short");
    return;
  }
  capture.guard.add("tagged");
  own[names.OUTPUT_HASH] = output.hash = hashNormalised(normalised, capture.hashKey);
}

/** Ids and model, with the store's own names for what a convention calls otherwise. */
function identify(
  output: Output, sources: readonly Source[], recorded: Recorded, own: Values,
): void {
  const { attributes } = recorded;
  output.responseId = idOf(find("responseId", sources, recorded));
  if (output.responseId !== undefined && !(names.RESPONSE_ID in attributes)) {
    own[names.RESPONSE_ID] = output.responseId;
  }
  output.conversationId = idOf(attributes[names.CONVERSATION_ID]);
  output.sessionId = idOf(attributes[names.SESSION_ID]);
  if (output.sessionId === undefined) {
    output.sessionId = idOf(find("sessionId", sources, recorded));
    if (output.sessionId !== undefined) own[names.SESSION_ID] = output.sessionId;
  }
  const named = [names.RESPONSE_MODEL, names.REQUEST_MODEL, "llm.model_name"];
  if (!named.some((name) => name in attributes)) {
    const model = idOf(find("model", sources, recorded));
    if (model !== undefined) own[names.REQUEST_MODEL] = model;
  }
}

/** What the conversation says: its id, the user and the prompt. */
function place(
  capture: Capture, output: Output, { scope }: SpanState, attributes: Recorded["attributes"], own: Values,
): void {
  if (scope?.conversationId !== undefined && !(names.CONVERSATION_ID in attributes)) {
    own[names.CONVERSATION_ID] = output.conversationId = scope.conversationId;
  }
  if (scope?.subject !== undefined) {
    own[names.SUBJECT] = output.subject = hashSubject(scope.subject, capture.secret);
  }
  if (scope?.promptVersion !== undefined) own[names.PROMPT_VERSION] = scope.promptVersion;
}

/** What this process has seen and the instrumentation did not record, as it would have. */
function unrecorded({ answer, turn }: SpanState, attributes: Recorded["attributes"]): Values {
  const found: Values = {};
  const message = (role: string, content: string): string =>
    JSON.stringify([{ role, parts: [{ type: "text", content }] }]);
  if (answer?.text && !("gen_ai.output.messages" in attributes)) {
    found["gen_ai.output.messages"] = message("assistant", answer.text);
  }
  if (turn && !("gen_ai.input.messages" in attributes)) {
    found["gen_ai.input.messages"] = message("user", turn);
  }
  return found;
}

/** Sets our attributes, if the span has room for them and leaves their values whole. */
function add(span: Span, own: Values, limit: number | null): boolean {
  if (limit !== null && limit < LONGEST_VALUE) return false;
  const sdk = span as unknown as SdkSpan;
  const most = sdk._spanLimits?.attributeCountLimit ?? Infinity;
  const missing = Object.keys(own).filter((name) => !(name in sdk.attributes)).length;
  if (Object.keys(sdk.attributes).length + missing > most) return false;
  span.setAttributes(own);
  return true;
}

const idOf = (value: unknown): string | undefined =>
  typeof value === "string" && value.length > 0 && value.length <= MAX_ID ? scrub(value) : undefined;
