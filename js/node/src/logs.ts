/** Answers that instrumentations record as log events instead of on the span, as
 * `@opentelemetry/instrumentation-openai` does. */
import { type Context, context as contexts, trace } from "@opentelemetry/api";

import type { SpanState } from "./request.js";
import { shared } from "./shared.js";
import { stateOf } from "./span-state.js";
import type { Answer } from "./sources/answer.js";
import { answerOfMessage, lastUserTurnOfChat } from "./sources/chat.js";
import { answerOf, get, lastUserTurnOf } from "./sources/messages.js";
import { isMapping } from "./sources/source.js";

interface LogRecord {
  readonly eventName?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** Keeps the answer and the last user turn with the span that a log record belongs to; records pass
 * through it unchanged. */
export class FeedbackLogRecordProcessor {
  onEmit(record: LogRecord, context?: Context): void {
    shared.guard.run("reading a log record", undefined, () => {
      const name = record.eventName ?? record.attributes?.["event.name"];
      const read = typeof name === "string" ? READERS[name] : undefined;
      const span = read && trace.getSpan(context ?? contexts.active());
      const state = span && stateOf(span);
      if (read && state && shared.capture?.active) read(record, state);
    });
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

/** Both in one record, as attributes or in the body. */
function readDetails({ attributes = {}, body }: LogRecord, state: SpanState): void {
  const of = (name: string): unknown => attributes[name] ?? get(body, name);
  const output = of("gen_ai.output.messages");
  if (output !== undefined) keep(answerOf(output, null), state);
  state.turn = lastUserTurnOf(of("gen_ai.input.messages")) ?? state.turn;
}

/** One choice: `{"index", "message": {"content", "tool_calls"}, "finish_reason"}`. */
function readChoice({ body }: LogRecord, state: SpanState): void {
  if (!isMapping(body) || (body.index ?? 0) !== 0) return;
  const { message, tool_calls } = body;
  // OpenLLMetry has the calls beside the message.
  keep(answerOfMessage(tool_calls && isMapping(message) ? { ...message, tool_calls } : message), state);
}

/** One message of the conversation: the last one is the turn. */
function readUserMessage({ body }: LogRecord, state: SpanState): void {
  const content = get(body, "content");
  state.turn = lastUserTurnOfChat([{ role: "user", content }]) ?? state.turn;
}

function keep(answer: Answer, state: SpanState): void {
  // With content capture off the events come without it; the span may have more.
  if (answer.missing !== "not_recorded") state.answer ??= answer;
}

const READERS: Readonly<Record<string, (record: LogRecord, state: SpanState) => void>> = {
  "gen_ai.client.inference.operation.details": readDetails,
  "gen_ai.choice": readChoice,
  "gen_ai.user.message": readUserMessage,
};

/** What a logger provider of the SDK keeps its processors in. */
interface SdkLoggerProvider {
  addLogRecordProcessor?(processor: FeedbackLogRecordProcessor): void;
  _sharedState?: { activeProcessor?: { processors?: unknown[] } };
}

/** Adds the processor to a logger provider; whether there was one to add it to. */
export function attachTo(provider: unknown): boolean {
  const sdk = (provider ?? {}) as SdkLoggerProvider;
  const processors = sdk._sharedState?.activeProcessor?.processors;
  if (typeof sdk.addLogRecordProcessor === "function") {
    sdk.addLogRecordProcessor(new FeedbackLogRecordProcessor());
  } else if (Array.isArray(processors)) {
    if (!processors.some((one) => one instanceof FeedbackLogRecordProcessor)) {
      processors.unshift(new FeedbackLogRecordProcessor());
    }
  }
  return provider !== undefined;
}
