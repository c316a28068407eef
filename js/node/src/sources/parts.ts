/** The parts of a message: which of them are said to the user, whatever a convention calls them. */
import { ABSENT, type Answer, CALLS_ONLY, isCut, NO_TEXT, said, TRUNCATED } from "./answer.js";
import { isMapping, type Mapping } from "./source.js";

const TEXT = ["text", "output_text", "input_text"];
const SPOKEN = ["audio", "output_audio", "input_audio"];
const CALLS = [
  "tool_call", "tool_calls", "tool_use", "function_call", "custom_tool_call", "toolUse", "functionCall",
];
const THOUGHTS = ["reason", "think", "thought"];
// Where a part says that it is a thought, when its type does not: Bedrock, Gemini.
const MARKS = ["reasoningContent", "reasoning", "reasoning_content", "thinking"];
const ARGUMENTS = ["arguments", "input", "args"];
const CALL_HOLDERS = ["function", "function_call", "functionCall", "toolUse", "tool_call"];
const NO_ARGUMENTS = ["", "{}", "[]", "null"];
const OUTSIDE_STRINGS = /"(?:[^"\\]|\\[^])*"|\s+/g;

/** What the parts of one answer say. */
export class Parts {
  readonly texts: string[] = [];
  readonly calls: string[] = [];
  /** Whether the application is asked to call a tool. */
  called = false;
  /** Whether there is anything else, such as media. */
  others = false;
  /** Whether a text is there without its content. */
  withheld = false;

  /** Adds parts; reasoning is left out, as nobody sees it. */
  take(parts: readonly unknown[]): this {
    for (const part of parts) {
      const kind = get(part, "type");
      if (isThought(part, kind)) continue;
      const text = textOf(part, kind);
      if (text !== undefined) this.say(text);
      else if (isOf(TEXT, kind)) this.withheld = true;
      else if (isOf(CALLS, kind) || (kind == null && heldCall(part))) this.call(part);
      else this.others = true;
    }
    return this;
  }

  /** Adds a text, which may itself be a list of parts written as JSON. */
  say(text: string): void {
    const inner = partsWithin(text);
    if (inner) this.take(inner);
    else this.texts.push(text);
  }

  call(call: unknown): void {
    this.called = true;
    const found = argumentsOf(call);
    if (found !== undefined) this.calls.push(found);
  }

  /** Adds what other parts of the same answer say. */
  add(other: Parts): void {
    this.texts.push(...other.texts);
    this.calls.push(...other.calls);
    this.called ||= other.called;
    this.others ||= other.others;
    this.withheld ||= other.withheld;
  }

  get silent(): boolean {
    return !this.withheld && !this.texts.some((text) => text.trim());
  }

  /** The texts joined by newlines, or else the arguments of the calls. */
  answer(limit: number | null = null): Answer {
    if ([...this.texts, ...this.calls].some((one) => isCut(one, limit))) return TRUNCATED;
    if (this.withheld) return ABSENT;
    const text = this.texts.join("\n");
    if (text.trim()) return { text, calls: this.called };
    if (this.calls.length) return { text: this.calls.join("\n"), calls: true, structured: true };
    if (this.called) return CALLS_ONLY;
    return this.others ? NO_TEXT : said(text);
  }
}

/** What the messages of the first choice say together.
 *
 * The items of one response are parts of one answer: a hosted tool call, a thought, the text. One
 * without text shows that they are items; otherwise a second text is another choice.
 */
export function joined(messages: readonly Parts[], items: boolean): Parts {
  const first = new Parts();
  let areItems = items;
  for (const one of messages) {
    if (one.silent) areItems = true;
    else if (!first.silent && !areItems) break;
    first.add(one);
  }
  return first;
}

export function get(holder: unknown, name: string): unknown {
  return isMapping(holder) ? holder[name] : undefined;
}

export function isThought(part: unknown, kind: unknown): boolean {
  if (typeof kind === "string") {
    if (TEXT.includes(kind)) return get(part, "thought") === true;
    if (kind === "compaction" || THOUGHTS.some((name) => kind.toLowerCase().includes(name))) return true;
  }
  return get(part, "thought") === true || MARKS.some((name) => get(part, name) != null);
}

/** Text of a part; those of Amazon Bedrock have no type, and some are bare strings. */
export function textOf(part: unknown, kind: unknown): string | undefined {
  if (typeof part === "string") return part;
  if (isOf(SPOKEN, kind)) return string(get(part, "transcript"));
  if (kind != null && !isOf(TEXT, kind)) return undefined;
  return string((kind == null ? undefined : get(part, "content")) ?? get(part, "text"));
}

/** A JSON value without whitespace outside strings, otherwise as it was written. */
export function compact(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? "";
  const written = value.trim();
  if (!/^[{[]/.test(written)) return written;
  return written.replace(OUTSIDE_STRINGS, (found) => (found.startsWith('"') ? found : ""));
}

function argumentsOf(given: unknown): string | undefined {
  const call = heldCall(given) ?? given;
  for (const name of ARGUMENTS) {
    const found = get(call, name);
    if (found != null) {
      const written = compact(found);
      return NO_ARGUMENTS.includes(written) ? undefined : written;
    }
  }
  return undefined;
}

/** The parts of which a text is the JSON, if it is one. */
function partsWithin(text: string): unknown[] | undefined {
  if (!text.startsWith("[{") || !text.includes('"type"')) return undefined;
  try {
    const parts = JSON.parse(text) as unknown[];
    return parts.every(isPart) ? parts : undefined;
  } catch {
    return undefined;
  }
}

function isPart(part: unknown): boolean {
  const kind = get(part, "type");
  if (isOf(TEXT, kind)) return textOf(part, kind) !== undefined;
  return isOf(CALLS, kind) || isThought(part, kind);
}

function heldCall(part: unknown): Mapping | undefined {
  for (const name of CALL_HOLDERS) {
    const held = get(part, name);
    if (isMapping(held)) return held;
  }
  return undefined;
}

const isOf = (names: readonly string[], kind: unknown): boolean =>
  typeof kind === "string" && names.includes(kind);

const string = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
