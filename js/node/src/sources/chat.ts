/** Messages, requests and responses as the models' own APIs and frameworks have them, decoded:
 * OpenAI's, Anthropic's and Gemini's, and what LangChain makes of them. */
import { ABSENT, type Answer, CALLS_ONLY, isSilent, NO_TEXT, said, UNPARSEABLE } from "./answer.js";
import { turnOfParts } from "./messages.js";
import { Parts } from "./parts.js";
import { isMapping, type Mapping } from "./source.js";

const USER = ["user", "human", "HumanMessage"];
const MODEL = ["assistant", "model", "ai", "AIMessage", "AIMessageChunk"];
const CALLED = ["tool_calls", "function_call"];
const ITEMS = ["message", "reasoning"];
const ASKED = ["messages", "input", "contents", "prompt", "prompts"];
const SAID = ["text", "output", "completion", "response"];

/** The answer in `{"role": "assistant", "content": ..., "tool_calls": ...}`. */
export function answerOfMessage(given: unknown): Answer {
  const message = unwrapped(given);
  if (!isMapping(message)) return UNPARSEABLE;
  const found = new Parts();
  const spoken = content(message);
  if (typeof spoken === "string") {
    found.say(spoken);
  } else if (spoken != null) {
    const parts = isMapping(spoken) ? [spoken] : spoken;
    if (!Array.isArray(parts)) return UNPARSEABLE;
    found.take(parts);
  }
  takeCalls(message, found);
  if (isMapping(message.audio) && found.silent) found.take([{ type: "audio", ...message.audio }]);
  found.others ||= !!message.refusal;
  const answer = found.answer();
  const recorded = "content" in message || "parts" in message;
  return answer.text === "" && !recorded ? ABSENT : answer;
}

/** Adds the tool calls beside what a message says. */
function takeCalls(message: Mapping, found: Parts): void {
  const { tool_calls: calls, function_call: call } = message;
  for (const one of Array.isArray(calls) ? calls : []) found.call(one);
  if (isMapping(call) && Object.keys(call).length) found.call(call);
}

/** The first choice's answer in whatever a model call returned. */
export function answerOfResponse(given: unknown): Answer {
  if (typeof given === "string") return said(given);
  if (Array.isArray(given)) return answerOfList(given);
  const response = unwrapped(given);
  if (!isMapping(response)) return UNPARSEABLE;
  if (MODEL.includes(speaker(response) as string)) return answerOfMessage(response);
  if (isItem(response)) return answerOfItems([response]);
  for (const [name, read] of Object.entries(CHOICES)) {
    const choices = response[name];
    if (Array.isArray(choices) && (choices.length || name === "output")) return read(choices);
  }
  for (const name of ["message", "content"]) {
    if (isMapping(response[name])) return answerOfMessage(response[name]);
  }
  for (const name of SAID) {
    const text = response[name];
    if (typeof text === "string") return said(text);
  }
  return UNPARSEABLE;
}

/** Text of the last message of the user, if there is one with text. */
export function lastUserTurnOfChat(given: unknown): string | undefined {
  if (!Array.isArray(given)) return undefined;
  // A batch, of which the first is answered first.
  const messages: unknown[] = Array.isArray(given[0]) ? given[0] : given;
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = unwrapped(messages[at]);
    if (isMapping(message) && USER.includes(speaker(message) as string)) {
      const spoken = content(message);
      const text = typeof spoken === "string" ? spoken : turnOfParts(spoken);
      if (text) return text;
    }
  }
  return undefined;
}

/** The last user turn in whatever a model call was given. */
export function lastUserTurnOfRequest(request: unknown): string | undefined {
  if (typeof request === "string") return request || undefined;
  if (!isMapping(request)) return lastUserTurnOfChat(request);
  for (const name of ASKED) {
    let asked = request[name];
    if (Array.isArray(asked) && typeof asked[0] === "string") asked = asked[0];
    const turn = typeof asked === "string" ? asked : lastUserTurnOfChat(asked);
    if (turn) return turn;
  }
  return undefined;
}

/** The answer in a list: the items of a response, or one message for each choice. */
function answerOfList(values: unknown[]): Answer {
  const first = values[0];
  if (isMapping(first) && isItem(first)) return answerOfItems(values);
  return typeof first === "string" || isMapping(first) ? answerOfResponse(first) : UNPARSEABLE;
}

function answerOfChoices(choices: unknown[]): Answer {
  const choice = choices[0];
  if (!isMapping(choice)) return UNPARSEABLE;
  if ("message" in choice) {
    const answer = answerOfMessage(choice.message);
    // Streams are put together without their tool calls, but for the reason why they stopped.
    return isSilent(answer) && CALLED.includes(choice.finish_reason as string) ? CALLS_ONLY : answer;
  }
  return typeof choice.text === "string" ? said(choice.text) : UNPARSEABLE;
}

/** The answer in a response's output: messages among tool calls and reasoning. */
function answerOfItems(items: unknown[]): Answer {
  const found = new Parts();
  for (const item of items) {
    if (isMapping(item) && Array.isArray(item.content)) {
      // A reasoning item has content of its own, which is not said to the user.
      if (item.type === "message") found.take(item.content);
    } else {
      found.take([item]);
    }
  }
  return found.answer();
}

/** Whether it is an item of a response: a message, a thought, or a call, hosted or not. */
const isItem = ({ type }: Mapping): boolean =>
  typeof type === "string" && (ITEMS.includes(type) || type.endsWith("_call"));

/** The answer in Gemini's response. */
function answerOfCandidates(candidates: unknown[]): Answer {
  const first = candidates[0];
  return isMapping(first) ? answerOfMessage(first.content) : UNPARSEABLE;
}

/** The answer in LangChain's result: for each prompt, its generations. */
function answerOfGenerations(prompts: unknown[]): Answer {
  const generation = Array.isArray(prompts[0]) && prompts[0].length ? prompts[0][0] : prompts[0];
  if (!isMapping(generation) || typeof generation.text !== "string") return UNPARSEABLE;
  if (generation.text.trim()) return said(generation.text);
  const message = unwrapped(generation.message);
  // Without text it consists of tool calls, or of nothing; which one, its message says.
  return isMapping(message) ? answerOfMessage(message) : NO_TEXT;
}

const CHOICES: Readonly<Record<string, (choices: unknown[]) => Answer>> = {
  choices: answerOfChoices,
  output: answerOfItems,
  candidates: answerOfCandidates,
  generations: answerOfGenerations,
};

/** The message within LangChain's serialisation of one, of either kind. */
function unwrapped(message: unknown): unknown {
  if (isMapping(message)) {
    for (const [name, beside] of [["kwargs", "lc"], ["data", "type"]]) {
      if (beside in message && isMapping(message[name])) return message[name];
    }
  }
  return message;
}

/** Who says it: its role, or LangChain's type of message. */
const speaker = (message: Mapping): unknown => message.role ?? message.type;

/** What is said; Gemini's messages have parts. */
const content = (message: Mapping): unknown => message.content ?? message.parts;

