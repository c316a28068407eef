/** The user-action span: one action, one link to the output it was done to. */
import {
  type Attributes, context, ROOT_CONTEXT, type Span, type SpanContext, SpanKind, type Tracer,
  type TracerProvider,
} from "@opentelemetry/api";

import { actionId } from "./action-id.js";
import type { Capture } from "./capture.js";
import { currentScope, keyOf } from "./delivery.js";
import { hex } from "./digest/encoding.js";
import { type Handle, verify } from "./handles.js";
import * as names from "./names.js";
import type { Output } from "./output.js";
import { isProbe } from "./probe.js";
import { randomBytes } from "./runtime.js";
import { hashSubject } from "./text/hash.js";
import { scrub } from "./text/normalise.js";
import { VERSION } from "./version.js";

const MAX_TEXT = 256;
const NS = 1_000_000_000n;
const CHECKPOINTS: readonly number[] = [30, 120, 300, 600, 900];
const METHOD = /^[a-z][a-z_]{0,31}$/;
// What a value may be; a value out of range comes from a broken or hostile client.
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  copy: [0, 1], edit: [0, 1], reask: [0, 1], close: [0, Infinity], dwell: [0, Infinity],
  rating: [-1, 5],
};

/** What a page saw of an action beside its strength; docs/attributes.md explains each. */
export interface Particulars {
  keptShare?: number;
  checkpoint?: number;
  scrollDepth?: number;
  selectedShare?: number;
  method?: string;
  /** Why, from a closed list. */
  reason?: string;
  /** How many actions the page could not deliver since it last said so. */
  lost?: number;
  /** Name of the browser. */
  browser?: string;
}

/** What a user did, as it was reported. */
export interface Action extends Particulars {
  name: string;
  value?: number;
  givenId?: string;
  source: string;
  subject?: string;
  conversationId?: string;
  sessionId?: string;
  /** Nanoseconds since the epoch. */
  time?: bigint;
  label?: string;
  probe?: boolean;
}

/** Everything that the output of an action is named by. */
export interface Names {
  target?: string | Span | SpanContext | null;
  responseId?: string;
  key?: unknown;
}

class Refused extends Error {
  constructor(
    readonly reason: string,
    readonly remedy?: string,
  ) {
    super(reason);
  }
}

/** Refused for reasons that have been counted. */
class Said extends Error {}

interface Target {
  readonly traceId: string;
  readonly spanId: string;
  readonly time?: number;
  readonly method?: names.LinkMethod;
  readonly output?: Output;
  readonly sampled: boolean;
  /** Whether another output fits as well. */
  readonly ambiguous?: boolean;
}

/** Records an action, or counts why not. */
export function record(capture: Capture, named: Names, action: Action): boolean {
  const { guard } = capture;
  try {
    if (currentScope()?.observed === false || capture.hasOptedOut(action.subject)) {
      throw new Refused("opted_out");
    }
    check(action);
    const provider = capture.provider();
    if (!provider) throw new Refused("no_provider", "recordAction() needs an SDK tracer provider");
    const { target, identity } = search(capture, named);
    emit(capture, provider, target, action, identity);
    guard.add("actions");
    if (!target.sampled) guard.add("not_sampled");
    return true;
  } catch (error) {
    if (error instanceof Said) return false;
    if (!(error instanceof Refused)) throw error;
    guard.refused(error.reason, error.remedy);
    return false;
  }
}

function check(action: Action): void {
  const { name, source, value, method, checkpoint } = action;
  if (!(names.ACTION_NAMES as readonly string[]).includes(name)) {
    throw new Refused("bad_action", `the action must be one of ${names.ACTION_NAMES.join(", ")}`);
  }
  if (!(names.ACTION_SOURCES as readonly string[]).includes(source)) {
    throw new Refused("bad_source", `source must be one of ${names.ACTION_SOURCES.join(", ")}`);
  }
  if (value !== undefined) {
    const [low, high] = RANGES[name] ?? [-Infinity, Infinity];
    if (!(Number.isFinite(value) && low <= value && value <= high)) {
      throw new Refused("bad_value", `${name} takes values from ${low} to ${high}`);
    }
  }
  if (action.time !== undefined && !(action.time > 0n && action.time < 1n << 63n)) {
    throw new Refused("bad_time", "time must be a date after 1970");
  }
  for (const share of [action.keptShare, action.scrollDepth, action.selectedShare]) {
    if (share !== undefined && !(share >= 0 && share <= 1)) throw new Refused("bad_value");
  }
  if (checkpoint !== undefined && !CHECKPOINTS.includes(checkpoint)) throw new Refused("bad_value");
  if (method !== undefined && !METHOD.test(method)) throw new Refused("bad_value");
}

/** Looks by one name after the other, from what names one output for certain on: the first decides. */
function search(capture: Capture, named: Names): { target: Target; identity: string } {
  const refused: Refused[] = [];
  let identity = "";
  let found: Target | undefined;
  const attempt = (of: string, look: () => Target): void => {
    identity ||= of;
    try {
      const next = look();
      // A request whose answer is not known is something to link to, when nothing is better.
      found = next.time !== undefined || !found ? next : found;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused.push(error);
    }
  };
  const certain = (): boolean => found !== undefined && (found.time !== undefined || !found.sampled);
  const { target, responseId, key } = named;
  if (typeof target === "string") {
    const handle = verify(target, capture.handleKey, Math.floor(capture.clock() / 1000));
    if (typeof handle === "string") {
      const remedy =
        "the handle was signed with another key; set one OTEL_AI_FEEDBACK_KEY on all hosts";
      refused.push(new Refused(`handle_${handle}`, handle === "foreign" ? remedy : undefined));
    } else {
      const method = handle.kind === "output" ? "handle" : "request";
      attempt(`${handle.traceId} ${handle.spanId}`, () => ofHandle(capture, handle, method));
    }
  } else if (target) {
    const own = "spanContext" in target ? target.spanContext() : target;
    attempt(`${own.traceId} ${own.spanId}`, () => ofSpan(capture, target, own));
  }
  if (responseId !== undefined && !certain()) {
    attempt(`response_id ${responseId}`, () => ofResponse(capture, responseId));
  }
  if (key !== undefined && !certain()) {
    const known = keyOf(key);
    if (known === undefined) throw new Refused("bad_key", "a key must have 1 to 512 characters");
    attempt(`key ${known}`, () => ofKey(capture, known));
  }
  for (const { reason, remedy } of refused) capture.guard.refused(reason, remedy);
  if (!found) {
    if (refused.length) throw new Said();
    throw new Refused("bad_target", "recordAction() needs a target, responseId or key");
  }
  return { target: found, identity };
}

function ofHandle(capture: Capture, handle: Handle, method: names.LinkMethod): Target {
  const { traceId, spanId, time, sampled, kind } = handle;
  if (!sampled) return { traceId, spanId, method, sampled, ...(kind === "output" ? { time } : {}) };
  if (kind === "output") {
    return { traceId, spanId, time, method, output: capture.outputs.ofSpan(traceId, spanId), sampled };
  }
  const { output, ambiguous } = capture.outputs.ofRequest(traceId, spanId);
  // A guess would blame one output for another.
  if (ambiguous) return { traceId: "", spanId: "", sampled, ambiguous };
  return output ? targetOf(output, method) : { traceId, spanId, method, sampled };
}

function ofSpan(capture: Capture, span: Span | SpanContext, own: SpanContext): Target {
  const { traceId, spanId } = own;
  if ((own.traceFlags & 1) === 0) return { traceId, spanId, method: "handle", sampled: false };
  const output = capture.outputs.ofSpan(traceId, spanId);
  if (output) return targetOf(output, "handle");
  const time = (span as { startTime?: readonly [number, number] }).startTime?.[0];
  if (time === undefined) {
    throw new Refused(
      "unknown_span",
      "the span is not among the outputs that this process made lately, so its start is not known; " +
        "use outputHandle(), which carries it",
    );
  }
  return { traceId, spanId, time, method: "handle", sampled: true };
}

const ELSEWHERE =
  "among the outputs that this process made lately; with several processes give the page a handle";

function ofResponse(capture: Capture, responseId: string): Target {
  const output = capture.outputs.ofResponse(responseId);
  if (!output) throw new Refused("unknown_response_id", `the response id is not ${ELSEWHERE}`);
  return targetOf(output, "response_id");
}

function ofKey(capture: Capture, key: string): Target {
  const tied = capture.outputs.tied(key);
  if (!tied) throw new Refused("unknown_key", `no linkKey() tied the key to an output ${ELSEWHERE}`);
  return ofHandle(capture, tied, "key");
}

const targetOf = (output: Output, method: names.LinkMethod): Target => ({
  traceId: output.traceId, spanId: output.spanId, time: output.time, method, output, sampled: true,
});

function emit(
  capture: Capture, provider: TracerProvider, target: Target, action: Action, identity: string,
): void {
  const attributes = attributesOf(capture, target, action);
  let given = action.givenId ?? "";
  // One edit, looked at several times: each look stands beside the others.
  if (given && action.checkpoint !== undefined) given = `${given} ${action.checkpoint}`;
  // Without an id of the client's, each is an action of its own.
  // One id for other tools too, where an action that arrives twice must count once as well.
  attributes[names.ACTION_ID] = attributes[names.ANNOTATION_IDENTIFIER] =
    given ? actionId(identity, action.name, given) : hex(randomBytes(16));
  const done = action.time ?? BigInt(Math.floor(capture.clock())) * 1_000_000n;
  // Nothing is done with an answer before it is begun.
  const begun = target.time === undefined ? 0n : BigInt(target.time) * NS;
  const time = done < begun ? begun : done;
  const at: [number, number] = [Number(time / NS), Number(time % NS)];
  const { traceId, spanId, sampled } = target;
  const link = { context: { traceId, spanId, isRemote: true, traceFlags: sampled ? 1 : 0 } };
  const span = tracerOf(provider).startSpan(
    `ai_feedback ${action.name}`,
    { kind: SpanKind.INTERNAL, attributes, links: traceId ? [link] : [], startTime: at, root: true },
    ROOT_CONTEXT,
  );
  if (!span.isRecording()) throw new Refused("no_provider", "recordAction() needs an SDK that is on");
  span.end(at);
}

const ALWAYS = { shouldSample: () => ({ decision: 2 }), toString: () => "AlwaysOnSampler" };
const tracers = new WeakMap<TracerProvider, Tracer>();

/** A tracer of its own for the action spans: an action must not be lost to a second throw of the
 * dice, if its output was sampled; if not, it tells how much is missing. */
function tracerOf(provider: TracerProvider): Tracer {
  let tracer = tracers.get(provider);
  if (!tracer) {
    tracer = provider.getTracer("otel_ai_feedback.actions", VERSION);
    if ("_sampler" in tracer) (tracer as { _sampler: unknown })._sampler = ALWAYS;
    tracers.set(provider, tracer);
  }
  return tracer;
}

function attributesOf(capture: Capture, target: Target, action: Action): Attributes {
  const { output, time, sampled } = target;
  const found: Attributes = {
    [names.ACTION_NAME]: action.name,
    [names.ACTION_SOURCE]: action.source,
    [names.ANNOTATION_NAME]: action.name,
    // A rating is a verdict; all else is what was done.
    [names.ANNOTATION_ANNOTATOR_KIND]: action.name === "rating" ? "HUMAN" : "USER_BEHAVIOR",
  };
  const scope = currentScope();
  const subject = action.subject ?? scope?.subject;
  const label = short(action.label);
  const all: Attributes = {
    [names.LINK_METHOD]: target.method,
    [names.LINK_AMBIGUOUS]: target.ambiguous,
    [names.ACTION_VALUE]: action.value,
    [names.ANNOTATION_SCORE]: action.value,
    [names.OUTPUT_SAMPLED]: sampled ? undefined : false,
    [names.PROBE]: action.probe || isProbe(context.active()) || undefined,
    [names.OUTPUT_TIME]: time,
    [names.RESPONSE_ID]: output?.responseId,
    [names.FEATURE]: output?.feature,
    [names.OUTPUT_HASH]: output?.hash,
    [names.CONVERSATION_ID]: short(action.conversationId) ?? output?.conversationId,
    [names.SESSION_ID]: short(action.sessionId) ?? output?.sessionId,
    [names.SUBJECT]: subject ? hashSubject(subject, capture.secret) : output?.subject,
    [names.ANNOTATION_LABEL]: label,
    // An annotation has a score, a label or an explanation.
    [names.ANNOTATION_EXPLANATION]:
      label === undefined && action.value === undefined ? `What the user did: ${action.name}` : undefined,
    [names.ACTION_KEPT_SHARE]: action.keptShare,
    [names.ACTION_CHECKPOINT]: action.checkpoint,
    [names.ACTION_SCROLL_DEPTH]: action.scrollDepth,
    [names.ACTION_SELECTED_SHARE]: action.selectedShare,
    [names.ACTION_METHOD]: action.method,
    [names.ACTION_REASON]: action.reason,
    [names.ACTION_LOST]: action.lost,
    [names.USER_AGENT_NAME]: action.browser,
  };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) found[name] = value;
  return found;
}

/** Text that a client may have sent, made safe to export. */
const short = (value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : scrub(String(value)).slice(0, MAX_TEXT) || undefined;

