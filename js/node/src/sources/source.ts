/** What capture needs to know of a convention. */
import type { Answer } from "./answer.js";

export type Attributes = Readonly<Record<string, unknown>>;

/** What an instrumentation recorded on a span that is about to end. */
export interface Recorded {
  readonly attributes: Attributes;
  /** The length at which the SDK cuts attribute values, if it does. */
  readonly limit: number | null;
  /** How many attributes the SDK dropped for want of room. */
  readonly dropped: number;
}

/** A convention; each of its functions must accept whatever is on the span. */
export interface Source {
  readonly name: string;
  /** Attributes, one of which is there whenever this convention has anything to say of a span. */
  readonly markers: readonly string[];
  readonly isLlm: (span: Recorded) => boolean;
  /** The model's answer, or nothing when this convention recorded none. */
  readonly answer?: (span: Recorded) => Answer | undefined;
  /** Text of the user's last message, if it was recorded whole. */
  readonly lastUserTurn?: (span: Recorded) => string | undefined;
  /** The one attribute that `lastUserTurn` looks at, where it is one. */
  readonly asked?: string;
  readonly responseId?: (span: Recorded) => string | undefined;
  /** Name of the model, where no common attribute has it. */
  readonly model?: (span: Recorded) => string | undefined;
  /** The session, where no common attribute has it. */
  readonly sessionId?: (span: Recorded) => string | undefined;
  /** Attributes that carry text; one that ends with a dot stands for all that begin with it. */
  readonly textAttributes: readonly string[];
}

export type Mapping = Record<string, unknown>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An attribute that is a text. */
export function text(span: Recorded, name: string): string | undefined {
  const value = span.attributes[name];
  return typeof value === "string" ? value : undefined;
}
