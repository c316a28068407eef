/** By what an output is known: ids, model and prompt, whatever a convention calls them. */
import type { Values } from "./events.js";
import * as names from "./names.js";
import type { Output } from "./output.js";
import { find } from "./sources/index.js";
import type { Attributes, Recorded, Source } from "./sources/source.js";
import { scrub } from "./text/normalise.js";

// Longer ones are not remembered: what is remembered must not grow with what others send.
export const MAX_ID = 512;
const MODELS: readonly string[] = [names.RESPONSE_MODEL, names.REQUEST_MODEL, "llm.model_name"];
const PROMPT_NAME = "gen_ai.prompt.name";
const PROMPT_VERSION = "gen_ai.prompt.version";

/** Ids and model, with the store's own names for what a convention calls otherwise. */
export function identify(
  output: Output, sources: readonly Source[], recorded: Recorded, own: Values,
): void {
  const { attributes } = recorded;
  output.responseId = idOf(find("responseId", sources, recorded));
  if (output.responseId !== undefined && !(names.RESPONSE_ID in attributes)) {
    own[names.RESPONSE_ID] = output.responseId;
  }
  output.conversationId = idOf(attributes[names.CONVERSATION_ID]);
  output.sessionId = idOf(attributes[names.SESSION_ID]);
  if (output.sessionId === undefined) {
    output.sessionId = idOf(find("sessionId", sources, recorded));
    if (output.sessionId !== undefined) own[names.SESSION_ID] = output.sessionId;
  }
  if (!MODELS.some((name) => name in attributes)) {
    const model = idOf(find("model", sources, recorded));
    if (model !== undefined) own[names.REQUEST_MODEL] = model;
  }
}

/** Name and version of the prompt template, where the instrumentation knows them. */
export function promptOf(attributes: Attributes): string | undefined {
  const given = attributes[PROMPT_VERSION];
  const version = given === undefined || given === null ? undefined : idOf(String(given as string | number));
  const name = idOf(attributes[PROMPT_NAME]);
  return version === undefined || name === undefined ? version : `${name}@${version}`;
}

/** An id that can be remembered and exported. */
export const idOf = (value: unknown): string | undefined =>
  typeof value === "string" && value.length > 0 && value.length <= MAX_ID ? scrub(value) : undefined;
