/** OpenInference: flattened messages, and the whole response as JSON in `output.value`. */
import { ABSENT, type Answer, isCut, NO_TEXT, said, TRUNCATED, UNPARSEABLE } from "./answer.js";
import { answerOfResponse } from "./chat.js";
import { decode } from "./messages.js";
import { type Attributes, type Source, text } from "./source.js";

const KIND = "openinference.span.kind";
const OUTPUTS = "llm.output_messages.";
const INPUTS = "llm.input_messages.";
const VALUE = "output.value";
const MIME = "output.mime_type";
// No attribute carries the response's id. It opens the response, or follows a stream's choices;
// inside of texts the quotes are escaped.
const ID_FIRST = /^\{\s*"id"\s*:\s*"([^"\\]{1,256})"/;
const ID_LATE = /"id"\s*:\s*"([^"\\]{1,256})"\s*,\s*"created"/;
const MODEL = /"model"\s*:\s*"([^"\\]{1,256})"/;
// What its trace configuration puts in place of hidden text.
const REDACTED = "__REDACTED__";
const ROLE = /^llm\.input_messages\.(\d{1,9})\.message\.role$/;

export const openInference: Source = {
  name: "OpenInference",
  markers: [KIND],
  // The kind is set only when the span ends.
  isLlm: ({ attributes }) => attributes[KIND] === "LLM",
  answer(span) {
    const { attributes, limit } = span;
    const output = outputOf(attributes);
    const texts = textsOf(attributes, output);
    if (texts.some(Boolean)) {
      if (texts.includes(REDACTED)) return ABSENT;
      return texts.some((one) => isCut(one, limit)) ? TRUNCATED : said(texts.join("\n"));
    }
    const keys = Object.keys(attributes);
    if (keys.some((key) => key.startsWith(output) && isOther(key.slice(output.length)))) return NO_TEXT;
    const value = text(span, VALUE);
    if (value !== undefined) return answerOfValue(value, attributes[MIME], limit);
    return `${output}role` in attributes ? said("") : undefined;
  },
  lastUserTurn({ attributes, limit }) {
    const turns = Object.keys(attributes).flatMap((key) => {
      const found = attributes[key] === "user" ? ROLE.exec(key) : null;
      return found ? [Number(found[1])] : [];
    });
    for (const turn of turns.sort((a, b) => b - a)) {
      const texts = textsOf(attributes, `${INPUTS}${turn}.message.`);
      if (texts.some(Boolean)) {
        const whole = !texts.some((one) => isCut(one, limit) || one === REDACTED);
        return whole ? texts.join("\n") : undefined;
      }
    }
    return undefined;
  },
  responseId(span) {
    const value = text(span, VALUE);
    if (value === undefined || span.attributes[MIME] !== "application/json") return undefined;
    return (ID_FIRST.exec(value) ?? ID_LATE.exec(value))?.[1];
  },
  // The name proper comes with the response, so a call that failed has none.
  model: (span) => MODEL.exec(text(span, "llm.invocation_parameters") ?? "")?.[1],
  textAttributes: [
    "input.value", VALUE, INPUTS, OUTPUTS, "llm.prompts.", "llm.choices.",
    "llm.prompt_template.variables", "retrieval.documents.", "tool.parameters",
  ],
};

/** Prefix of the first output message that is not a thought: some record these on their own. */
function outputOf(attributes: Attributes): string {
  for (let index = 0; ; index++) {
    const prefix = `${OUTPUTS}${index}.message.`;
    if (attributes[`${prefix}contents.0.message_content.type`] !== "reasoning") return prefix;
    const more = `${OUTPUTS}${index + 1}.message.role` in attributes;
    if (!more || textsOf(attributes, prefix).some(Boolean)) return prefix;
  }
}

function textsOf(attributes: Attributes, prefix: string): string[] {
  const content = attributes[`${prefix}content`];
  if (typeof content === "string") return [content];
  const texts: string[] = [];
  for (let index = 0; ; index++) {
    const part = `${prefix}contents.${index}.message_content.`;
    const value = attributes[`${part}text`];
    const kind = attributes[`${part}type`];
    if (typeof value === "string" && (kind ?? "text") === "text") texts.push(value);
    else if (kind === undefined) return texts;
  }
}

/** Whether a key beneath a message belongs to a tool call or to media. */
function isOther(rest: string): boolean {
  if (rest.startsWith("tool_calls.") || rest.startsWith("function_call")) return true;
  return rest.startsWith("contents.") && !/\.message_content\.(type|text|signature)$/.test(rest);
}

function answerOfValue(value: string, mime: unknown, limit: number | null): Answer {
  if (value === REDACTED) return ABSENT;
  if (mime !== "application/json") return isCut(value, limit) ? TRUNCATED : said(value);
  const response = decode(value);
  if (response == null) return isCut(value, limit) ? TRUNCATED : UNPARSEABLE;
  return answerOfResponse(response);
}
