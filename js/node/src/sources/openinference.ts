/** OpenInference: flattened messages, and the whole response as JSON in `output.value`. */
import { ABSENT, type Answer, isCut, said, TRUNCATED, UNPARSEABLE } from "./answer.js";
import { answerOfResponse } from "./chat.js";
import { decode } from "./messages.js";
import { isThought, joined, Parts } from "./parts.js";
import { type Attributes, type Recorded, type Source, text } from "./source.js";

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
// Of an answer, and a question, that is spoken.
const TRANSCRIPT = "output.audio.transcript";
const ASKED_ALOUD = "input.audio.transcript";
const OF_OUTPUT = /^llm\.output_messages\.(\d{1,6})\.message\./;
const ROLE = /^llm\.input_messages\.(\d{1,9})\.message\.role$/;

export const openInference: Source = {
  name: "OpenInference",
  markers: [KIND],
  // The kind is set only when the span ends.
  isLlm: ({ attributes }) => attributes[KIND] === "LLM",
  answer(span) {
    const { attributes, limit } = span;
    const whole = joined(messagesOf(attributes), responseIdOf(span)?.startsWith("resp_") === true);
    if (whole.texts.includes(REDACTED)) return ABSENT;
    if (!whole.silent || whole.calls.length) return whole.answer(limit);
    const transcript = text(span, TRANSCRIPT);
    if (transcript !== undefined) return isCut(transcript, limit) ? TRUNCATED : said(transcript);
    if (whole.called || whole.others) return whole.answer();
    const value = text(span, VALUE);
    if (value !== undefined) return answerOfValue(value, attributes[MIME], limit);
    return `${OUTPUTS}0.message.role` in attributes ? said("") : undefined;
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
    const spoken = attributes[ASKED_ALOUD];
    return typeof spoken === "string" && !isCut(spoken, limit) ? spoken : undefined;
  },
  responseId: responseIdOf,
  // The name proper comes with the response, so a call that failed has none.
  model: (span) => MODEL.exec(text(span, "llm.invocation_parameters") ?? "")?.[1],
  textAttributes: [
    "input.value", VALUE, INPUTS, OUTPUTS, "llm.prompts.", "llm.choices.",
    TRANSCRIPT, ASKED_ALOUD, "llm.prompt_template.variables", "retrieval.documents.", "tool.parameters",
  ],
};

function responseIdOf(span: Recorded): string | undefined {
  const value = text(span, VALUE);
  if (value === undefined || span.attributes[MIME] !== "application/json") return undefined;
  return (ID_FIRST.exec(value) ?? ID_LATE.exec(value))?.[1];
}

/** What each output message says, in order. */
function messagesOf(attributes: Attributes): Parts[] {
  const found = new Map<number, Parts>();
  for (const [key, value] of Object.entries(attributes)) {
    const match = OF_OUTPUT.exec(key);
    if (!match) continue;
    const index = Number(match[1]);
    let one = found.get(index);
    if (!one) {
      found.set(index, (one = new Parts()));
      for (const each of textsOf(attributes, `${OUTPUTS}${index}.message.`)) one.say(each);
    }
    const rest = key.slice(match[0].length);
    if (rest.startsWith("tool_calls.") || rest.startsWith("function_call")) {
      one.called = true;
      if (rest.endsWith("function.arguments") || rest.endsWith("function_call_arguments_json")) {
        one.call({ arguments: value });
      }
    } else if (isMedia(rest, value)) {
      one.others = true;
    }
  }
  return [...found.entries()].sort(([a], [b]) => a - b).map(([, one]) => one);
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

/** Whether a key beneath a message says that a part of it is neither text nor thought. */
const isMedia = (rest: string, value: unknown): boolean =>
  rest.startsWith("contents.") && rest.endsWith("message_content.type") &&
  value !== "text" && !isThought({}, value);

function answerOfValue(value: string, mime: unknown, limit: number | null): Answer {
  if (value === REDACTED) return ABSENT;
  if (mime !== "application/json") return isCut(value, limit) ? TRUNCATED : said(value);
  const response = decode(value);
  if (response == null) return isCut(value, limit) ? TRUNCATED : UNPARSEABLE;
  return answerOfResponse(response);
}
