/** What is known of a span, kept on the span itself.
 *
 * A weak map of all spans is what the garbage collector goes through each time, and costs more than
 * all else that starts a span. The property is not listed, so that a span looks as it did.
 */
import type { SpanState } from "./request.js";

// One for all copies of this package in a process.
const STATE = Symbol.for("otel-ai-feedback.span.0");
const elsewhere = new WeakMap<object, SpanState>();

/** What is known of a span, if capture saw it start or one beneath it. */
export const stateOf = (span: object): SpanState | undefined =>
  (span as { [STATE]?: SpanState })[STATE] ?? (Object.isExtensible(span) ? undefined : elsewhere.get(span));

export function keepState(span: object, state: SpanState): void {
  // A span that stands for a parent may be frozen.
  if (Object.isExtensible(span)) Object.defineProperty(span, STATE, { value: state });
  else elsewhere.set(span, state);
}
