/** The last user turn as hash and sketch, and the event about what a span has no room for. */
import type { Capture, InputKeys } from "./capture.js";
import type { Values } from "./events.js";
import { EVENT_OUTPUT_DETAILS, HANDLE_KIND, INPUT_HASH, INPUT_SKETCH, OUTPUT_TIME } from "./names.js";
import type { Output } from "./output.js";
import { find } from "./sources/index.js";
import type { Attributes, Recorded, Source } from "./sources/source.js";
import { hashNormalised } from "./text/hash.js";
import { codePoints, normalise } from "./text/normalise.js";

// A conversation longer than this is not looked at.
const MAX_CHARACTERS = 2_000_000;
// A longer one is left to the worker: to decode it takes more than a moment.
const MAX_AT_ONCE = 50_000;

/** What the user had said before an answer, to be hashed. */
export interface Question {
  readonly keys: InputKeys;
  readonly sources: readonly Source[];
  /** The turn itself, when it is known. */
  readonly turn?: string;
  /** What it is looked for in: a copy, as text may be taken out of the span meanwhile. */
  readonly recorded: Recorded;
  readonly characters: number;
}

/** What the user had said, if it may leave. */
export function questionOf(
  capture: Capture, turn: string | undefined, sources: readonly Source[], recorded: Recorded,
): Question | undefined {
  const keys = capture.inputKeys;
  if (!keys) return undefined;
  const name = sources.length === 1 ? sources[0].asked : undefined;
  // The less is kept, the less it takes to keep it.
  let attributes: Attributes = {};
  if (turn === undefined) {
    attributes = name === undefined ? { ...recorded.attributes } : { [name]: recorded.attributes[name] };
  }
  const characters = turn?.length ?? lengthOf(attributes);
  if (characters > MAX_CHARACTERS) {
    capture.guard.add("input_too_long");
    return undefined;
  }
  return { keys, sources, turn, recorded: { ...recorded, attributes }, characters };
}

/** Whether to hash a question takes no more than a moment. */
export const isShort = ({ characters }: Question): boolean => characters <= MAX_AT_ONCE;

/** Hash and sketch of a question, as far as there are any. */
export function described(capture: Capture, { keys, sources, turn: given, recorded }: Question): Values {
  const turn = given ?? find("lastUserTurn", sources, recorded);
  if (!turn) return {};
  const sketch = keys.sketcher.sketch(turn);
  if (sketch === null) return {};
  const found: Values = { [INPUT_SKETCH]: sketch };
  const normalised = normalise(turn);
  if (codePoints(normalised) >= capture.settings.hashMinLength) {
    found[INPUT_HASH] = hashNormalised(normalised, keys.hash);
  }
  return found;
}

/** Has the worker send what the span had no room for, and a question that takes long. */
export function sendDetails(
  capture: Capture, output: Output, own: Values | undefined, question: Question | undefined,
): void {
  if (!own && !question) return;
  const before = output.delivered;
  output.waits = capture.worker.submit(question?.characters ?? 0, () => {
    output.waits = false;
    const attributes: Values = { ...own };
    if (question) Object.assign(attributes, described(capture, question));
    // One event for both, where a handle has left since the span ended.
    if (output.delivered && !before) attributes[HANDLE_KIND] = "output";
    // The time alone says nothing that the span does not say.
    if (!Object.keys(attributes).length) return;
    attributes[OUTPUT_TIME] = output.time;
    const { traceId, spanId } = output;
    capture.events.emit({ name: EVENT_OUTPUT_DETAILS, traceId, spanId, attributes });
  });
}

function lengthOf(attributes: Attributes): number {
  let length = 0;
  for (const value of Object.values(attributes)) if (typeof value === "string") length += value.length;
  return length;
}
