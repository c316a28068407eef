/** From an LLM span that is about to end to an output that actions can be linked to. */
import { context as contexts, SpanStatusCode } from "@opentelemetry/api";
import type { Span } from "@opentelemetry/sdk-trace-base";

import { SYNTHETIC } from "./automated.js";
import { attributesOf, type Capture } from "./capture.js";
import { described, isShort, questionOf, sendDetails } from "./details.js";
import type { Values } from "./events.js";
import { agentOf, featureOf } from "./feature.js";
import { identify, idOf, MAX_ID, promptOf } from "./identity.js";
import * as names from "./names.js";
import type { Output } from "./output.js";
import { isProbe, marksProbe } from "./probe.js";
import type { SpanState } from "./request.js";
import { stateOf } from "./span-state.js";
import { type Answer, UNPARSEABLE, withoutThoughts } from "./sources/answer.js";
import { isFetched, isUnfinished } from "./sources/gen-ai.js";
import { findAnswer, recognise } from "./sources/index.js";
import type { Attributes, Recorded, Source } from "./sources/source.js";
import { hashNormalised, hashSubject } from "./text/hash.js";
import { codePoints, normalise, scrub } from "./text/normalise.js";

// A length limit under that of our hash would cut it.
const LONGEST_VALUE = "hmac-sha256:".length + 32;
const LONGEST_SKETCH = 256;
const PREVIOUS = "gen_ai.request.previous_response.id";
const COMPACTED = "gen_ai.conversation.compacted";
const AGENT_VERSION = "gen_ai.agent.version";
const USER = "user.id";
// A step on the way, or nothing at all, is not what the user gets.
const NO_ANSWER: readonly (string | undefined)[] = ["no_text", "unfinished"];

/** What a span of the SDK has beside its public face, in the versions 1.30 and 2. */
export interface SdkSpan {
  attributes: Record<string, unknown>;
  droppedAttributesCount?: number;
  startTime?: readonly [number, number];
  status?: { code: SpanStatusCode };
  end(time?: unknown): void;
  _spanProcessor?: { onEnding?: unknown };
  _spanLimits?: { attributeCountLimit?: number; attributeValueLengthLimit?: number };
}

/** Tags the span if it is an LLM span; whether its text is in the sample for review. */
export function tag(capture: Capture, span: Span): boolean {
  const sdk = span as unknown as SdkSpan;
  const { attributes } = sdk;
  const state = stateOf(span);
  if (!state || state.ended || !span.isRecording()) return false;
  const longest = sdk._spanLimits?.attributeValueLengthLimit;
  const limit = longest !== undefined && Number.isFinite(longest) && longest > 0 ? longest : null;
  const recorded: Recorded = { attributes, limit, dropped: sdk.droppedAttributesCount ?? 0 };
  const sources = recognise(recorded);
  if (!sources.length) return false;
  state.ended = true;
  state.request.askedAModel = true;
  const agent = agentOf(state, attributes);
  const user = attributes[USER] ?? agent[USER];
  if (isUnobserved(capture, state, user)) {
    capture.guard.add("opted_out");
    return false;
  }
  const answer = answerOf(capture, state, sources, recorded);
  if (isFetched(attributes) && isKnown(capture, state, answer, attributes)) return false;
  return tagOutput(capture, span, state, { answer, agent, user }, sources, recorded);
}

/** Whether the user does not want to be observed. */
function isUnobserved(capture: Capture, { scope, request }: SpanState, user: unknown): boolean {
  if (scope?.observed === false || request.exchange?.observed === false) return true;
  return user !== undefined && scope?.subject === undefined && capture.hasOptedOut(user);
}

/** What the model answered, as an integration, an event or the span has it. */
function answerOf(
  capture: Capture, state: SpanState, sources: readonly Source[], recorded: Recorded,
): Answer {
  if (state.answer) return withoutThoughts(state.answer);
  // The span is an output all the same.
  return capture.guard.run("reading an answer", UNPARSEABLE, () => findAnswer(sources, recorded));
}

/** Whether a fetched response has no answer yet, or is one that was fetched before. */
function isKnown(capture: Capture, state: SpanState, answer: Answer, attributes: Attributes): boolean {
  if (answer.text === undefined) return true;
  const responseId = idOf(attributes[names.RESPONSE_ID]);
  const found = responseId === undefined ? undefined : capture.outputs.ofResponse(responseId);
  if (!found?.hasText) return false;
  // It is the same output as before, for anyone who asks for a handle here.
  state.output = found;
  state.request.made(found);
  capture.guard.add("fetched_again");
  return true;
}

interface Made {
  readonly answer: Answer;
  /** Attributes of the span that names the agent. */
  readonly agent: Attributes;
  readonly user: unknown;
}

function tagOutput(
  capture: Capture, span: Span, state: SpanState, { answer, agent, user }: Made,
  sources: readonly Source[], recorded: Recorded,
): boolean {
  const { reviewText } = capture;
  const { request, scope } = state;
  const { attributes } = recorded;
  const { traceId, spanId } = span.spanContext();
  const time = (span as unknown as SdkSpan).startTime?.[0] ?? Math.floor(capture.clock() / 1000);
  const output: Output = {
    traceId, spanId, time,
    hasText: answer.missing === "truncated",
    delivered: state.handleKind !== undefined,
    calls: answer.calls === true,
    streamed: (request.exchange?.parts ?? 0) > state.partsBefore,
    open: false, marked: scope?.answers === true, waits: false,
  };
  const own: Values = {
    [names.REQUEST_SPAN_ID]: request.context.spanId,
    [names.REQUEST_SEQ]: request.nextPlace(),
  };
  const missing = describe(capture, answer, output, span, own);
  identify(output, sources, recorded, own);
  place(capture, output, state, attributes, user, own);
  surround(capture, output, state, agent, own);
  if (state.handleKind !== undefined) own[names.HANDLE_KIND] = state.handleKind;
  const keepsText = reviewText.removes && reviewText.keeps(traceId, spanId);
  if (keepsText) own[names.TEXT_RATE] = reviewText.rate;
  const leaves = request.exchange?.retry !== true && attributes[COMPACTED] !== true;
  let question = leaves ? questionOf(capture, scope?.question ?? state.turn, sources, recorded) : undefined;
  if (question && isShort(question) && (recorded.limit ?? Infinity) >= LONGEST_SKETCH) {
    const asked = question;
    Object.assign(own, capture.guard.run("hashing a question", {}, () => described(capture, asked)));
    question = undefined;
  }
  const added = keepsText ? { ...own, ...unrecorded(state, attributes) } : own;
  const fits = add(span, added, recorded.limit);
  if (fits) capture.unread.watch(output, (span as unknown as SdkSpan).attributes);
  state.output = output;
  if (!NO_ANSWER.includes(missing)) accountFor(output, answer.text, state);
  capture.outputs.remember(output);
  sendDetails(capture, output, fits ? undefined : own, question);
  return keepsText;
}

/** Has the request and the conversation know an output that may be the user's answer. */
function accountFor(output: Output, text: string | undefined, { request, scope }: SpanState): void {
  if (scope) scope.newest = output;
  const { exchange } = request;
  // What a background task makes is not in the response.
  const isBehind = exchange?.ended === true && !output.streamed;
  if (!isBehind) {
    output.requestSpanId = request.context.spanId;
    request.made(output);
    exchange?.outputEnded(request, output, text);
  }
}

/** Hash and length of the text; why there is none, if that is so. */
function describe(
  capture: Capture, answer: Answer, output: Output, span: Span, own: Values,
): string | undefined {
  const { guard } = capture;
  if (answer.text === undefined) {
    guard.add(answer.missing);
    return answer.missing;
  }
  const normalised = normalise(answer.text);
  const length = codePoints(normalised);
  if (!length) {
    const { status, attributes } = span as unknown as SdkSpan;
    // A call that failed did not answer with nothing: it did not answer.
    const failed = status?.code === SpanStatusCode.ERROR;
    const missing = failed ? "failed" : isUnfinished(attributes) ? "unfinished" : "empty";
    guard.add(missing);
    if (missing === "empty") own[names.OUTPUT_LENGTH] = 0;
    return missing;
  }
  output.hasText = true;
  own[names.OUTPUT_LENGTH] = length;
  if (answer.structured) own[names.OUTPUT_TYPE] = "tool_call";
  if (length < capture.settings.hashMinLength) {
    guard.add("too_short");
    return undefined;
  }
  guard.add("tagged");
  own[names.OUTPUT_HASH] = output.hash = hashNormalised(normalised, capture.hashKey);
  return undefined;
}

/** The conversation, the user and the prompt. */
function place(
  capture: Capture, output: Output, { scope }: SpanState, attributes: Attributes, user: unknown, own: Values,
): void {
  const subject = scope?.subject ?? idOf(user);
  // What the application says counts more than what a framework made up.
  const conversationId = scope?.conversationId ?? output.conversationId ?? ofPrevious(capture, attributes);
  if (conversationId !== undefined && conversationId !== output.conversationId) {
    own[names.CONVERSATION_ID] = output.conversationId = conversationId;
  }
  if (subject !== undefined) {
    own[names.SUBJECT] = output.subject = hashSubject(subject, capture.secret);
  }
  const prompt = promptOf(attributes) ?? scope?.promptVersion;
  if (prompt !== undefined) own[names.PROMPT_VERSION] = prompt;
}

/** The conversation that the response before belongs to: by itself, its first response. */
function ofPrevious(capture: Capture, attributes: Attributes): string | undefined {
  const previous = idOf(attributes[PREVIOUS]);
  if (previous === undefined) return undefined;
  return capture.outputs.ofResponse(previous)?.conversationId ?? previous;
}

/** What the service, the agent and the request say. */
function surround(
  capture: Capture, output: Output, { request, scope }: SpanState, agent: Attributes, own: Values,
): void {
  const { settings } = capture;
  const root = attributesOf(request.root());
  const feature = settings.feature || featureOf(scope, agent, root);
  if (feature) own[names.FEATURE] = output.feature = scrub(feature).slice(0, MAX_ID);
  const release = idOf(agent[AGENT_VERSION]);
  if (release !== undefined) own[names.RELEASE] = release;
  const channel = scope?.channel ?? settings.channel;
  if (channel !== "text") own[names.CHANNEL] = channel;
  const ratio = capture.sampling().ratio(request.parent);
  if (ratio !== undefined) own[names.SAMPLING_RATIO] = ratio;
  const madeBy = capture.automated.kind(root);
  if (madeBy) own[SYNTHETIC] = madeBy;
  if (madeBy || isProbe(contexts.active()) || marksProbe(root)) own[names.PROBE] = true;
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
  // With one for the time, and one for a handle that leaves later.
  if (Object.keys(sdk.attributes).length + missing + 2 > most) return false;
  span.setAttributes(own);
  return true;
}
