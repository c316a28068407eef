/** OpenTelemetry GenAI conventions: the AI SDK, OpenTelemetry's and OpenLLMetry's instrumentations. */
import { RESPONSE_ID } from "../names.js";
import { answerOf, decode, lastUserTurnOf } from "./messages.js";
import { type Attributes, type Source, text } from "./source.js";

const OPERATION = "gen_ai.operation.name";
const OUTPUT = "gen_ai.output.messages";
const INPUT = "gen_ai.input.messages";
const REASONS = "gen_ai.response.finish_reasons";
// A fetched response is one that was made in the background. "realtime" is OpenLLMetry's, for voice.
const FETCH = "fetch_response";
const LLM_OPERATIONS: readonly unknown[] = [
  "chat", "text_completion", "generate_content", FETCH, "realtime",
];
// What the ids of OpenAI's responses begin with, each of which has one answer of several items.
const OF_ITEMS = "resp_";

export const genAi: Source = {
  name: "OpenTelemetry GenAI",
  markers: [OPERATION, OUTPUT, INPUT, RESPONSE_ID],
  isLlm: ({ attributes }) => LLM_OPERATIONS.includes(attributes[OPERATION]),
  answer: ({ attributes, limit }) =>
    attributes[OUTPUT] === undefined
      ? undefined
      : answerOf(attributes[OUTPUT], limit, String(attributes[RESPONSE_ID]).startsWith(OF_ITEMS)),
  // Cut JSON does not parse, so the limit says nothing more.
  lastUserTurn: ({ attributes }) => lastUserTurnOf(attributes[INPUT]),
  asked: INPUT,
  responseId: (span) => text(span, RESPONSE_ID),
  textAttributes: [
    INPUT, OUTPUT, "gen_ai.system_instructions", "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
  ],
};

/** Whether the span fetches a response that was, or is being, made by an earlier call. */
export const isFetched = (attributes: Attributes): boolean => attributes[OPERATION] === FETCH;

/** Whether all choices ended without a reason, as those of a stream that was closed do. */
export function isUnfinished(attributes: Attributes): boolean {
  let reasons = attributes[REASONS];
  if (typeof reasons === "string") reasons = reasons.startsWith("[") ? decode(reasons) : [reasons];
  return Array.isArray(reasons) && reasons.length > 0 &&
    reasons.every((one) => one === "error" || one === "" || one == null);
}
