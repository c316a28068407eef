/** OpenTelemetry GenAI conventions: the AI SDK, OpenTelemetry's and OpenLLMetry's instrumentations. */
import { RESPONSE_ID } from "../names.js";
import { answerOf, lastUserTurnOf } from "./messages.js";
import { type Source, text } from "./source.js";

const OPERATION = "gen_ai.operation.name";
const OUTPUT = "gen_ai.output.messages";
const INPUT = "gen_ai.input.messages";
const LLM_OPERATIONS: readonly unknown[] = [
  "chat", "text_completion", "generate_content", "fetch_response", "realtime",
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
  responseId: (span) => text(span, RESPONSE_ID),
  textAttributes: [
    INPUT, OUTPUT, "gen_ai.system_instructions", "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result", "gen_ai.tool.definitions",
  ],
};
