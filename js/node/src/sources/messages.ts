/** Messages in the shape of the GenAI conventions: `[{"role", "parts": [{"type", ...}]}]`. */
import {
  type Answer, CALLS_ONLY, isCut, isSilent, TRUNCATED, UNFINISHED, UNPARSEABLE,
} from "./answer.js";
import { get, joined, Parts } from "./parts.js";

const CALLS = ["tool_call", "tool_calls", "tool_use", "function_call"];
const NO_END: readonly unknown[] = ["error", "", null];

/** The JSON document, or undefined when it does not parse. */
export function decode(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** The first choice's answer in an output-messages value.
 *
 * @param items Whether each message is an item of one response, and not a choice.
 */
export function answerOf(value: unknown, limit: number | null, items = false): Answer {
  if (typeof value !== "string") return firstChoice(value, limit, items);
  const messages = decode(value);
  if (messages === undefined || messages === null) return isCut(value, limit) ? TRUNCATED : UNPARSEABLE;
  // What parses was not cut.
  return firstChoice(messages, null, items);
}

/** The answer in already decoded output messages, whose texts the SDK may have cut. */
export function firstChoice(messages: unknown, limit: number | null = null, items = false): Answer {
  if (!Array.isArray(messages)) return UNPARSEABLE;
  // An answer that is empty has a choice. This is a stream of which nothing was read.
  if (!messages.length) return UNFINISHED;
  const found: Parts[] = [];
  for (const message of messages) {
    const parts = get(message, "parts");
    if (!Array.isArray(parts)) break;
    found.push(new Parts().take(parts));
  }
  if (!found.length) return UNPARSEABLE;
  const reason = get(messages[0], "finish_reason");
  if (reason === "" && found[0].texts.length) return pieces(messages, found, limit);
  const answer = joined(found, items).answer(limit);
  // Some leave out tool calls; what remains is the reason why the model stopped.
  if (!isSilent(answer)) return answer;
  if (CALLS.includes(reason as string)) return CALLS_ONLY;
  // A message without a reason says nothing; one whose reason is null is of a stream that was closed.
  return NO_END.includes(reason) ? UNFINISHED : answer;
}

/** The answer of which each message is a piece, as a stream brought it. */
function pieces(messages: readonly unknown[], found: readonly Parts[], limit: number | null): Answer {
  let text = "";
  let calls = false;
  let ended = false;
  for (const [at, one] of found.entries()) {
    const piece = one.answer(limit);
    calls ||= piece.calls === true;
    if (one.texts.length || piece.text === undefined) {
      if (piece.text === undefined && piece.missing !== "no_text") return piece;
      text += piece.text ?? "";
    }
    ended = get(messages[at], "finish_reason") !== "";
    if (ended) break;
  }
  if (!ended && !calls && !text.trim()) return UNFINISHED;
  return { text, calls };
}

/** The answer in the parts of one message. */
export function answerOfParts(parts: unknown, limit: number | null = null): Answer {
  return Array.isArray(parts) ? new Parts().take(parts).answer(limit) : UNPARSEABLE;
}

/** What a message of the user says; one of a tool's results or an image is no turn. */
export function turnOfParts(parts: unknown): string | undefined {
  const found = new Parts().take(Array.isArray(parts) ? parts : []);
  return found.withheld ? undefined : found.texts.join("\n") || undefined;
}

/** Text of the last message with the role `user`, if there is one with text. */
export function lastUserTurnOf(value: unknown): string | undefined {
  const messages = typeof value === "string" ? decode(value) : value;
  if (!Array.isArray(messages)) return undefined;
  for (let at = messages.length - 1; at >= 0; at--) {
    if (get(messages[at], "role") !== "user") continue;
    const turn = turnOfParts(get(messages[at], "parts"));
    if (turn) return turn;
  }
  return undefined;
}

export { get };
