/** What was found where an answer should be. */

export type Missing = "no_text" | "not_recorded" | "truncated" | "unparseable" | "unfinished";

/** The first choice of a model's answer: its text, or why there is none to hash. */
export type Answer = {
  /** Whether it calls tools, so that it is a step when another model call follows. */
  readonly calls?: boolean;
  /** Whether the text is the arguments of these calls, as there is no other: with structured output
   * they are the answer. */
  readonly structured?: boolean;
} & (
  | { readonly text: string; readonly missing?: undefined }
  | { readonly text?: undefined; readonly missing: Missing }
);

export const NO_TEXT: Answer = { missing: "no_text" };
export const CALLS_ONLY: Answer = { missing: "no_text", calls: true };
export const ABSENT: Answer = { missing: "not_recorded" };
export const TRUNCATED: Answer = { missing: "truncated" };
export const UNPARSEABLE: Answer = { missing: "unparseable" };
export const UNFINISHED: Answer = { missing: "unfinished" };

const THINK = /^\s*<(think|thinking)>[^]*?(?:<\/\1>|$)/;
const END_OF_THOUGHT = "</think>";

export const said = (text: string): Answer => ({ text });

export const isSilent = (answer: Answer): boolean =>
  answer.text !== undefined && !answer.text.trim();

/** Whether the SDK may have cut the value: one of exactly the limit's length is suspect. */
export const isCut = (value: string, limit: number | null): boolean =>
  limit !== null && value.length >= limit;

/** The answer without the thinking before it, as servers without a reasoning parser send it.
 *
 * Some prompt templates open the block themselves, so that only its end is in the answer.
 */
export function withoutThoughts(answer: Answer): Answer {
  if (answer.text === undefined) return answer;
  let { text } = answer;
  if (!text.includes(END_OF_THOUGHT) && !/^\s*<think(ing)?>/.test(text)) return answer;
  for (let found = THINK.exec(text); found; found = THINK.exec(text)) text = text.slice(found[0].length);
  const end = text.indexOf(END_OF_THOUGHT);
  if (end >= 0 && !text.slice(0, end).includes("<think>")) text = text.slice(end + END_OF_THOUGHT.length);
  return { ...answer, text };
}
