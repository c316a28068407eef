/** What was found where an answer should be. */

export type Missing = "no_text" | "not_recorded" | "truncated" | "unparseable";

/** The first choice of a model's answer: its text, or why there is none to hash. */
export type Answer =
  | { readonly text: string; readonly missing?: undefined }
  | { readonly text?: undefined; readonly missing: Missing };

export const NO_TEXT: Answer = { missing: "no_text" };
export const ABSENT: Answer = { missing: "not_recorded" };
export const TRUNCATED: Answer = { missing: "truncated" };
export const UNPARSEABLE: Answer = { missing: "unparseable" };

export const said = (text: string): Answer => ({ text });

export const isSilent = (answer: Answer): boolean =>
  answer.text !== undefined && !answer.text.trim();

/** Whether the SDK may have cut the value: one of exactly the limit's length is suspect. */
export const isCut = (value: string, limit: number | null): boolean =>
  limit !== null && value.length >= limit;
