/** Which text may leave, for people to read in review, and taking out what may not. */
import { type Attributes as Kept, SpanKind } from "@opentelemetry/api";

import { hmac } from "./digest/hmac.js";
import { isOfModel, SOURCES } from "./sources/index.js";

const NAMES: ReadonlySet<string> = new Set([
  ...SOURCES.flatMap(({ textAttributes }) => textAttributes.filter((name) => !name.endsWith("."))),
  // The older names of whole prompts and completions, and a judge's reasons, which quote them.
  "gen_ai.prompt", "gen_ai.completion", "gen_ai.evaluation.explanation",
  // What was looked for and found, and what tools and agents are told to be.
  "gen_ai.retrieval.query.text", "gen_ai.retrieval.documents", "gen_ai.memory.query.text",
  "gen_ai.memory.records", "gen_ai.tool.definitions", "gen_ai.tool.description",
  "gen_ai.agent.description",
]);
const PREFIXES = [
  ...SOURCES.flatMap(({ textAttributes }) => textAttributes.filter((name) => name.endsWith("."))),
  "spring.ai.tool.call.", "llm.tools.",
];
// Addresses, of which the query may quote what is looked for; the rest of them stays.
const ADDRESSES: readonly string[] = ["url.full", "http.url", "http.target", "url.query"];
const NOT_TEXT: readonly string[] = ["gen_ai.prompt.name", "gen_ai.prompt.version"];
// What a provider says went wrong quotes what it was given. The error's type stays.
const OF_ERRORS: readonly string[] = ["exception.message", "exception.stacktrace", "error.message"];
const MESSAGES: readonly string[] = ["gen_ai.choice", "gen_ai.content.prompt", "gen_ai.content.completion"];
const OF_MESSAGES: readonly string[] = [
  "event.name", "finish_reason", "gen_ai.provider.name", "gen_ai.system", "id", "index", "role",
];

/** What a span of the SDK has that may carry text. */
export interface Removable {
  readonly attributes: Record<string, unknown>;
  readonly events: { name: string; attributes?: Kept }[];
  readonly kind?: SpanKind;
  status: { code: number; message?: string };
}

/** All that is recorded, that of a random sample of outputs, or none.
 *
 * The sample is a keyed hash of the output's ids: uniform, blind to what was said, and every process
 * agrees on it.
 */
export class ReviewText {
  readonly rate: number;
  readonly removes: boolean;

  constructor(
    mode: "as-is" | "sample" | "off",
    rate: number,
    private readonly key: Uint8Array,
  ) {
    this.rate = mode === "sample" ? rate : 0;
    this.removes = mode !== "as-is";
  }

  /** Whether an output keeps its text. */
  keeps(traceId: string, spanId: string): boolean {
    if (!this.rate) return false;
    const ids = Uint8Array.from((traceId + spanId).match(/../g) ?? [], (pair) => parseInt(pair, 16));
    const sampled = hmac(this.key, ids);
    const view = new DataView(sampled.buffer, sampled.byteOffset);
    return (view.getUint32(0) * 2 ** 32 + view.getUint32(4)) / 2 ** 64 < this.rate;
  }
}

export const isText = (name: string): boolean =>
  NAMES.has(name) || (PREFIXES.some((prefix) => name.startsWith(prefix)) && !NOT_TEXT.includes(name));

/** Takes the text out of a span that is about to end.
 *
 * @param quotes Whether its errors may quote what a model was given.
 */
export function removeText(span: Removable, quotes: boolean): void {
  const texts = Object.keys(span.attributes).filter(isText);
  const ofModel = quotes || texts.length > 0 || isOfModel(span.attributes);
  if (ofModel) {
    texts.push(...OF_ERRORS);
    if (span.status.message !== undefined) span.status = { code: span.status.code };
  }
  for (const name of texts) delete span.attributes[name];
  if (ofModel || span.kind === SpanKind.CLIENT) shortenAddresses(span.attributes);
  span.events.forEach((event, at) => {
    const { attributes } = event;
    const wrong = Object.keys(attributes ?? {}).filter((name) =>
      MESSAGES.includes(event.name)
        ? !OF_MESSAGES.includes(name)
        : isText(name) || (ofModel && OF_ERRORS.includes(name)),
    );
    if (!wrong.length) return;
    const kept = { ...attributes };
    for (const name of wrong) delete kept[name];
    span.events[at] = { ...event, attributes: kept };
  });
}

/** Leaves addresses without their query: a search asks by it, as do models' own files. */
function shortenAddresses(attributes: Record<string, unknown>): void {
  for (const name of ADDRESSES) {
    const address = attributes[name];
    if (typeof address === "string") attributes[name] = name === "url.query" ? "" : address.split("?")[0];
  }
}
