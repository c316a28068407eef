/** OpenLLMetry before it adopted `gen_ai.output.messages`: indexed prompts and completions. */
import { isCut, TRUNCATED } from "./answer.js";
import { decode, turnOfParts } from "./messages.js";
import { Parts } from "./parts.js";
import { type Source, text } from "./source.js";

const REQUEST = "llm.request.type";
const COMPLETION = "gen_ai.completion.";
const PROMPT = "gen_ai.prompt.";
const SESSION = "traceloop.association.properties.session_id";
const LLM_REQUESTS: readonly unknown[] = ["chat", "completion"];

export const openLlmetry: Source = {
  name: "OpenLLMetry",
  markers: [REQUEST, `${COMPLETION}0.role`, `${COMPLETION}0.content`, `${PROMPT}0.role`, SESSION],
  // Newer releases no longer set the request type, but the GenAI operation.
  isLlm: ({ attributes }) => LLM_REQUESTS.includes(attributes[REQUEST]),
  answer(span) {
    const { attributes } = span;
    let index = 0;
    // A thought is recorded as if it was a choice.
    while (attributes[`${COMPLETION}${index}.role`] === "thinking") index++;
    const choice = `${COMPLETION}${index}.`;
    const answer = attributes[`${choice}content`];
    if (typeof answer === "string" && answer && isCut(answer, span.limit)) return TRUNCATED;
    const found = new Parts();
    if (typeof answer === "string" && answer) found.say(answer);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith(`${choice}tool_calls.`) || key.startsWith(`${choice}function_call`)) {
        found.called = true;
        if (key.endsWith(".arguments")) found.call({ arguments: value });
      }
    }
    const recorded = answer != null || found.called || `${choice}role` in attributes;
    return recorded ? found.answer() : undefined;
  },
  lastUserTurn(span) {
    const { attributes } = span;
    let last: string | undefined;
    for (let index = 0; ; index++) {
      const role = attributes[`${PROMPT}${index}.role`];
      if (role === undefined) break;
      const content = attributes[`${PROMPT}${index}.content`];
      if (role === "user" && typeof content === "string" && content) last = content;
    }
    if (last === undefined || isCut(last, span.limit)) return undefined;
    // A message of several parts is recorded as JSON; one without text is no turn.
    const parts = last.startsWith('[{"type":') ? decode(last) : undefined;
    return parts === undefined ? last : turnOfParts(parts);
  },
  sessionId: (span) => text(span, SESSION),
  textAttributes: [COMPLETION, PROMPT, "traceloop.entity.input", "traceloop.entity.output"],
};
