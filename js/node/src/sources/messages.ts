/** Messages in the shape of the GenAI conventions: `[{"role", "parts": [{"type", ...}]}]`. */
import { ABSENT, type Answer, isCut, isSilent, NO_TEXT, said, TRUNCATED, UNPARSEABLE } from "./answer.js";
import { isMapping, type Mapping } from "./source.js";

const TEXT = ["text", "output_text", "input_text"];
const UNSEEN = ["reasoning", "thinking", "redacted_thinking", "compaction"];
const CALLS = ["tool_call", "tool_calls", "tool_use", "function_call", "tool-calls"];

/** The JSON document, or undefined when it does not parse. */
export function decode(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** The first choice's answer in an output-messages value. */
export function answerOf(value: unknown, limit: number | null): Answer {
  if (typeof value !== "string") return firstChoice(value, limit);
  const messages = decode(value);
  if (messages === undefined || messages === null) return isCut(value, limit) ? TRUNCATED : UNPARSEABLE;
  // What parses was not cut.
  return firstChoice(messages);
}

/** The answer in already decoded output messages, whose texts the SDK may have cut. */
export function firstChoice(messages: unknown, limit: number | null = null): Answer {
  if (!Array.isArray(messages)) return UNPARSEABLE;
  if (!messages.length) return said("");
  const [first, ...rest] = messages;
  let answer = answerOfParts(get(first, "parts"), limit);
  if (get(first, "finish_reason") === "" && answer.text !== undefined) {
    // Not the end of a choice but a piece of a stream, of which the rest comes behind.
    for (const message of rest) {
      const piece = answerOfParts(get(message, "parts"), limit);
      if (piece.text === undefined) return piece.missing === "no_text" ? answer : piece;
      answer = answer.text ? said(answer.text + piece.text) : piece;
      if (get(message, "finish_reason") !== "") break;
    }
  }
  // Some leave out tool calls; what remains is the reason why the model stopped.
  const reason = get(first, "finish_reason");
  return isSilent(answer) && CALLS.includes(reason as string) ? NO_TEXT : answer;
}

/** The text parts joined by newlines; reasoning is left out, as nobody sees it. */
export function answerOfParts(parts: unknown, limit: number | null = null): Answer {
  if (!Array.isArray(parts)) return UNPARSEABLE;
  const texts: string[] = [];
  let others = false;
  let withheld = false;
  for (const part of parts) {
    const kind = get(part, "type");
    if (isThought(part, kind)) continue;
    const text = textOf(part, kind);
    if (text !== undefined) texts.push(text);
    else if (TEXT.includes(kind as string)) withheld = true;
    else others = true;
  }
  if (texts.some((text) => isCut(text, limit))) return TRUNCATED;
  if (withheld) return ABSENT;
  const answer = texts.join("\n");
  return others && !answer.trim() ? NO_TEXT : said(answer);
}

/** Text of the last message with the role `user`, if there is one with text. */
export function lastUserTurnOf(value: unknown): string | undefined {
  const messages = typeof value === "string" ? decode(value) : value;
  if (!Array.isArray(messages)) return undefined;
  for (let at = messages.length - 1; at >= 0; at--) {
    const message: unknown = messages[at];
    if (get(message, "role") === "user") {
      const { text } = answerOfParts(get(message, "parts"));
      // A user message without text (a tool result, an image) is no turn of its own.
      if (text) return text;
    }
  }
  return undefined;
}

export function get(holder: unknown, name: string): unknown {
  return isMapping(holder) ? holder[name] : undefined;
}

/** Whether nobody sees the part: by its type, or as Bedrock, Haystack and Gemini say it. */
function isThought(part: unknown, kind: unknown): boolean {
  if (UNSEEN.includes(kind as string)) return true;
  if (!isMapping(part)) return false;
  return part.thought === true || part.reasoningContent != null || part.reasoning != null;
}

/** Text of a part; those of Amazon Bedrock have no type, and some are bare strings. */
function textOf(part: unknown, kind: unknown): string | undefined {
  if (typeof part === "string") return part;
  if (kind != null && !TEXT.includes(kind as string)) return undefined;
  const holder = isMapping(part) ? part : ({} as Mapping);
  const content = kind != null ? (holder.content ?? holder.text) : holder.text;
  return typeof content === "string" ? content : undefined;
}
