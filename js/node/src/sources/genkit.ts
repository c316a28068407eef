/** Genkit: each model is an action, whose span has its request and its response as JSON. */
import { isCut, TRUNCATED, UNPARSEABLE } from "./answer.js";
import { answerOfParts, decode, get, turnOfParts } from "./messages.js";
import { type Source, text } from "./source.js";

const SUBTYPE = "genkit:metadata:subtype";
const INPUT = "genkit:input";
const OUTPUT = "genkit:output";

export const genkit: Source = {
  name: "Genkit",
  markers: [SUBTYPE, "genkit:type"],
  isLlm: ({ attributes }) =>
    attributes[SUBTYPE] === "model" || attributes[SUBTYPE] === "background-model",
  answer(span) {
    const value = text(span, OUTPUT);
    if (value === undefined) return undefined;
    const response = decode(value);
    if (response == null) return isCut(value, span.limit) ? TRUNCATED : UNPARSEABLE;
    const candidates = get(response, "candidates");
    const choice = Array.isArray(candidates) && candidates.length ? candidates[0] : response;
    return answerOfParts(get(get(choice, "message"), "content"));
  },
  lastUserTurn(span) {
    const value = text(span, INPUT);
    const messages = value === undefined ? undefined : get(decode(value), "messages");
    if (!Array.isArray(messages)) return undefined;
    for (let at = messages.length - 1; at >= 0; at--) {
      if (get(messages[at], "role") !== "user") continue;
      const turn = turnOfParts(get(messages[at], "content"));
      if (turn) return turn;
    }
    return undefined;
  },
  model: (span) => text(span, "genkit:name"),
  sessionId: (span) => text(span, "genkit:sessionId"),
  textAttributes: [INPUT, OUTPUT, "genkit:metadata:context"],
};
