/** What the LLM spans of one request share, and where each span stands. */
import type { Span, SpanContext } from "@opentelemetry/api";

import type { Exchange } from "./exchange.js";
import type { HandleKind } from "./handles.js";
import type { Output } from "./output.js";
import type { Scope } from "./scope.js";
import type { Answer } from "./sources/answer.js";

// Of more model calls in one request the first are no answer.
export const MAX_OUTPUTS = 32;

/** A local root span and the outputs made beneath it. */
export class Request {
  /** Those that may be the user's answer, in the order in which they ended. */
  readonly outputs: Output[] = [];
  delivered = false;
  exchange?: Exchange;
  optedOut = false;
  /** Whether a model was called, whose errors quote what it was given. */
  askedAModel = false;
  #places = 0;

  /**
   * @param context Trace and span id of the root span.
   * @param time Its start in whole seconds.
   * @param root Gives the root span, which lives as long as any beneath it.
   * @param parent What the root span was started under, if anything.
   */
  constructor(
    readonly context: SpanContext,
    readonly time: number,
    readonly root: () => Span | undefined,
    readonly parent: SpanContext | undefined,
  ) {}

  get sampled(): boolean {
    return (this.context.traceFlags & 1) === 1;
  }

  /** The last output that may be the user's answer. */
  get newest(): Output | undefined {
    return this.outputs[this.outputs.length - 1];
  }

  /** Accounts for an output that may be the answer. */
  made(output: Output): void {
    this.outputs.push(output);
    if (this.outputs.length > MAX_OUTPUTS) this.outputs.shift();
  }

  /** The place of the next output to end, from 1. */
  nextPlace(): number {
    return ++this.#places;
  }
}

/** What is known of one span while it lives. */
export interface SpanState {
  readonly request: Request;
  readonly parent: () => Span | undefined;
  scope?: Scope;
  /** How many parts of the response had been sent when it started. */
  readonly partsBefore: number;
  /** Its answer and question, when something in the process delivered them. */
  answer?: Answer;
  turn?: string;
  /** Set when a handle for it has left. */
  handleKind?: HandleKind;
  /** What its end made of it. */
  output?: Output;
  ended?: boolean;
}
