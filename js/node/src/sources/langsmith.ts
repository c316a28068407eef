/** LangSmith's OpenTelemetry export of what LangChain.js does. */
import { isCut, said, TRUNCATED } from "./answer.js";
import { answerOfResponse, lastUserTurnOfRequest } from "./chat.js";
import { decode } from "./messages.js";
import { type Source, text } from "./source.js";

const KIND = "langsmith.span.kind";
const OUTPUT = "gen_ai.completion";
const INPUT = "gen_ai.prompt";
// Any of these in a run's metadata makes it part of a thread.
const SESSIONS = ["session_id", "thread_id", "conversation_id"].map(
  (name) => `langsmith.metadata.${name}`,
);

export const langSmith: Source = {
  name: "LangSmith",
  markers: [KIND],
  isLlm: ({ attributes }) => attributes[KIND] === "llm",
  answer(span) {
    const value = text(span, OUTPUT);
    if (value === undefined) return undefined;
    const response = decode(value);
    if (response == null) return isCut(value, span.limit) ? TRUNCATED : said(value);
    return answerOfResponse(response);
  },
  lastUserTurn(span) {
    const value = text(span, INPUT);
    return value === undefined ? undefined : lastUserTurnOfRequest(decode(value));
  },
  sessionId: (span) => SESSIONS.map((name) => text(span, name)).find((id) => id !== undefined),
  textAttributes: [INPUT, OUTPUT],
};
