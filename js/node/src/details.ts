/** The last user turn as hash and sketch, computed by the worker and sent as an event. */
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
const NOTHING: Attributes = {};

interface Asked {
  /** The turn itself, when it is known. */
  readonly turn?: string;
  readonly sources: readonly Source[];
  readonly recorded: Recorded;
  /** Whether it says anything new. */
  readonly leaves: boolean;
}

/** Has the worker send what the span had no room for, and what the user had said. */
export function sendDetails(capture: Capture, output: Output, own: Values | undefined, asked: Asked): void {
  let keys = asked.leaves ? capture.inputKeys : undefined;
  // The less is kept for the worker, the less it takes to keep it.
  const kept = keys && asked.turn === undefined ? keptOf(asked) : NOTHING;
  let characters = 0;
  if (keys) {
    characters = asked.turn?.length ?? lengthOf(kept);
    if (characters > MAX_CHARACTERS) {
      capture.guard.add("input_too_long");
      keys = undefined;
      characters = 0;
    }
  }
  if (!keys && !own) return;
  const { sources, turn: given } = asked;
  const { limit, dropped } = asked.recorded;
  const before = output.delivered;
  output.waits = capture.worker.submit(characters, () => {
    output.waits = false;
    const attributes: Values = { ...own };
    const turn = keys && (given ?? find("lastUserTurn", sources, { attributes: kept, limit, dropped }));
    if (keys && turn) Object.assign(attributes, described(turn, keys, capture.settings.hashMinLength));
    // One event for both, where a handle has left since the span ended.
    if (output.delivered && !before) attributes[HANDLE_KIND] = "output";
    // The time alone says nothing that the span does not say.
    if (!Object.keys(attributes).length) return;
    attributes[OUTPUT_TIME] = output.time;
    const { traceId, spanId } = output;
    capture.events.emit({ name: EVENT_OUTPUT_DETAILS, traceId, spanId, attributes });
  });
}

function described(turn: string, keys: InputKeys, minLength: number): Values {
  const sketch = keys.sketcher.sketch(turn);
  if (sketch === null) return {};
  const found: Values = { [INPUT_SKETCH]: sketch };
  const normalised = normalise(turn);
  if (codePoints(normalised) >= minLength) found[INPUT_HASH] = hashNormalised(normalised, keys.hash);
  return found;
}

/** What the user's turn is looked for in: a copy, as text may be taken out of the span meanwhile. */
function keptOf({ sources, recorded: { attributes } }: Asked): Attributes {
  const name = sources.length === 1 ? sources[0].asked : undefined;
  return name === undefined ? { ...attributes } : { [name]: attributes[name] };
}

function lengthOf(attributes: Attributes): number {
  let length = 0;
  for (const value of Object.values(attributes)) if (typeof value === "string") length += value.length;
  return length;
}
