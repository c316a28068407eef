/** Which output of a request is its answer, among titles, summaries, plans and steps. */
import type { Output } from "./output.js";

/** The answer of a request, if it can be told. */
export interface Choice {
  readonly output?: Output;
  /** Whether it cannot, because several may be the answer. */
  readonly ambiguous?: boolean;
}

export const NONE: Choice = {};
const AMBIGUOUS: Choice = { ambiguous: true };

/** The answer among the outputs that one request made, in the order in which they ended.
 *
 * What was marked comes first, then what was streamed to the client while it was being made. A call
 * of tools that another model call followed is a step on the way. Several that remain are not told
 * apart.
 */
export function choose(made: readonly Output[]): Choice {
  const said = distinct(made.filter((one) => one.hasText));
  if (!said.length) return made.length ? { output: made[made.length - 1] } : NONE;
  const last = said[said.length - 1];
  const marked = said.filter((one) => one.marked);
  if (marked.length) return { output: marked[marked.length - 1] };
  const answers = said.filter((one) => !one.calls || one === last);
  const streamed = answers.filter((one) => one.streamed);
  const remaining = streamed.length ? streamed : answers;
  return remaining.length === 1 ? { output: remaining[0] } : AMBIGUOUS;
}

/** Without the spans inside others that say the same, as two instrumentations at once make. */
function distinct(outputs: readonly Output[]): Output[] {
  let kept: Output[] = [];
  for (const one of outputs) {
    kept = kept.filter((other) => !isSame(one, other));
    kept.push(one);
  }
  return kept;
}

function isSame(one: Output, other: Output): boolean {
  if (one.hash !== undefined && other.hash !== undefined) return one.hash === other.hash;
  return one.responseId !== undefined && one.responseId === other.responseId;
}
