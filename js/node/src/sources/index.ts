/** Where each convention keeps the output text, the last user turn and what marks an LLM span.
 *
 * A convention is a module with one `Source`; adding one is adding it to `SOURCES`.
 */
import { ABSENT, type Answer, isSilent, TRUNCATED, withoutThoughts } from "./answer.js";
import { genAi } from "./gen-ai.js";
import { genkit } from "./genkit.js";
import { langSmith } from "./langsmith.js";
import { openInference } from "./openinference.js";
import { openLlmetry } from "./openllmetry.js";
import type { Recorded, Source } from "./source.js";
import { vercel } from "./vercel.js";

// In the order in which they are asked: where several recorded an answer, the first is taken.
export const SOURCES: readonly Source[] = [
  genAi, openInference, openLlmetry, vercel, langSmith, genkit,
];

/** The conventions that may have recorded something, or none when this is no LLM span. */
export function recognise(span: Recorded): readonly Source[] {
  const found = SOURCES.filter((source) => source.markers.some((name) => name in span.attributes));
  return found.some((source) => source.isLlm(span)) ? found : [];
}

/** Whether a span is one of a model, a tool or an agent, whose errors may quote what was said. */
export function isOfModel(attributes: Readonly<Record<string, unknown>>): boolean {
  return SOURCES.some((source) => source.markers.some((name) => name in attributes));
}

export function findAnswer(sources: readonly Source[], span: Recorded): Answer {
  for (const source of sources) {
    const answer = source.answer?.(span);
    // Where the SDK dropped attributes, the text may have been among them.
    if (answer) return span.dropped && isSilent(answer) ? TRUNCATED : withoutThoughts(answer);
  }
  return span.dropped ? TRUNCATED : ABSENT;
}

/** What the first convention that recorded it says. */
export function find(
  what: "lastUserTurn" | "responseId" | "model" | "sessionId",
  sources: readonly Source[],
  span: Recorded,
): string | undefined {
  for (const source of sources) {
    const found = source[what]?.(span);
    if (found !== undefined) return found;
  }
  return undefined;
}
