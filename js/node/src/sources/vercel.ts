/** The AI SDK of Vercel, where its spans do not follow the GenAI conventions. */
import { CALLS_ONLY, isCut, said, TRUNCATED } from "./answer.js";
import { lastUserTurnOfRequest } from "./chat.js";
import { decode } from "./messages.js";
import { Parts } from "./parts.js";
import { type Source, text } from "./source.js";

const OPERATION = "ai.operationId";
// The model calls; the spans around them repeat the last one's text.
const LLM_OPERATIONS: readonly unknown[] = [
  "ai.generateText.doGenerate", "ai.streamText.doStream",
  "ai.generateObject.doGenerate", "ai.streamObject.doStream",
];
const TEXT = "ai.response.text";
const OBJECT = "ai.response.object";
const CALLS = "ai.response.toolCalls";
const MESSAGES = "ai.prompt.messages";

export const vercel: Source = {
  name: "Vercel AI SDK",
  markers: [OPERATION],
  isLlm: ({ attributes }) => LLM_OPERATIONS.includes(attributes[OPERATION]),
  answer(span) {
    const answer = text(span, TEXT) ?? text(span, OBJECT);
    if (answer?.trim()) {
      return isCut(answer, span.limit) ? TRUNCATED : { text: answer, calls: CALLS in span.attributes };
    }
    if (CALLS in span.attributes) {
      const calls = decode(text(span, CALLS) ?? "");
      const found = new Parts();
      for (const call of Array.isArray(calls) ? calls : []) found.call(call);
      return found.called ? found.answer() : CALLS_ONLY;
    }
    return answer === undefined ? undefined : said("");
  },
  lastUserTurn(span) {
    const value = text(span, MESSAGES);
    return value === undefined ? undefined : lastUserTurnOfRequest(decode(value));
  },
  responseId: (span) => text(span, "ai.response.id"),
  model: (span) => text(span, "ai.model.id"),
  sessionId: (span) => text(span, "ai.telemetry.metadata.sessionId"),
  textAttributes: [
    "ai.prompt", "ai.prompt.", TEXT, OBJECT, CALLS, "ai.response.reasoning", "ai.response.files",
    "ai.toolCall.args", "ai.toolCall.result", "ai.value", "ai.values", "ai.documents",
  ],
};
