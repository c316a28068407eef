/** Spans that have ended and that no exporter has read yet: they can still say that a handle has left. */
import { HANDLE_KIND, OUTPUT_TIME } from "./names.js";
import type { Output } from "./output.js";

// A span that is dropped on its way to the exporter is never read, and must not be kept.
export const MAX_UNREAD = 256;

// The output on its attributes, for the one function that all of them have in the place of a value.
const OUTPUT = Symbol("otel-ai-feedback output");

interface Watched extends Record<string, unknown> {
  [OUTPUT]: Output;
}

const TIME: PropertyDescriptor & ThisType<Watched> = {
  enumerable: true,
  configurable: true,
  get() {
    const output = this[OUTPUT];
    output.unread = undefined;
    return output.time;
  },
};

export class Unread {
  readonly #outputs: Output[] = [];
  #at = 0;

  /** Sets the time on a span that is about to end, and sees when its attributes are read. */
  watch(output: Output, attributes: Record<string, unknown>): void {
    output.unread = attributes;
    Object.defineProperty(attributes, OUTPUT, { value: output });
    Object.defineProperty(attributes, OUTPUT_TIME, TIME);
    const oldest = this.#outputs[this.#at];
    if (oldest) oldest.unread = undefined;
    this.#outputs[this.#at] = output;
    this.#at = (this.#at + 1) % MAX_UNREAD;
  }
}

/** Says on the span of an output that a handle for it has left; whether that is still possible. */
export function sayOnSpan(output: Output): boolean {
  if (!output.unread) return false;
  output.unread[HANDLE_KIND] = "output";
  return true;
}
