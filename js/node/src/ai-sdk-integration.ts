/** The AI SDK of Vercel, with content off: its answers are seen in process, and stay there.
 *
 * It keeps its telemetry integrations in a global list, in which ours is the first: so that it runs
 * within the span that another one has made for the model call.
 */
import { type Span, trace } from "@opentelemetry/api";

import type { SpanState } from "./request.js";
import { shared } from "./shared.js";
import { stateOf } from "./span-state.js";
import { CALLS_ONLY, NO_TEXT, said } from "./sources/answer.js";
import { lastUserTurnOfRequest } from "./sources/chat.js";
import { decode } from "./sources/messages.js";
import { Parts } from "./sources/parts.js";
import { isMapping, type Mapping } from "./sources/source.js";

interface Call {
  readonly messages?: unknown;
  readonly prompt?: unknown;
  readonly execute: () => PromiseLike<unknown>;
}

const registry = globalThis as { AI_SDK_TELEMETRY_INTEGRATIONS?: unknown[] };

export const aiSdkIntegration = {
  /** Called around each call of a model. */
  async executeLanguageModelCall(call: Call): Promise<unknown> {
    const span = trace.getActiveSpan();
    const result = await call.execute();
    return shared.guard.run("reading an answer of the AI SDK", result, () =>
      observe(span, call.messages ?? call.prompt, result),
    );
  },

  register(): void {
    const list = (registry.AI_SDK_TELEMETRY_INTEGRATIONS ??= []);
    if (!list.includes(aiSdkIntegration)) list.unshift(aiSdkIntegration);
  },

  unregister(): void {
    const at = registry.AI_SDK_TELEMETRY_INTEGRATIONS?.indexOf(aiSdkIntegration) ?? -1;
    if (at >= 0) registry.AI_SDK_TELEMETRY_INTEGRATIONS?.splice(at, 1);
  },
};

/** Keeps answer and question of a call with its span; what the model returned, to be handed on. */
export function observe(span: Span | undefined, asked: unknown, result: unknown): unknown {
  const state = span && stateOf(span);
  if (!state || !shared.capture?.active || !isMapping(result)) return result;
  state.turn ??= questionOf(asked) ?? questionSent(result.request);
  if (Array.isArray(result.content)) {
    state.answer ??= answerOf(result.content);
  } else if (result.stream instanceof ReadableStream) {
    return { ...result, stream: watched(result.stream as ReadableStream<unknown>, state) };
  }
  return result;
}

/** The same stream; each piece passes through, and a cancelled one is cancelled. */
function watched(stream: ReadableStream<unknown>, state: SpanState): ReadableStream<unknown> {
  const content: Mapping[] = [];
  let text: Mapping | undefined;
  const note = (part: unknown): void => {
    if (!isMapping(part)) return;
    if (part.type === "text-start") {
      content.push((text = { type: "text", text: "" }));
    } else if (part.type === "text-delta") {
      if (!text) content.push((text = { type: "text", text: "" }));
      text.text = `${text.text as string}${String(part.delta ?? part.textDelta ?? "")}`;
    } else if (part.type === "tool-call" || part.type === "file") {
      content.push(part);
    }
    if (content.length) state.answer = answerOf(content);
  };
  return stream.pipeThrough(
    new TransformStream<unknown, unknown>({
      transform(part, controller) {
        shared.guard.run("reading a stream of the AI SDK", undefined, () => note(part));
        controller.enqueue(part);
      },
    }),
  );
}

/** As the SDK itself records it: its texts joined without anything between. */
function answerOf(content: readonly unknown[]): NonNullable<SpanState["answer"]> {
  const parts = content.filter(isMapping);
  const text = parts.map((part) => (part.type === "text" ? String(part.text ?? "") : "")).join("");
  // A call that the provider itself carries out is no step of the application's.
  const calls = parts.filter(({ type, providerExecuted }) => type === "tool-call" && providerExecuted !== true);
  if (text.trim()) return { text, calls: calls.length > 0 };
  const found = new Parts();
  for (const call of calls) found.call(call);
  if (found.called) return found.calls.length ? found.answer() : CALLS_ONLY;
  return parts.some(({ type }) => type === "tool-call" || type === "file") ? NO_TEXT : said(text);
}

/** With the recording of inputs off, an integration gets no messages; what the provider was sent has
 * them. */
function questionSent(request: unknown): string | undefined {
  const body = isMapping(request) ? request.body : undefined;
  return lastUserTurnOfRequest(typeof body === "string" ? decode(body) : body);
}

function questionOf(messages: unknown): string | undefined {
  if (!Array.isArray(messages)) return undefined;
  for (let at = messages.length - 1; at >= 0; at--) {
    const message: unknown = messages[at];
    if (!isMapping(message) || message.role !== "user") continue;
    const { content } = message;
    if (typeof content === "string" && content) return content;
    const texts = Array.isArray(content) ? content.filter(isMapping) : [];
    const turn = texts.flatMap((part) => (part.type === "text" ? [String(part.text ?? "")] : [])).join("\n");
    if (turn) return turn;
  }
  return undefined;
}
